/*
 * The GET stream of a legacy client: what its upstream session says outside of calls, as server-sent events.
 *
 * Of several streams of one session one is served, the others stay open and quiet until it ends (T-26: no broadcast).
 * A quiet stream gets a comment as a sign of life. Questions that belong to no call go here too.
 *
 * Memory: one block per stream; it holds its session. Threads: one loop.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"

struct endpoint;
struct list;
struct op;
struct reply;
struct request;
struct session;

/* Gives the op that serves the stream, started with `waiter`. Takes the hold on `session`. */
struct op *listen_start(struct endpoint *endpoint, struct session *session, struct request *request,
                        struct reply *reply, struct op *waiter);

void listen_wake_all(struct list *streams); /* of the gateway: each looks at once whether it must end */
