#include "kit/line.h"

#include <pthread.h>

#include "loop/loop.h"
#include "support/test.h"

static void hear(void *context, enum kit_event_kind kind, struct slice json)
{
    unsigned *n = context;

    CHECK_EQ(kind, KIT_LOG);
    CHECK_SLICE(json, "{}");
    (*n)++;
}

static struct loop *new_loop(void)
{
    struct loop *loop = NULL;

    CHECK_OK(loop_new(1, &loop));
    return loop;
}

static void turn(struct loop *loop)
{
    for (int i = 0; i < 3; i++)
        loop_turn(loop);
}

TEST(what_is_said_is_heard_until_the_line_is_cut)
{
    auto_free(loop) loop = new_loop();
    unsigned n = 0;
    struct line *line = line_new(loop, hear, &n);

    line_say(line, KIT_LOG, S("{}"));
    line_say(line, KIT_LOG, S("{}"));
    CHECK_EQ(n, 0);
    turn(loop);
    CHECK_EQ(n, 2);
    line_say(line, KIT_LOG, S("{}"));
    line_cut(line);
    line_say(line, KIT_LOG, S("{}"));
    turn(loop);
    CHECK_EQ(n, 2);
    line_free(line);
}

TEST(a_line_takes_so_many_unread_and_loses_the_rest)
{
    auto_free(loop) loop = new_loop();
    unsigned n = 0;
    struct line *line = line_new(loop, hear, &n);

    for (unsigned i = 0; i < LINE_MAX_UNREAD + 1; i++)
        line_say(line, KIT_LOG, S("{}"));
    turn(loop);
    CHECK_EQ(n, LINE_MAX_UNREAD);
    line_say(line, KIT_LOG, S("{}"));
    turn(loop);
    CHECK_EQ(n, LINE_MAX_UNREAD + 1);
    line_cut(line);
    line_free(line);
}

TEST(waiting_ends_with_its_time_or_with_the_line)
{
    auto_free(loop) loop = new_loop();
    struct line *line = line_new(loop, hear, NULL);

    CHECK(line_wait_ms(line, 0));
    CHECK(line_wait_ms(line, 1));
    CHECK(!line_is_cut(line));
    line_cut(line);
    CHECK(line_is_cut(line));
    CHECK(!line_wait_ms(line, 50000));
    line_free(line);
}

static void *wait_and_free(void *line)
{
    CHECK(!line_wait_ms(line, 50000));
    line_free(line);
    return NULL;
}

TEST(cutting_wakes_who_waits_and_who_comes_last_frees)
{
    auto_free(loop) loop = new_loop();
    struct line *line = line_new(loop, hear, NULL);
    pthread_t thread;

    CHECK(pthread_create(&thread, NULL, wait_and_free, line_ref(line)) == 0);
    line_cut(line);
    line_free(line);
    CHECK(pthread_join(thread, NULL) == 0);
}

TEST(a_loop_may_end_with_something_unheard)
{
    struct loop *loop = new_loop();
    unsigned n = 0;
    struct line *line = line_new(loop, hear, &n);

    line_say(line, KIT_LOG, S("{}"));
    line_cut(line);
    line_free(line);
    loop_free(loop);
    CHECK_EQ(n, 0);
}
