/*
 * The answer to one request: whole with a length, or as a stream.
 *
 * Headers first, then exactly one of reply_send and reply_begin_stream. A client that vanishes cancels nothing: the
 * handler learns it by reply_watch_gone or by ERR_CLOSED from a write, and decides whether to go on.
 *
 * Nothing here touches the socket: what is written leaves when the handler has returned to the loop, all in one go.
 *
 * Memory: what is written is copied. A stream holds at most the server's limit of unsent data (256 KiB), or one event
 * that is larger. Threads: the loop of the connection.
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
 * connection's own. A name or value that could not stand in a head (S-72) fails the reply_send or reply_begin_stream.
 */
void reply_header(struct reply *reply, struct slice name, struct slice value);

/*
 * The whole answer, with its length. `type` may be NO_SLICE (no Content-Type) where there is no body, as with 202.
 * The answer may be of any size: it is copied once and sent as the client takes it.
 * ERR_CLOSED: the client has gone. ERR_INVALID: a header was refused. ERR_MEMORY: there is no room for the copy. After
 * the last two the handler may end: the client gets a 500.
 */
must_use enum err reply_send(struct reply *reply, unsigned status, struct slice type, struct slice body);

/* As reply_send, for a refusal: the status of `e` and a small JSON body with its text. */
must_use enum err reply_send_err(struct reply *reply, enum err e);

/*
 * Begins an answer of unknown length. Of type text/event-stream it also gets Cache-Control: no-store and
 * X-Accel-Buffering: no. In answer to HEAD the stream ends with its head, and the client counts as gone.
 * ERR_CLOSED: the client has gone. ERR_BUSY: too many streams, of this address or in all; nothing was sent, and the
 * handler may end with that: the client gets a 503. ERR_INVALID: a header was refused.
 */
must_use enum err reply_begin_stream(struct reply *reply, unsigned status, struct slice type);

/* OK: there is room to write; WAIT: `op` is woken when there is; ERR_CLOSED: the client has gone. */
must_use enum err reply_room(struct reply *reply, struct op *op);

/*
 * Writes on a stream. ERR_CLOSED: the client has gone; ERR_LIMIT: with these bytes more than the server's limit would be
 * unsent, so the client was cut off just now. A client that has taken all before is given an event of any size.
 */
must_use enum err reply_write(struct reply *reply, struct slice bytes);

/* Writes the answer that was awaited, which is never too much, and ends the stream. ERR_CLOSED; ERR_MEMORY. */
must_use enum err reply_write_last(struct reply *reply, struct slice bytes);

/* Ends a stream properly. Without it, a handler that ends cuts the stream: the client sees that it is incomplete. */
must_use enum err reply_end(struct reply *reply);

bool reply_is_begun(const struct reply *reply); /* the head is written: no status can be chosen any more */
bool reply_is_gone(const struct reply *reply);  /* nobody will read what is written */

/* Always WAIT or ERR_CLOSED: `op` is woken when the client has gone. */
must_use enum err reply_watch_gone(struct reply *reply, struct op *op);
