/*
 * The answer to one request: whole with a length, or as a stream.
 *
 * Headers first, then exactly one of reply_send and reply_begin_stream. A client that vanishes cancels nothing: the
 * handler learns it by reply_watch_gone or by ERR_CLOSED from a write, and decides whether to go on.
 *
 * Memory: what is written is copied; at most the unsent limit of the server (256 KiB) is held for a stream. Headers
 * live in the request's arena until the head is written. Threads: the loop of the connection.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct op;
struct reply;

/*
 * Adds a header to the head that is still to be written; both texts are copied. Framing, Date and Connection are the
 * connection's own. A name or value that could not stand in a head (S-72) turns the answer into a 500, with a log line.
 */
void reply_header(struct reply *reply, struct slice name, struct slice value);

/*
 * The whole answer, with its length. `type` may be NO_SLICE (no Content-Type) where there is no body, as with 202.
 * The answer may be of any size: it is copied once and sent as the client takes it.
 * ERR_CLOSED: the client has gone.  ERR_MEMORY: there is no room for a copy; the client was cut off.
 */
must_use enum err reply_send(struct reply *reply, unsigned status, struct slice type, struct slice body);

/* As reply_send, for a refusal: the status of `e` and a small JSON body with its text. */
must_use enum err reply_send_err(struct reply *reply, enum err e);

/*
 * Begins an answer of unknown length. Of type text/event-stream it also gets Cache-Control: no-store and
 * X-Accel-Buffering: no. In answer to HEAD the stream ends with its head, and the client counts as gone.
 */
must_use enum err reply_begin_stream(struct reply *reply, unsigned status, struct slice type);

/* OK: there is room to write; WAIT: `op` is woken when there is; ERR_CLOSED: the client has gone. */
must_use enum err reply_room(struct reply *reply, struct op *op);

/* Writes on a stream. ERR_CLOSED: the client has gone; ERR_LIMIT: it reads too slowly and was cut off just now. */
must_use enum err reply_write(struct reply *reply, struct slice bytes);

/* Ends a stream properly. Without it, a handler that ends cuts the stream: the client sees that it is incomplete. */
must_use enum err reply_end(struct reply *reply);

bool reply_is_begun(const struct reply *reply); /* the head is written: no status can be chosen any more */
bool reply_is_gone(const struct reply *reply);  /* nobody will read what is written */

/* Always WAIT or ERR_CLOSED: `op` is woken when the client has gone. */
must_use enum err reply_watch_gone(struct reply *reply, struct op *op);
