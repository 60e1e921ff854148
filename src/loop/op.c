#include "loop/op.h"

#include "base/check.h"
#include "loop/loop_internal.h"

void op_start(struct op *op, struct loop *loop, struct op *waiter)
{
    CHECK(!op->active);
    op->loop = loop;
    op->waiter = waiter;
    op->link = NULL;
    op->slots = NULL;
    op->result = WAIT;
    op->active = true;
    op->doomed = false;
    op_wake(op);
}

void op_wake(struct op *op)
{
    if (!op->active || op->link != NULL)
        return;

    op->next = NULL;
    op->link = op->loop->last;
    *op->link = op;
    op->loop->last = &op->next;
}

static void unqueue(struct op *op)
{
    *op->link = op->next;
    if (op->next != NULL)
        op->next->link = op->link;
    else
        op->loop->last = op->link;
    op->link = NULL;
}

/* Is `op` the one that is running, or does it wait for that one, directly or through others? */
static bool is_above_the_running(const struct op *op)
{
    for (const struct op *o = op->loop->running; o != NULL; o = o->waiter)
        if (o == op)
            return true;
    return false;
}

void op_cancel(struct op *op)
{
    if (!op->active)
        return;
    if (is_above_the_running(op)) {
        op->doomed = true;
        return;
    }

    if (op->link != NULL)
        unqueue(op);
    while (op->slots != NULL)
        slot_clear(op->slots);
    op->active = false;
    op->release(op); /* its last act: a root may free itself there, so the op is not touched again */
}

/* Of the running op and all that wait for it, the outermost that was cancelled during the run. */
static struct op *find_doomed(struct op *op)
{
    struct op *outermost = NULL;

    for (; op != NULL; op = op->waiter)
        if (op->doomed)
            outermost = op;
    return outermost;
}

void loop_run_one(struct loop *loop)
{
    struct op *op = loop->first;

    if (op == NULL)
        return;
    unqueue(op);

    loop->running = op;
    enum err result = op->run(op);
    loop->running = NULL;

    struct op *doomed = find_doomed(op);
    if (doomed != NULL) {
        op_cancel(doomed); /* its release() ends everything below it, the op that ran included */
        return;
    }
    if (result == WAIT)
        return;

    struct op *waiter = op->waiter;
    op->result = result;
    op_cancel(op);
    if (waiter != NULL)
        op_wake(waiter);
}

enum err op_wait(struct op *op, struct slot *slot)
{
    if (slot->op == op)
        return WAIT;
    CHECK(slot->op == NULL && op->active);

    slot->op = op;
    slot->next = op->slots;
    slot->link = &op->slots;
    if (slot->next != NULL)
        slot->next->link = &slot->next;
    op->slots = slot;
    return WAIT;
}

void slot_clear(struct slot *slot)
{
    if (slot->op == NULL)
        return;
    *slot->link = slot->next;
    if (slot->next != NULL)
        slot->next->link = slot->link;
    *slot = (struct slot){ 0 };
}

void slot_wake(struct slot *slot)
{
    struct op *op = slot->op;

    slot_clear(slot);
    if (op != NULL)
        op_wake(op);
}
