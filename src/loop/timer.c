#include "loop/timer.h"

#include "base/num.h"
#include "loop/loop_internal.h"
#include "loop/timer_internal.h"

void timer_init(struct timer *t)
{
    *t = (struct timer){ 0 };
}

void timer_start(struct timer *t, struct loop *loop, uint64_t after_ms)
{
    timer_stop(t);
    t->state = TIMER_PENDING;
    wheel_add(&loop->wheel, &t->entry, loop_now_ns(loop), min_u64(after_ms, UINT64_MAX / NS_PER_MS) * NS_PER_MS);
}

void timer_stop(struct timer *t)
{
    if (t->state == TIMER_PENDING)
        wheel_remove(&t->entry);
    t->state = TIMER_STOPPED;
}

enum err timer_wait(struct timer *t, struct op *op)
{
    return t->state == TIMER_EXPIRED ? OK : op_wait(op, &t->slot);
}

void timer_expire(struct wheel_entry *entry)
{
    struct timer *t = container_of(entry, struct timer, entry);

    t->state = TIMER_EXPIRED;
    slot_wake(&t->slot);
}
