#include "loop/timer.h"

#include "loop/loop.h"
#include "support/test.h"

struct sleeper {
    struct op op;
    struct timer timer;
    unsigned n_runs;
};

static enum err sleep_run(struct op *op)
{
    struct sleeper *s = container_of(op, struct sleeper, op);

    s->n_runs++;
    return timer_wait(&s->timer, op);
}

static void sleep_release(struct op *op)
{
    timer_stop(&container_of(op, struct sleeper, op)->timer);
}

static struct loop *start(struct sleeper *s, uint64_t after_ms)
{
    struct loop *loop = NULL;

    CHECK_OK(loop_new(1, &loop));
    *s = (struct sleeper){ .op = { .run = sleep_run, .release = sleep_release } };
    timer_init(&s->timer);
    if (after_ms > 0)
        timer_start(&s->timer, loop, after_ms);
    op_start(&s->op, loop, NULL);
    loop_turn(loop);
    return loop;
}

TEST(an_op_wakes_when_its_timer_expires_and_not_before)
{
    struct sleeper s;
    struct loop *loop = start(&s, 60000);

    CHECK(timer_pending(&s.timer));
    loop_skip_ns(loop, 59 * NS_PER_S);
    loop_turn(loop);
    CHECK_EQ(s.n_runs, 1);
    loop_skip_ns(loop, NS_PER_S + NS_PER_S / 4);
    loop_turn(loop);
    CHECK_EQ(s.n_runs, 2);
    CHECK(!timer_pending(&s.timer));
    CHECK_OK(op_result(&s.op));
    loop_free(loop);
}

TEST(a_timer_that_is_moved_counts_from_now)
{
    struct sleeper s;
    struct loop *loop = start(&s, 60000);

    loop_skip_ns(loop, 59 * NS_PER_S);
    timer_start(&s.timer, loop, 60000);
    loop_skip_ns(loop, 59 * NS_PER_S);
    loop_turn(loop);
    CHECK_EQ(s.n_runs, 1);
    loop_skip_ns(loop, 2 * NS_PER_S);
    loop_turn(loop);
    CHECK_OK(op_result(&s.op));
    loop_free(loop);
}

TEST(a_stopped_timer_wakes_nobody_until_it_is_started)
{
    struct sleeper s;
    struct loop *loop = start(&s, 0);

    op_wake(&s.op); /* a hint is no expiry */
    loop_turn(loop);
    CHECK_EQ(s.n_runs, 2);
    timer_start(&s.timer, loop, 10);
    timer_stop(&s.timer);
    timer_stop(&s.timer);
    loop_skip_ns(loop, 100 * NS_PER_S);
    loop_turn(loop);
    CHECK_EQ(s.n_runs, 2);
    timer_start(&s.timer, loop, 10);
    loop_skip_ns(loop, 20 * NS_PER_MS);
    loop_turn(loop);
    CHECK_OK(op_result(&s.op));
    loop_free(loop);
}

TEST(an_op_cancelled_while_its_timer_is_pending_leaves_nothing_behind)
{
    struct sleeper s;
    struct loop *loop = start(&s, 100);

    op_cancel(&s.op);
    CHECK(!timer_pending(&s.timer));
    loop_skip_ns(loop, NS_PER_S);
    loop_turn(loop);
    CHECK_EQ(s.n_runs, 1);
    loop_free(loop);
}

struct stopper {
    struct op op;
    struct timer timer;
};

static void stop_release(struct op *op)
{
    timer_stop(&container_of(op, struct stopper, op)->timer);
}

static enum err stop_run(struct op *op)
{
    struct stopper *s = container_of(op, struct stopper, op);

    TRY(timer_wait(&s->timer, op));
    loop_stop(op->loop);
    return OK;
}

TEST(the_alarm_ends_the_wait_of_a_loop_that_runs)
{
    struct stopper s = { .op = { .run = stop_run, .release = stop_release } };
    struct loop *loop = NULL;

    CHECK_OK(loop_new(1, &loop));
    uint64_t began_ns = loop_now_ns(loop);
    timer_start(&s.timer, loop, 20);
    op_start(&s.op, loop, NULL);
    loop_run(loop);
    uint64_t took_ns = loop_clock(loop)->mono_ns - began_ns;
    CHECK(took_ns >= 20 * NS_PER_MS);
    CHECK_OK(op_result(&s.op));
    loop_free(loop);
}
