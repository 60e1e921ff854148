/*
 * Timers: an op waits until a time has passed, or gives something a deadline.
 *
 * Embedded in what waits; starting, moving and stopping one costs a few nanoseconds, so every read and write may move
 * its deadline. Waits below a second are kept to 10 ms, longer ones to 250 ms, rounded up: a timer is never early.
 *
 * A deadline reads: `if (timer_wait(&x->deadline, op) == OK) return ERR_TIMEOUT;`. One op waits for a timer.
 * Memory: none of its own; stopped before its memory goes. Threads: its loop's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "loop/op.h"
#include "loop/wheel.h"

struct timer {
    struct wheel_entry entry;
    struct slot slot; /* who waits for it */
    enum { TIMER_STOPPED, TIMER_PENDING, TIMER_EXPIRED } state;
};

void timer_init(struct timer *t);                                        /* zero bits are as good */
void timer_start(struct timer *t, struct loop *loop, uint64_t after_ms); /* again is fine: it counts from now */
void timer_stop(struct timer *t);                                        /* harmless when it is not pending */

static inline bool timer_pending(const struct timer *t) /* started, and neither expired nor stopped */
{
    return t->state == TIMER_PENDING;
}

/* WAIT until it has expired, then OK, until it is started or stopped. WAIT while it is stopped, too. */
enum err timer_wait(struct timer *t, struct op *op);
