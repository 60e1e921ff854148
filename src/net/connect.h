/*
 * Connecting: from a host and port, or the path of a unix socket, to a stream.
 *
 * An op that resolves the name (on libuv's threads) and tries its addresses one after the other, each for its share of
 * the time. `localhost` is 127.0.0.1 and then ::1, without a name server (RFC 6761 s6.3).
 *
 *     x->connect = connect_start(op->loop, &options, op);
 *     TRY(connect_result(x->connect, &x->stream));      in the next state
 *     connect_free(TAKE(x->connect));                   in release(), whatever the state
 *
 * Memory: one block. A lookup that is under way when it is freed ends later by itself; loop_free waits for that.
 * Threads: its loop's.
 */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "loop/op.h"
#include "net/address.h"
#include "net/stream.h"

#define CONNECT_MAX_ADDRESSES 16u /* of a name; the rest is not tried */

struct connect;

struct connect_options {
    struct slice host; /* a name or an IP literal without brackets; copied */
    uint16_t port;
    struct slice unix_path; /* instead of host and port, if not empty; copied */
    uint32_t timeout_ms;    /* for everything together: 1 .. */
    struct stream_options stream;

    /* Asked for each address before it is tried: OK or the error to fail with. NULL: all are fine. */
    enum err (*check)(const struct address *address);
};

struct connect *connect_start(struct loop *loop, const struct connect_options *options, struct op *waiter); /* gives */

/*
 * WAIT until it is done. OK: gives the stream, already reading, once. ERR_RESOLVE: no such name; ERR_CONNECT: nobody
 * listens at any of its addresses; ERR_TIMEOUT; what `check` said of the last address.
 */
must_use enum err connect_result(struct connect *c, struct stream **ret);
void connect_free(struct connect *c); /* takes; NULL is fine; in whatever state */
DEFINE_AUTO_FREE(connect)
