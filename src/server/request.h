/*
 * A request as its handler sees it: complete, checked, and borrowed until the handler has ended.
 *
 * Before a handler is called the server has checked framing, Host, Origin, path and method, and has read the whole
 * body. A handler is an op: it answers through `reply` and ends. What it still needs after request_forget() it copies.
 *
 * Memory: everything hangs on the request's arena and body buffer, which the connection frees when the handler's op
 * has ended. Threads: the loop of the connection.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/slice.h"
#include "http/headers.h"

struct op;
struct reply;

struct request {
    struct slice method;     /* "GET" for HEAD too: the reply leaves the body out by itself */
    struct slice path;       /* decoded once; no dot segments, no NUL */
    struct slice query;      /* as sent, without the "?"; NO_SLICE: none */
    struct slice route_rest; /* what followed a prefix route, else empty */
    struct http_headers headers;
    struct slice body;   /* whole, at most the route's max_body_bytes */
    struct slice peer;   /* address text, for logs; lives as long as the connection */
    struct arena *arena; /* request-long memory, capped */
    uint64_t number;     /* unique per server, for logs */
    const struct clock *clock;
};

/*
 * Frees head, body and arena early: for handlers whose answer is a stream that lives long. Afterwards only peer, number
 * and clock may be read.
 */
void request_forget(struct request *request);

/*
 * A route's handler: makes an op that answers `reply`, and starts it with `waiter`. `request` and `reply` are borrowed
 * until that op has ended or was cancelled; `context` is the route's.
 *
 * Gives *ret, which stands first in a block from malloc: the connection waits for it and gives it to free(). A handler
 * that ends without an answer has failed: the client gets the status of its result (http_status_of_err), or 500.
 * OK: started. Any error: nothing was started, and its status is the answer.
 */
typedef enum err (*handler_start_fn)(void *context, struct request *request, struct reply *reply, struct op *waiter,
                                     struct op **ret);
