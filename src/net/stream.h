/*
 * A stream: bytes to and from a peer over TCP, a unix socket, a pipe or a terminal, with a bound on what lies in
 * either direction.
 *
 * Reading goes on by itself until `in_max_bytes` lie unconsumed, and again once some were consumed. Writing never
 * blocks: what the kernel does not take at once waits here, at most `out_max_bytes`. Back-pressure is one line, no room,
 * no read: `TRY(stream_room(to, op)); TRY(stream_more(from, op, 0)); TRY(stream_write(to, stream_in(from)));`
 *
 * At the same time one op may wait for the reading side (stream_more), one for the writing side (stream_room,
 * stream_flushed) and one for the end (stream_watch_end); it may be the same one. Freeing the stream wakes nobody.
 *
 *   ERR_CLOSED  the peer ended its side in order; what came before can still be read
 *   ERR_RESET   the connection broke
 *
 * From the writing end of a pipe nothing is ever read, to the reading end nothing is written (ERR_CLOSED).
 *
 * Memory: a heap block of about 1 KiB; buffers exist only while bytes lie in them. Threads: its loop's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "loop/loop.h"
#include "loop/op.h"
#include "net/address.h"

struct stream;

struct stream_options {
    size_t in_max_bytes;  /* unconsumed input at which reading stops: 1 .. */
    size_t out_max_bytes; /* unsent output: 1 .. */
    size_t out_low_bytes; /* stream_room passes when no more than this is unsent; below out_max_bytes */
};

/*
 * Gives a stream over a descriptor: a pipe (one end reads or writes), a socket that is connected, or a terminal. Takes
 * `fd`, also on failure, unless it is 0, 1 or 2 and fails. ERR_UNSUPPORTED: a file or a device, which cannot be waited
 * for; ERR_SYSTEM: not an open descriptor, or no memory in the kernel for it.
 */
must_use enum err stream_open_fd(struct loop *loop, int fd, const struct stream_options *options, struct stream **ret);

/* Takes: closes now, unsent bytes are lost. NULL is fine. Whatever waits for the stream is no longer linked to it. */
void stream_free(struct stream *s);
DEFINE_AUTO_FREE(stream)

/*
 * Takes: closes in the background, so that the last words arrive. What is unsent is flushed, given 5 s without
 * progress or 30 s in all; then our side ends and what the peer still sends is thrown away until it ends too, for at
 * most 2 s or 1 MiB, lest a reset destroys bytes under way. Of a stream on which nothing was said lately there is
 * nothing to save: stream_free does. NULL is fine. loop_free cuts this short.
 */
void stream_close(struct stream *s);

/* -- Reading -------------------------------------------------------------------------------------------------- */

/* What has arrived and was not consumed. Borrowed until the op returns from its run or anything is consumed. */
struct slice stream_in(const struct stream *s);

/* Drops the first `n` bytes of stream_in; reading goes on if it had stopped for lack of room. */
void stream_consume(struct stream *s, size_t n);

/*
 * OK when more than `than` bytes lie unconsumed, so `than` is what the caller saw already. WAIT; ERR_CLOSED, ERR_RESET:
 * no more will come (bytes beyond `than` are told first); ERR_LIMIT: in_max_bytes lie there and are not enough.
 */
must_use enum err stream_more(struct stream *s, struct op *op, size_t than);

/* -- Writing -------------------------------------------------------------------------------------------------- */

/*
 * Sends the bytes (borrowed for the call), all or none. ERR_LIMIT: `out_max_bytes` would be exceeded, nothing was
 * sent; ERR_CLOSED, ERR_RESET: nobody reads them.
 */
must_use enum err stream_write(struct stream *s, struct slice bytes);

/* How much stream_write takes now. */
size_t stream_write_max(const struct stream *s);

/* OK when at most out_low_bytes are unsent. WAIT; ERR_CLOSED, ERR_RESET. */
must_use enum err stream_room(struct stream *s, struct op *op);

/* OK when nothing is unsent. WAIT; ERR_CLOSED, ERR_RESET. */
must_use enum err stream_flushed(struct stream *s, struct op *op);

size_t stream_unsent(const struct stream *s); /* bytes the kernel has not taken */

/* When the peer last took bytes, or nothing was left to send, by loop_now_ns: for the rule of 30 s without progress. */
uint64_t stream_progress_ns(struct stream *s);

/* Ends our side: the peer sees the end of input after what is unsent, while reading goes on. Writing is over.
 * A pipe has no such half: there it only forbids writing. */
void stream_end_output(struct stream *s);

/* -- Both ----------------------------------------------------------------------------------------------------- */

/*
 * WAIT while the peer is there; ERR_CLOSED, ERR_RESET once it has gone, unread bytes or not: how one learns that a
 * client vanished while nothing is read. Input that has stopped for lack of room hides this; then each call asks the
 * kernel, so whoever has a beat learns it then. So does the writing end of a pipe.
 */
must_use enum err stream_watch_end(struct stream *s, struct op *op);

bool stream_is_broken(const struct stream *s); /* reading or writing failed; an orderly end of input is no failure */

const struct address *stream_peer(const struct stream *s); /* borrowed; ADDRESS_NONE for a pipe */
struct address stream_local(const struct stream *s);       /* our own end; ADDRESS_NONE for a pipe */
