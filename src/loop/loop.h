/*
 * A loop: one thread that waits for the world (libuv) and runs the ops that are ready, in turns.
 *
 * A turn is: libuv's callbacks, which only note what happened and wake ops; then the ops, in the order in which they
 * were woken, at most TURN_RUNS of them before the world is looked at again. The clock is read once per turn.
 *
 * Memory: about 12 KiB. Threads: everything here is called on the thread that runs the loop (before loop_run and after
 * it: on the thread that made it). From other threads there is loop/inbox.h. Nothing is global: a process may have
 * several loops, each on its own thread.
 */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/list.h"

struct loop;
struct uv_loop_s;

/* Gives a loop. `number` tells it from the other loops of the process. ERR_SYSTEM: no descriptors left for it. */
must_use enum err loop_new(unsigned number, struct loop **ret);

/*
 * Takes the loop; NULL is fine. Whoever uses it has gone before: no op is active, no stream or other handle open, no
 * work outstanding (else: abort). Orphans are ended; unread messages are discarded.
 */
void loop_free(struct loop *loop);
DEFINE_AUTO_FREE(loop)

void loop_run(struct loop *loop);  /* takes turns until loop_stop */
void loop_stop(struct loop *loop); /* ends loop_run after this turn, or the next loop_run at once */
void loop_turn(struct loop *loop); /* one turn that does not wait for the world: for tests and for the last moments */

unsigned loop_number(const struct loop *loop);
struct uv_loop_s *loop_uv(struct loop *loop); /* for folders that open handles; its `data` is the loop */

/* Borrowed as long as the loop lives. Whoever runs in an op reads this turn's time there. */
const struct clock *loop_clock(const struct loop *loop);

/* The monotonic time, for libuv callbacks: the first of a turn brings the clock up to date after the wait. */
uint64_t loop_now_ns(struct loop *loop);

/* Moves the loop's monotonic clock ahead, so that a test need not wait; what thereby expires does so next turn. */
void loop_skip_ns(struct loop *loop, uint64_t ns);

/*
 * Things that finish by themselves after their owner let go of them (a stream that still flushes) join the loop's
 * orphans, so that loop_free finds them: it calls end(), which leaves the list and frees, now.
 */
struct orphan {
    struct list link;
    void (*end)(struct orphan *orphan);
};

void loop_adopt(struct loop *loop, struct orphan *orphan); /* borrows until orphan_leave */
void orphan_leave(struct orphan *orphan);
