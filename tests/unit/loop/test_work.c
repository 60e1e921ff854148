#include "loop/work.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "loop/loop.h"
#include "support/test.h"

/* What a test sees of its jobs, which may outlive the op that asked. */
struct yard {
    struct loop *loop;
    struct lane *lane;
    sem_t began;  /* a job that waits has begun */
    sem_t may_go; /* lets one such job go on */
    atomic_uint n_run;
    atomic_uint n_freed;
};

struct job {
    struct work work;
    struct yard *yard;
    bool waits; /* for `may_go` */
    enum err answer;
};

struct asker {
    struct op op;
    struct job *job;
    enum err answer;
};

static void job_run(struct work *work)
{
    struct job *j = container_of(work, struct job, work);

    if (j->waits) {
        CHECK(sem_post(&j->yard->began) == 0);
        while (sem_wait(&j->yard->may_go) != 0)
            ;
    }
    atomic_fetch_add(&j->yard->n_run, 1);
    work->result = j->answer;
}

static void job_free(struct work *work)
{
    struct job *j = container_of(work, struct job, work);

    atomic_fetch_add(&j->yard->n_freed, 1);
    free(j);
}

static struct job *job_new(struct yard *y, bool waits, enum err answer)
{
    struct job *j = mem_zalloc(1, sizeof(*j));

    j->work.run = job_run;
    j->work.free = job_free;
    j->yard = y;
    j->waits = waits;
    j->answer = answer;
    return j;
}

static enum err ask_run(struct op *op)
{
    struct asker *a = container_of(op, struct asker, op);
    enum err e = work_result(&a->job->work, op);

    if (e == WAIT)
        return WAIT;
    a->answer = e;
    loop_stop(op->loop);
    return OK;
}

static void ask_release(struct op *op)
{
    struct asker *a = container_of(op, struct asker, op);

    if (a->job != NULL)
        work_drop(&TAKE(a->job)->work);
}

static void ask(struct asker *a, struct yard *y, struct job *job)
{
    *a = (struct asker){ .op = { .run = ask_run, .release = ask_release } };
    CHECK_OK(work_submit(y->lane, y->loop, &job->work));
    a->job = job;
    op_start(&a->op, y->loop, NULL);
}

static void open_yard(struct yard *y, unsigned n_threads, unsigned max_queued)
{
    CHECK(sem_init(&y->began, 0, 0) == 0 && sem_init(&y->may_go, 0, 0) == 0);
    atomic_init(&y->n_run, 0);
    atomic_init(&y->n_freed, 0);
    CHECK_OK(loop_new(1, &y->loop));
    CHECK_OK(lane_new(&(struct lane_options){ "test", n_threads, max_queued }, &y->lane));
}

static void close_yard(struct yard *y)
{
    lane_free(y->lane);
    loop_free(y->loop);
    CHECK(sem_destroy(&y->began) == 0 && sem_destroy(&y->may_go) == 0);
}

static void wait_for(sem_t *s)
{
    while (sem_wait(s) != 0)
        ;
}

TEST(what_a_job_stored_reaches_the_op_that_waits)
{
    static const enum err answers[] = { OK, ERR_FORBIDDEN };
    struct yard y;
    struct asker a;

    open_yard(&y, 2, 8);
    for (size_t i = 0; i < N_ELEMENTS(answers); i++) {
        ask(&a, &y, job_new(&y, false, answers[i]));
        loop_run(y.loop);
        CHECK_ERR(a.answer, answers[i]);
        CHECK_EQ(atomic_load(&y.n_freed), i + 1);
    }
    close_yard(&y);
}

TEST(a_full_lane_refuses_and_frees_the_job)
{
    struct yard y;
    struct asker running;
    struct asker queued;

    open_yard(&y, 1, 1);
    ask(&running, &y, job_new(&y, true, OK));
    wait_for(&y.began);
    ask(&queued, &y, job_new(&y, false, OK));
    CHECK_ERR(work_submit(y.lane, y.loop, &job_new(&y, false, OK)->work), ERR_BUSY);
    CHECK_EQ(atomic_load(&y.n_freed), 1);
    CHECK(sem_post(&y.may_go) == 0);
    loop_run(y.loop);
    while (op_is_active(&queued.op))
        loop_run(y.loop);
    CHECK_EQ(atomic_load(&y.n_freed), 3);
    close_yard(&y);
}

