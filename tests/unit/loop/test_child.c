#include "loop/child.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "loop/loop.h"
#include "process_count.h"
#include "support/test.h"

struct waits {
    struct op op;
    struct child *child;
    int status;
    unsigned n_runs;
};

static enum err waits_run(struct op *op)
{
    struct waits *waits = container_of(op, struct waits, op);

    waits->n_runs++;
    return child_exited(waits->child, op, &waits->status);
}

static void waits_release(struct op *op)
{
    (void)op;
}

static struct warden *warden;
static struct loop *loop;
static char mark[64]; /* in the environment: tells this test's children from all others */

static void begin(void)
{
    struct buf text = { .ptr = mark, .size = sizeof(mark), .max = sizeof(mark) };
    buf_printf(&text, "GH_CHILD_TEST=%d.%llu", (int)getpid(), (unsigned long long)now_ms());
    CHECK_OK(warden_start(&warden));
    CHECK_OK(loop_new(1, &loop));
}

static void end(void)
{
    loop_free(loop);
    warden_free(warden);
}

static struct child *run(const char *script)
{
    struct child *c;
    struct slice env[] = { S("PATH=/usr/bin:/bin"), slice_of(mark) };

    CHECK_OK(child_new(warden, loop,
                       &(struct child_command){ .args = (struct slice[]){ S("/bin/sh"), S("-c"), slice_of(script) },
                                                .n_args = 3,
                                                .env = env,
                                                .n_env = N_ELEMENTS(env) },
                       &c));
    return c;
}

/* Waits until the child has ended; how, is the result. */
static enum err wait_end(struct child *c, int *ret_status)
{
    struct waits waits = { .op = { .run = waits_run, .release = waits_release }, .child = c };

    op_start(&waits.op, loop, NULL);
    for (uint64_t deadline = now_ms() + 10000; op_is_active(&waits.op) && now_ms() < deadline; pause_ms(1))
        loop_turn(loop);
    CHECK(!op_is_active(&waits.op));
    CHECK(waits.n_runs <= 2); /* woken once, by the end */
    *ret_status = waits.status;
    return op_result(&waits.op);
}

TEST(who_waits_for_the_end_learns_the_status)
{
    begin();
    struct child *c = run("read word; test $word = go && exit 9");
    int in = child_take_in(c), status;

    CHECK(write(in, "go\n", 3) == 3);
    CHECK_OK(wait_end(c, &status));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 9);
    CHECK(child_pid(c) > 0 && child_errno(c) == 0);
    CHECK_OK(child_exited(c, NULL, &status)); /* it stays known */
    close(in);
    child_free(c);
    end();
}

TEST(a_program_that_cannot_be_run_says_why)
{
    begin();
    struct child *c;
    int status = 42;

    CHECK_OK(child_new(warden, loop, &(struct child_command){ .args = &S("/no/such"), .n_args = 1 }, &c));
    CHECK_ERR(wait_end(c, &status), ERR_SPAWN);
    CHECK_EQ(child_errno(c), ENOENT);
    child_free(c);

    CHECK_ERR(child_new(warden, loop, &(struct child_command){ 0 }, &c), ERR_INVALID);
    end();
}

TEST(the_streams_are_non_blocking_and_carry_both_ways)
{
    begin();
    struct child *c = run("echo err >&2; exec cat");
    int in = child_take_in(c), out = child_take_out(c), err = child_take_err(c), status;
    char space[16];

    CHECK(read(out, space, sizeof(space)) < 0 && errno == EAGAIN);
    CHECK(write(in, "hello", 5) == 5);
    for (uint64_t deadline = now_ms() + 5000; read(out, space, sizeof(space)) != 5; pause_ms(1))
        CHECK(now_ms() < deadline);
    CHECK_SLICE(((struct slice){ space, 5 }), "hello");
    CHECK(read(err, space, sizeof(space)) == 4);
    close(in);
    CHECK_OK(wait_end(c, &status));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(read(out, space, sizeof(space)) == 0);
    close(out);
    close(err);
    child_free(c);
    end();
}

TEST(stopping_closes_the_input_first_and_that_is_enough_for_most)
{
    begin();
    struct child *c = run("cat; exit 5");
    int status;

    child_stop(c, 60000, 60000);
    CHECK_OK(wait_end(c, &status));
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 5);
    child_free(c);
    end();
}

TEST(stopping_goes_on_to_sigterm_and_to_sigkill)
{
    begin();
    struct child *c = run("exec sleep 900");
    int status;

    child_stop(c, 10, 60000);
    CHECK_OK(wait_end(c, &status));
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    child_free(c);

    c = run("trap '' TERM; while :; do sleep 900; done");
    child_stop(c, 30, 30);
    CHECK_OK(wait_end(c, &status));
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(processes_of(mark, 0), 0);
    child_free(c);
    end();
}

TEST(when_the_warden_is_lost_its_children_have_ended_and_no_other_can_start)
{
    begin();
    struct child *c = run("exec sleep 900"), *other;
    int status;

    for (uint64_t deadline = now_ms() + 5000; child_pid(c) == 0 && now_ms() < deadline; pause_ms(1))
        loop_turn(loop);
    CHECK(kill(warden_pid(warden), SIGKILL) == 0);
    CHECK_OK(wait_end(c, &status));
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    CHECK_ERR(child_new(warden, loop, &(struct child_command){ .args = &S("true"), .n_args = 1 }, &other), ERR_SPAWN);
    child_free(c);
    end();
}

TEST(an_op_that_is_cancelled_and_a_child_that_is_freed_part_in_any_order)
{
    begin();
    size_t n_fds = open_fds();

    for (int i = 0; i < 4; i++) {
        struct child *c = run("exec sleep 900");
        struct waits waits = { .op = { .run = waits_run, .release = waits_release }, .child = c };
        op_start(&waits.op, loop, NULL);
        if (i >= 2)
            loop_turn(loop);
        if (i % 2 == 0)
            op_cancel(&waits.op);
        child_free(c);
        if (i % 2 != 0)
            op_cancel(&waits.op);
        loop_turn(loop);
    }
    CHECK_EQ(open_fds(), n_fds);
    CHECK(soon_processes(mark, 0, 0));
    end();
}

TEST(closing_ends_a_child_in_the_background_and_the_loop_s_end_cuts_that_short)
{
    begin();
    size_t n_fds = open_fds();

    child_close(run("cat; exit 5"), 60000, 60000);
    child_close(run("exec sleep 900"), 10, 60000);
    for (uint64_t deadline = now_ms() + 5000; open_fds() != n_fds && now_ms() < deadline; pause_ms(1))
        loop_turn(loop);
    CHECK_EQ(open_fds(), n_fds);
    CHECK(soon_processes(mark, 0, 0));

    child_close(run("trap '' TERM; while :; do sleep 900; done"), 60000, 60000);
    child_close(NULL, 0, 0);
    loop_turn(loop);
    end();
    CHECK(soon_processes(mark, 0, 0));
}
