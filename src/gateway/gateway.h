/*
 * The gateway: endpoints in front, upstreams behind, and the calls between them (design 5).
 *
 *     server/ ── http_front ──┐                                       ┌── upstream kit
 *                             ├── call ── exchange ── endpoint's ─────┼── upstream stdio
 *     stdin ─── stdio_front ──┘     │                 upstream        └── upstream http
 *                                session (legacy clients)
 *
 * Memory: sessions are bounded by `max_sessions`; each call by the limits of the server in front. Threads: one loop.
 */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "json/json.h"

struct gateway;
struct keyring;
struct log;
struct loop;
struct route;
struct upstream;

struct gateway_options {
    struct loop *loop;             /* borrowed, as are the next two */
    struct log *log;               /* may be NULL */
    const struct keyring *keyring; /* seals session ids and request states; NULL: one that dies with the gateway */
    struct json_limits json;       /* of what clients send */
    unsigned max_sessions;         /* of legacy clients, in memory */
    unsigned max_sessions_per_principal;
    uint64_t session_idle_ms; /* after which the memory behind a session id is freed, not the id (decision 3) */
    uint64_t call_idle_ms;    /* without progress from the upstream */
    uint64_t call_total_ms;   /* whatever the upstream says */
    uint64_t question_ms;     /* for a client to answer a question */
    uint64_t heartbeat_ms;    /* between signs of life on a quiet stream */
    size_t queue_bytes;       /* of unread events of one exchange */
};

#define GATEWAY_DEFAULTS                                                                                               \
    .json = JSON_LIMITS_MCP, .max_sessions = 10000, .max_sessions_per_principal = 10000,                               \
    .session_idle_ms = 30 * 60 * 1000, .call_idle_ms = 60 * 1000, .call_total_ms = 10 * 60 * 1000,                     \
    .question_ms = 10 * 60 * 1000, .heartbeat_ms = 15 * 1000, .queue_bytes = 256 * 1024

must_use enum err gateway_new(const struct gateway_options *options, struct gateway **ret);
void gateway_free(struct gateway *g); /* takes; all calls have ended; NULL is fine */
DEFINE_AUTO_FREE(gateway)

/* Offers `upstream` (taken) at `path`, such as "/mcp". ERR_DUPLICATE: something is offered there already. */
must_use enum err gateway_add(struct gateway *g, struct slice path, struct upstream *upstream);

/*
 * The routes of all endpoints, each with and without a slash at its end (S-76), for server_new. Gives their number, of
 * which at most `max` are written. They borrow from the gateway.
 */
size_t gateway_routes(const struct gateway *g, size_t max_body_bytes, struct route *routes, size_t max);

/* The path of the endpoint after *at, which begins as 0; NO_SLICE: there is no other. */
struct slice gateway_next_path(const struct gateway *g, size_t *at);

/* Long streams end with their last word; nothing new is listened to. Running calls go on. */
void gateway_drain(struct gateway *g);
