/*
 * A listener: an address on which peers may connect, handing out a stream for each.
 *
 * While nobody accepts, at most 64 connections wait here and the rest in the kernel. When the process has no descriptor
 * left, a spare one is used to accept and close, so that the peer is told and the loop does not spin (S-103).
 * Stopping to accept is freeing the listener; streams it gave live on. Threads: its loop's.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "loop/loop.h"
#include "loop/op.h"
#include "net/address.h"
#include "net/stream.h"

struct listener;

struct listener_options {
    int backlog;                  /* connections the kernel holds: 1 .. */
    bool reuse_port;              /* several listeners, one per loop, share a TCP address */
    struct stream_options stream; /* of the streams that are accepted */
};

/*
 * Gives a listener. TCP port 0 picks a free one; `[::]` takes IPv4 too. A unix socket is made 0600; one that exists is
 * replaced if nobody answers on it, and ours is unlinked when it is freed.
 *
 *   ERR_ADDRESS_IN_USE  somebody listens there, or the path is something else than a socket
 *   ERR_PERMISSION      a low port or a folder that is not ours
 *   ERR_INVALID         the address is none of this machine, or an option is out of range
 *   ERR_SYSTEM          anything else the system refuses
 */
must_use enum err listener_new(struct loop *loop, const struct address *address, const struct listener_options *options,
                               struct listener **ret);
void listener_free(struct listener *l); /* takes; NULL is fine; connections that nobody accepted are closed */
DEFINE_AUTO_FREE(listener)

/* Gives the next stream, already reading. WAIT until there is one; no other result. One op waits. */
must_use enum err listener_accept(struct listener *l, struct op *op, struct stream **ret);

const struct address *listener_address(const struct listener *l); /* borrowed; with the real port */

uint64_t listener_n_refused(const struct listener *l); /* connections closed for lack of descriptors, so far */
