#include "loop/signals.h"

#include <signal.h>
#include <unistd.h>

#include "loop/loop.h"
#include "support/test.h"

struct listener {
    struct op op;
    struct signals *signals;
    int heard;
};

static enum err listen_run(struct op *op)
{
    struct listener *l = container_of(op, struct listener, op);

    TRY(signals_wait(l->signals, op, &l->heard));
    loop_stop(op->loop);
    return OK;
}

static void listen_release(struct op *op)
{
    (void)op;
}

static void hear(struct listener *l, struct loop *loop)
{
    *l = (struct listener){ .op = { .run = listen_run, .release = listen_release }, .signals = l->signals };
    op_start(&l->op, loop, NULL);
    loop_run(loop);
    CHECK_OK(op_result(&l->op));
}

TEST(signals_reach_the_op_that_waits_the_most_urgent_first)
{
    struct loop *loop = NULL;
    struct listener l = { 0 };

    CHECK_OK(loop_new(1, &loop));
    CHECK_OK(signals_new(loop, &l.signals));
    CHECK(raise(SIGHUP) == 0);
    hear(&l, loop);
    CHECK_EQ(l.heard, SIGHUP);

    CHECK(raise(SIGINT) == 0);
    CHECK(raise(SIGTERM) == 0);
    CHECK(raise(SIGTERM) == 0); /* remembered once */
    hear(&l, loop);
    CHECK_EQ(l.heard, SIGTERM);
    hear(&l, loop);
    CHECK_EQ(l.heard, SIGINT);

    int none = 0;
    op_start(&l.op, loop, NULL);
    CHECK_ERR(signals_wait(l.signals, &l.op, &none), WAIT);
    op_cancel(&l.op); /* cancelled while it waits */
    CHECK(raise(SIGHUP) == 0);
    loop_turn(loop);
    signals_free(l.signals);
    loop_free(loop);
}

TEST(receivers_may_be_freed_while_somebody_waits)
{
    struct loop *loop = NULL;
    struct listener l = { .op = { .run = listen_run, .release = listen_release } };

    CHECK_OK(loop_new(1, &loop));
    CHECK_OK(signals_new(loop, &l.signals));
    op_start(&l.op, loop, NULL);
    loop_turn(loop);
    signals_free(l.signals);
    op_cancel(&l.op);
    loop_free(loop);
}

TEST(a_pipe_without_a_reader_is_an_error_and_not_our_end)
{
    int ends[2];

    signals_ignore_pipe();
    CHECK(pipe(ends) == 0);
    CHECK(close(ends[0]) == 0);
    CHECK_EQ(write(ends[1], "x", 1), -1);
    CHECK(close(ends[1]) == 0);
}
