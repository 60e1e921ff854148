/*
 * The HTTP server: listeners, the connections they bring, the table of routes, and draining.
 *
 * Every request is checked for Host (421) and Origin (403) before its path is looked at; then route (404), method
 * (405), body, handler. HTTP/1.1 with keep-alive and pipelining: one request of a connection at a time.
 *
 * Memory: an idle connection costs its struct and the socket; all buffers come and go with requests. Threads: one loop
 * owns the server, its listeners and its connections; for more loops make more servers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "http/host.h"
#include "net/stream.h"
#include "server/request.h"

struct listener;
struct log;
struct loop;
struct server;

enum route_flags {
    ROUTE_GET = 1 << 0, /* and HEAD */
    ROUTE_POST = 1 << 1,
    ROUTE_PUT = 1 << 2,
    ROUTE_DELETE = 1 << 3,
    ROUTE_PREFIX = 1 << 8, /* also everything below `path`, which then ends in "/" */
};

struct route {
    struct slice path; /* "/mcp" serves "/mcp" only; the longest prefix wins, an exact path before any prefix */
    unsigned flags;
    size_t max_body_bytes;
    handler_start_fn start;
    void *context; /* borrowed, handed to `start` */
};

/* Zero takes the default. */
struct server_limits {
    size_t request_line_bytes;     /* 8 KiB: 414 */
    size_t header_block_bytes;     /* 32 KiB: 431 */
    size_t header_fields;          /* 100: 431 */
    size_t arena_bytes;            /* 256 KiB of request-long memory */
    size_t unsent_bytes;           /* 256 KiB: a stream with more unsent data is cut */
    uint64_t head_ms;              /* 10 s for a request head: 408 */
    uint64_t idle_ms;              /* 60 s between requests: closed silently */
    uint64_t body_grace_ms;        /* 5 s before the minimum rate of a body counts */
    uint64_t body_bytes_per_s;     /* 1 KiB/s: 408 */
    uint64_t stalled_ms;           /* 30 s without the client taking a byte that waits for it: closed */
    unsigned connections;          /* 10000 at once: 503 */
    unsigned connections_per_peer; /* 512 of one address at once: 503 */
    unsigned streams;              /* 8000 answers under way as streams: 503 */
    unsigned streams_per_peer;     /* 256 of one address: 503 */
};

struct server_options {
    struct server_limits limits;
    struct host_rules hosts;    /* borrowed texts: outlive the server */
    const struct route *routes; /* borrowed */
    size_t n_routes;
    struct slice server_name; /* the Server header; NO_SLICE: none */
};

struct server_stats {
    unsigned connections; /* open now */
    unsigned streams;     /* of them, answering by a stream */
    uint64_t requests;    /* handed to handlers since the start */
    uint64_t refused;     /* answered by the server itself since the start */
};

/* How the streams of a listener for this server are to be bounded. */
struct stream_options server_stream_options(const struct server_limits *limits);

/* Gives a server; borrows loop, log and what the options point to. ERR_INVALID: a route's path is malformed or twice. */
must_use enum err server_new(struct loop *loop, struct log *log, const struct server_options *options,
                             struct server **ret);
void server_free(struct server *server); /* takes it, not from inside a handler; cuts whatever is still open */
DEFINE_AUTO_FREE(server)

/* Accepts from `listener` from now on; takes it. Loopback names are good Hosts where it is loopback or unix (S-49). */
void server_listen(struct server *server, struct listener *listener);

/*
 * Stops accepting, closes idle connections, puts "Connection: close" on all answers to come, and after `deadline_ms`
 * cancels the handlers that are left and cuts their connections.
 */
void server_drain(struct server *server, uint64_t deadline_ms);

/* OK: no connection is left after server_drain; WAIT: `op` is woken then. */
must_use enum err server_drained(struct server *server, struct op *op);

struct server_stats server_stats(const struct server *server);
