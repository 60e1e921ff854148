/*
 * The front edge over stdio: one client on a pair of pipes, of either era or both at once (requirements I, eras 2).
 *
 * Lines in, lines out. The legacy session is the connection itself. At the end of input subscriptions end, what runs may
 * finish for a moment, then the edge's op ends.
 *
 * Memory: at most STDIO_CALLS_MAX calls at once. Threads: one loop.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct gateway;
struct op;
struct stdio_front;
struct stream;

#define STDIO_CALLS_MAX 256u

/*
 * Serves the endpoint at `path`; takes both streams; `out` takes more than OUTLET_MESSAGE_MAX when it is empty. Its op is started with `waiter`; it ends with OK at the end of
 * input and with an error when the client no longer reads.
 */
must_use enum err stdio_front_new(struct gateway *g, struct slice path, struct stream *in, struct stream *out,
                                  struct op *waiter, struct stdio_front **ret);
enum err stdio_front_result(const struct stdio_front *f); /* WAIT while it serves */
void stdio_front_free(struct stdio_front *f);             /* takes; cancels what runs; NULL is fine */
