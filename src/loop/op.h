/*
 * An operation: something that takes more than one turn of the loop, written as one struct and one function.
 *
 * run() goes as far as it can without blocking. It returns WAIT, having asked somebody to wake the op, or its final
 * result. Only the loop calls run(), so nothing you call can call you back. A wake is a hint: run() asks again.
 *
 * Memory: an op is embedded in the struct that is its context; whoever owns that struct owns the op and frees it, after
 * the op has finished or was cancelled. release() gives back what the op holds, cancels what it started, and frees
 * neither itself nor its waiter. The one exception is a root, an op without a waiter: nobody is there to free it, so it
 * frees itself as the last act of its release(). Before op_start the struct is all zero, except `run` and `release`.
 *
 * Threads: an op lives and dies on its loop. Only work items (loop/work.h) and messages (loop/inbox.h) visit other
 * threads.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

struct loop;
struct op;
struct slot;

struct op {
    enum err (*run)(struct op *op);
    void (*release)(struct op *op);
    struct loop *loop;
    struct op *waiter;  /* woken when the result is in; may be NULL */
    struct op *next;    /* in the ready queue */
    struct op **link;   /* what points at us there; NULL: not queued */
    struct slot *slots; /* what we wait for */
    enum err result;
    bool active; /* started, and neither finished nor cancelled */
    bool doomed; /* cancelled from inside the run that is under way: ends when it returns */
};

/* What can be waited for holds a slot. It links the one op that waits, and is emptied when that op ends or is woken. */
struct slot {
    struct op *op;      /* who waits; NULL: nobody */
    struct slot *next;  /* among the op's slots */
    struct slot **link; /* what points at us there */
};

/* Its first run comes with the next turn, or later in the drain under way. The op must not be active. */
void op_start(struct op *op, struct loop *loop, struct op *waiter);

/* Queues the op for a run; harmless when it is queued or has ended. */
void op_wake(struct op *op);

/*
 * Ends the op in whatever state it is: release() is called, and no run and no wake of its waiter follows; its result
 * stays WAIT. Harmless when it has ended.
 *
 * From inside the run of the op itself, or of one that it waits for (found by following the waiters), it is only marked
 * and this returns at once: release() follows when that run has returned, whatever it returned. Until then the op is
 * active and its memory in use; so who may be inside (a callee, the op itself) does not free it after this call, but
 * leaves that to release() of a root. Everybody else may free it right away. (An op started without a waiter has nobody
 * above it: if it is embedded in something all the same, its run must not end that thing.)
 */
void op_cancel(struct op *op);

static inline enum err op_result(const struct op *op) /* WAIT until it has finished; WAIT for ever once cancelled */
{
    return op->result;
}

static inline bool op_is_active(const struct op *op)
{
    return op->active;
}

/* Links `op` into the slot and gives WAIT, always. Harmless when it is there; nobody else may be (that is a bug). */
enum err op_wait(struct op *op, struct slot *slot);

void slot_wake(struct slot *slot);  /* empties the slot and wakes who waited, if anybody did */
void slot_clear(struct slot *slot); /* empties the slot and wakes nobody: for an op that waits no longer */
