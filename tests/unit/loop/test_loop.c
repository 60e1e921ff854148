#include "loop/loop.h"

#include <pthread.h>

#include "loop/inbox.h"
#include "loop/op.h"
#include "support/test.h"

struct counter {
    struct op op;
    unsigned n_runs;
    unsigned max;
    struct counter *other; /* woken in every run, if there is one */
};

static enum err count_run(struct op *op)
{
    struct counter *c = container_of(op, struct counter, op);

    if (++c->n_runs == c->max) {
        loop_stop(op->loop);
        return OK;
    }
    if (c->other != NULL)
        op_wake(&c->other->op);
    op_wake(op);
    return WAIT;
}

static void nothing_to_release(struct op *op)
{
    (void)op;
}

TEST(a_busy_op_cannot_keep_the_loop_from_the_world)
{
    struct counter c = { .op = { .run = count_run, .release = nothing_to_release }, .max = 1u << 20 };
    struct loop *loop = NULL;

    CHECK_OK(loop_new(1, &loop));
    op_start(&c.op, loop, NULL);
    loop_turn(loop);
    CHECK_EQ(c.n_runs, 512);
    loop_turn(loop);
    CHECK_EQ(c.n_runs, 1024);
    op_cancel(&c.op);
    loop_free(loop);
}

TEST(the_loop_does_not_sleep_while_ops_are_ready)
{
    struct counter c = { .op = { .run = count_run, .release = nothing_to_release }, .max = 100000 };
    struct loop *loop = NULL;

    CHECK_OK(loop_new(1, &loop));
    op_start(&c.op, loop, NULL);
    loop_run(loop); /* would hang for ever if the wait slept after a turn's budget */
    CHECK_OK(op_result(&c.op));
    loop_free(loop);
}

TEST(a_stop_before_the_run_ends_it_at_once)
{
    struct loop *loop = NULL;

    CHECK_OK(loop_new(1, &loop));
    loop_stop(loop);
    loop_run(loop);
    loop_free(loop);
}

TEST(the_clock_stands_still_in_a_turn_and_moves_by_hand)
{
    struct loop *loop = NULL;

    CHECK_OK(loop_new(7, &loop));
    CHECK_EQ(loop_number(loop), 7);
    loop_turn(loop);
    uint64_t now_ns = loop_now_ns(loop);
    CHECK_EQ(loop_now_ns(loop), now_ns);
    loop_skip_ns(loop, 3600 * NS_PER_S);
    CHECK(loop_clock(loop)->mono_ns >= now_ns + 3600 * NS_PER_S);
    loop_turn(loop);
    CHECK(loop_clock(loop)->mono_ns >= now_ns + 3600 * NS_PER_S);
    loop_free(loop);
}

struct waif {
    struct orphan orphan;
    bool ended;
};

static void end_waif(struct orphan *orphan)
{
    container_of(orphan, struct waif, orphan)->ended = true;
    orphan_leave(orphan);
}

TEST(a_loop_that_is_freed_ends_the_orphans_that_are_left)
{
    struct waif waifs[3] = { 0 };
    struct loop *loop = NULL;

    CHECK_OK(loop_new(1, &loop));
    for (size_t i = 0; i < N_ELEMENTS(waifs); i++) {
        waifs[i].orphan.end = end_waif;
        loop_adopt(loop, &waifs[i].orphan);
    }
    orphan_leave(&waifs[1].orphan);
    loop_free(loop);
    CHECK(waifs[0].ended && !waifs[1].ended && waifs[2].ended);
}

static pthread_barrier_t both_are_there;

/* Both loops exist before one of them ends: they share the process at the same time, and no descriptor's number. */
static void *run_a_loop(void *arg)
{
    struct counter *counters = arg;
    struct loop *loop = NULL;

    CHECK_OK(loop_new(counters[0].max, &loop));
    (void)pthread_barrier_wait(&both_are_there);
    op_start(&counters[1].op, loop, NULL);
    op_start(&counters[0].op, loop, NULL);
    loop_run(loop);
    op_cancel(&counters[1].op);
    loop_free(loop);
    return NULL;
}

TEST(two_loops_run_in_one_process_and_share_nothing)
{
    struct counter counters[2][2];
    pthread_t threads[2];

    CHECK(pthread_barrier_init(&both_are_there, NULL, 2) == 0);
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < 2; k++)
            counters[i][k] = (struct counter){
                .op = { .run = count_run, .release = nothing_to_release },
                .max = k == 0 ? 5000 + i : UINT32_MAX,
                .other = &counters[i][1 - k],
            };
        CHECK(pthread_create(&threads[i], NULL, run_a_loop, counters[i]) == 0);
    }
    for (unsigned i = 0; i < 2; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
        CHECK_EQ(counters[i][0].n_runs, 5000 + i);
        CHECK_OK(op_result(&counters[i][0].op));
    }
}
