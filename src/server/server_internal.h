/*
 * What the files of the server share: the server itself, its connections, and the reply inside of each.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/map.h"
#include "http/h1.h"
#include "loop/loop.h"
#include "loop/op.h"
#include "loop/timer.h"
#include "net/listener.h"
#include "net/stream.h"
#include "server/reply.h"
#include "server/server.h"

struct drain;

struct server {
    struct loop *loop;
    struct log *log;
    struct server_options options;
    struct h1_limits h1_limits;
    struct list acceptors;
    struct list conns;
    struct map peers; /* struct peer by the bytes of its IP address */
    struct server_stats stats;
    struct drain *drain; /* owned while the deadline runs */
    bool is_draining;
    struct slot drained; /* who waits for the last connection */
    uint64_t last_number;
    struct buf date; /* the Date line of `date_at_s`: the same for all answers of a second */
    int64_t date_at_s;
};

/* What one address has open, as long as it has anything open. */
struct peer {
    char ip[16]; /* the key, with its length */
    size_t ip_len;
    unsigned n_connections;
    unsigned n_streams;
};

struct conn;

struct reply {
    struct conn *conn;
    struct buf headers; /* lines, until the head is written */
    struct buf out;     /* what the stream has not taken yet, */
    size_t n_out_sent;  /* but for these first bytes of it */
    struct slot room;
    struct slot gone;
    bool is_begun;
    bool is_ended;
    bool is_gone;
    bool is_stream;
    bool is_chunked;
    bool is_spoilt; /* a header was refused */
    bool has_parts; /* of a stream something was written */
};

struct conn {
    struct op op; /* a root: frees itself */
    struct list link;
    struct server *server;
    struct stream *stream; /* owned; NULL once the client has gone */
    struct peer *peer;     /* NULL: a unix socket */
    struct slice peer_text;
    bool is_local;
    bool is_counted; /* in the limits; not when it was refused for them */
    enum conn_state {
        CONN_HEAD,   /* between requests, or reading a head */
        CONN_BODY,   /* reading a body */
        CONN_HANDLE, /* a handler is at work */
        CONN_FLUSH,  /* the answer is on its way */
        CONN_CLOSE,  /* the last answer is on its way */
    } state;
    struct timer timer;
    struct h1 h1;
    struct h1_request head;
    struct h1_body body_reader;
    struct buf body;
    size_t n_body_seen; /* bytes of the body at the last look at its rate */
    struct arena arena;
    const struct route *route;
    struct request request;
    struct reply reply;
    struct op *handler; /* owned while it runs */
    bool is_head_request;
    bool must_close; /* after this answer */
};

/* Gives the stream to a new connection, or refuses it when there are too many. */
void conn_start(struct server *server, struct stream *stream, bool is_local);

/* The client has gone, or is cut off: frees the stream and wakes whom it concerns. */
void conn_lose_client(struct conn *conn);

/* Has the client taken so much that a stream may go on? */
bool reply_has_room(const struct reply *reply);

void reply_init(struct reply *reply, struct conn *conn);
void reply_done(struct reply *reply);

/* The best route for the path; *ret_rest is what a prefix left over. NULL: none. */
const struct route *route_find(const struct server_options *options, struct slice path, struct slice *ret_rest);
must_use enum err route_check_all(const struct server_options *options);
bool route_allows(const struct route *route, struct slice method); /* HEAD where GET is */
void route_put_methods(const struct route *route, struct buf *to); /* for Allow: "GET, HEAD, POST" */

/* Counts one more stream of the connection's client. ERR_BUSY: too many, of this address or in all. */
must_use enum err server_add_stream(struct conn *conn);
void server_drop_stream(struct conn *conn);

/* Lists the connection. ERR_BUSY: listed, but it is one too many, of this address or in all. */
must_use enum err server_add_conn(struct conn *conn);
void server_drop_conn(struct conn *conn);

struct slice server_date(struct server *server); /* the Date line of now, with its line end */
