/*
 * A client of one HTTP/1.1 server: requests over a pool of connections that are kept alive between them.
 *
 *     x->call = client_send(client, &request);           copies the request
 *     TRY(client_head(x->call, op, &response));          in the next state
 *     TRY(client_body(x->call, op, &part));              again and again, until the part is empty
 *     client_call_free(TAKE(x->call));                   in release(), whatever the state
 *
 * A request is sent once: a connection that had been idle is looked at before it is used, and one that breaks all the
 * same loses its request, for nobody knows whether the server has begun to work on it (U-31). A call that is freed before
 * its body has ended closes its connection, which tells the server that nobody waits.
 *
 * Memory: a call holds its request until it is sent, and a head; bodies stay in the stream, at most CLIENT_IN_BYTES.
 * Threads: one loop's.
 */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "http/h1_response.h"
#include "loop/op.h"

struct client;
struct client_call;
struct loop;

#define CLIENT_IN_BYTES (64u * 1024) /* of a body, unread */

struct client_options {
    struct slice host; /* a name or an IP literal without brackets; copied, as is the next */
    struct slice unix_path;
    uint16_t port;
    unsigned max_connections; /* in use and idle together; 0: 1024 */
    unsigned max_idle;        /* 0: 64 */
    uint32_t idle_ms;         /* how long one is kept idle; 0: 4 s, less than servers are wont to keep theirs */
    uint32_t connect_ms;      /* 0: 10 s */
    size_t max_request_bytes; /* head and body; 0: 8 MiB */
};

/* All borrowed for client_send. */
struct client_request {
    struct slice method;
    struct slice target;
    struct slice headers; /* written with h1_write_header: all but Content-Length, Host among them */
    struct slice body;    /* NO_SLICE: none, and no Content-Length */
};

struct client *client_new(const struct client_options *options, struct loop *loop); /* gives; connects to nobody yet */
void client_free(struct client *c); /* takes; all calls were freed before; NULL is fine */
DEFINE_AUTO_FREE(client)

/* Gives a call. What is wrong with the request is told by client_head. */
struct client_call *client_send(struct client *c, const struct client_request *request);

/* Takes; NULL is fine. The connection goes back to the pool if the answer was read to its end, and else is closed. */
void client_call_free(struct client_call *call);
DEFINE_AUTO_FREE(client_call)

/*
 * The head of the answer; borrowed as long as the call lives. Always the same op asks.
 *
 *   WAIT          it has not come; `op` will be woken
 *   ERR_BUSY      all connections are in use
 *   ERR_INVALID   method, target or headers cannot be sent; ERR_LIMIT: the request is larger than allowed
 *   ERR_CONNECT, ERR_RESOLVE, ERR_TIMEOUT    there is no connection: the server has seen nothing
 *   ERR_CLOSED, ERR_RESET                    it broke before the answer
 *   ERR_PROTOCOL, ERR_LIMIT                  no answer that can be trusted, or too large a head
 */
must_use enum err client_head(struct client_call *call, struct op *op, const struct h1_response **ret);

/*
 * The next part of the body, borrowed until the next call; an empty one is the end. Errors: as above, for the body.
 */
must_use enum err client_body(struct client_call *call, struct op *op, struct slice *ret_part);