TEST(an_op_cancelled_while_its_job_is_queued_takes_the_job_along)
{
    struct yard y;
    struct asker running;
    struct asker queued;

    open_yard(&y, 1, 4);
    ask(&running, &y, job_new(&y, true, OK));
    wait_for(&y.began);
    ask(&queued, &y, job_new(&y, false, OK));
    loop_turn(y.loop);
    op_cancel(&queued.op);
    CHECK_EQ(atomic_load(&y.n_freed), 1);
    CHECK(sem_post(&y.may_go) == 0);
    loop_run(y.loop);
    CHECK_EQ(atomic_load(&y.n_run), 1);
    close_yard(&y);
    CHECK_EQ(atomic_load(&y.n_freed), 2);
}

TEST(an_op_cancelled_while_its_job_runs_leaves_the_job_to_its_thread)
{
    struct yard y;
    struct asker a;

    open_yard(&y, 1, 4);
    ask(&a, &y, job_new(&y, true, OK));
    loop_turn(y.loop);
    wait_for(&y.began);
    op_cancel(&a.op);
    CHECK_EQ(atomic_load(&y.n_freed), 0);
    CHECK(sem_post(&y.may_go) == 0);
    close_yard(&y); /* joins the thread */
    CHECK_EQ(atomic_load(&y.n_run), 1);
    CHECK_EQ(atomic_load(&y.n_freed), 1);
}

TEST(an_op_cancelled_while_its_answer_is_under_way_leaves_it_to_the_inbox)
{
    for (int loop_first = 0; loop_first < 2; loop_first++) {
        struct yard y;
        struct asker a;

        open_yard(&y, 1, 4);
        ask(&a, &y, job_new(&y, false, OK));
        lane_free(TAKE(y.lane)); /* it ran, or was cancelled in the queue: the answer lies in the inbox */
        op_cancel(&a.op);
        CHECK_EQ(atomic_load(&y.n_freed), 0);
        if (!loop_first) {
            loop_turn(y.loop);
            CHECK_EQ(atomic_load(&y.n_freed), 1);
        }
        close_yard(&y);
        CHECK_EQ(atomic_load(&y.n_freed), 1);
    }
}

TEST(an_op_cancelled_after_its_answer_came_frees_the_job)
{
    struct yard y;
    struct asker a;

    open_yard(&y, 1, 4);
    ask(&a, &y, job_new(&y, false, OK));
    lane_free(TAKE(y.lane));
    op_cancel(&a.op);
    loop_turn(y.loop);
    CHECK_EQ(atomic_load(&y.n_freed), 1);
    close_yard(&y);
}

TEST(jobs_still_queued_when_the_lane_goes_end_as_cancelled)
{
    struct yard y;
    struct asker running;
    struct asker queued;

    open_yard(&y, 1, 4);
    ask(&running, &y, job_new(&y, true, OK));
    wait_for(&y.began);
    ask(&queued, &y, job_new(&y, false, OK));
    CHECK(sem_post(&y.may_go) == 0);
    lane_free(TAKE(y.lane));
    while (op_is_active(&running.op) || op_is_active(&queued.op))
        loop_turn(y.loop);
    CHECK_OK(running.answer);
    CHECK(queued.answer == ERR_CANCELLED || queued.answer == OK); /* the thread may have been quick */
    close_yard(&y);
    CHECK_EQ(atomic_load(&y.n_freed), 2);
}

TEST(a_job_never_submitted_is_simply_freed)
{
    struct yard y;

    open_yard(&y, 1, 1);
    work_drop(&job_new(&y, false, OK)->work);
    work_drop(NULL);
    CHECK_EQ(atomic_load(&y.n_freed), 1);
    close_yard(&y);
}

TEST(many_jobs_on_four_threads_some_dropped_are_each_freed_once)
{
    enum { N = 2000 };
    static struct asker askers[N];
    struct yard y;
    unsigned n_live = 0;

    open_yard(&y, 4, N);
    for (unsigned i = 0; i < N; i++)
        ask(&askers[i], &y, job_new(&y, false, OK));
    for (unsigned i = 0; i < N; i += 3) {
        loop_turn(y.loop);
        op_cancel(&askers[i].op);
    }
    do {
        loop_turn(y.loop);
        n_live = 0;
        for (unsigned i = 0; i < N; i++)
            n_live += op_is_active(&askers[i].op);
    } while (n_live > 0);
    close_yard(&y);
    CHECK_EQ(atomic_load(&y.n_freed), N);
}

TEST(lanes_out_of_range_are_refused)
{
    struct lane *lane = NULL;

    CHECK_ERR(lane_new(&(struct lane_options){ "none", 0, 1 }, &lane), ERR_INVALID);
    CHECK_ERR(lane_new(&(struct lane_options){ "many", 65, 1 }, &lane), ERR_INVALID);
    CHECK_ERR(lane_new(&(struct lane_options){ "short", 1, 0 }, &lane), ERR_INVALID);
    CHECK_ERR(lane_new(&(struct lane_options){ "long", 1, 65537 }, &lane), ERR_INVALID);
}
