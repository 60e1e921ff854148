/*
 * Work: what blocks or burns (signatures, password hashes, the store) runs on threads of its own, in lanes.
 *
 * A lane is a bounded queue with its own threads; apart from one another so that slow work of one kind does not hold up
 * another kind. A work item is embedded in a heap struct that owns all that run() reads: the op that asked may be gone
 * before a thread comes to it. Results cross back through the inbox of the loop, never blocking it.
 *
 *     TRY(work_submit(lane, op->loop, &hash->work)); x->work = &hash->work;    ours until work_drop
 *     TRY(work_result(x->work, op));      in the next state; what run() wrote is readable from here on
 *     work_drop(TAKE(x->work));           in release(), whatever the state
 *
 * Threads: lane_new and lane_free on one; the rest on the loop given to work_submit; run() on a thread of the lane.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/list.h"
#include "loop/inbox.h"
#include "loop/op.h"

struct lane;
struct work;

struct lane_options {
    const char *name;    /* of its threads, up to 15 bytes; borrowed for the call */
    unsigned n_threads;  /* 1 .. 64 */
    unsigned max_queued; /* items that wait for a thread: 1 .. 65536 */
};

struct work {
    void (*run)(struct work *work);  /* does it; stores OK or an error in work->result */
    void (*free)(struct work *work); /* frees the struct around it; on the loop's thread or the lane's, once */
    enum err result;

    /* The lane's own. */
    struct message message;
    struct list link;
    struct lane *lane;
    struct loop *loop;
    struct slot slot;
    int state;    /* guarded by the lane's lock, as is the next */
    bool dropped; /* nobody wants it any more */
    bool seen;    /* the loop's thread knows that it ran */
};

/* Gives a lane with its threads running. ERR_INVALID: an option is out of range; ERR_SYSTEM: no threads to be had. */
must_use enum err lane_new(const struct lane_options *options, struct lane **ret);

/* Takes; NULL is fine. What a thread has is finished first, what is queued ends with ERR_CANCELLED. */
void lane_free(struct lane *lane);
DEFINE_AUTO_FREE(lane)

/*
 * Queues the item, whose `run` and `free` are set and the rest zero. OK: it stays valid, for this loop only, until
 * work_drop. ERR_BUSY: the queue is full; the item has been freed.
 */
must_use enum err work_submit(struct lane *lane, struct loop *loop, struct work *work);

/* WAIT until it ran; then what run() stored: OK or an error. One op waits. */
must_use enum err work_result(struct work *work, struct op *op);

/* Takes the item; NULL is fine. It is freed now, or, when a thread has it, as soon as that has ended. */
void work_drop(struct work *work);
