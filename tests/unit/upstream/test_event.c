#include "upstream/event.h"

#include "base/buf.h"
#include "loop/loop.h"
#include "support/fake_upstream.h"
#include "support/test.h"

static struct event_queue queue;

/* An op that waits for one event. */
static struct op reader;
static struct event *got;

static enum err reader_run(struct op *op)
{
    return event_queue_next(&queue, op, &got);
}

static void reader_release(struct op *op)
{
    (void)op; /* holds nothing */
}

static struct loop *begin(size_t max_bytes)
{
    struct loop *loop;

    CHECK_OK(loop_new(1, &loop));
    event_queue_init(&queue, max_bytes);
    reader = (struct op){ .run = reader_run, .release = reader_release };
    return loop;
}

TEST(an_event_frees_its_document)
{
    event_free(fake_event(EVENT_RESULT, "{\"a\":[1,2,3]}"));
    event_free(event_of_failure(ERR_TIMEOUT));
    event_free(NULL);
}

TEST(only_results_errors_failures_and_rounds_are_last)
{
    static const struct {
        enum event_kind kind;
        bool is_last;
    } kinds[] = {
        { EVENT_PROGRESS, false }, { EVENT_LOG, false },           { EVENT_NOTIFICATION, false },
        { EVENT_QUESTION, false }, { EVENT_INPUT_REQUIRED, true }, { EVENT_RESULT, true },
        { EVENT_ERROR, true },     { EVENT_FAILURE, true },
    };

    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        CHECK_EQ(event_is_last(&(struct event){ .kind = kinds[i].kind }), kinds[i].is_last);
}

TEST(events_come_out_in_the_order_in_which_they_went_in)
{
    struct loop *loop = begin(1000);
    static const enum event_kind kinds[] = { EVENT_LOG, EVENT_PROGRESS, EVENT_RESULT };

    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        CHECK_OK(event_queue_push(&queue, fake_event(kinds[i], "{}")));
    for (size_t i = 0; i < N_ELEMENTS(kinds); i++) {
        CHECK_OK(event_queue_next(&queue, &reader, &got));
        CHECK_EQ(got->kind, kinds[i]);
        event_free(got);
    }
    CHECK_EQ(queue.n, 0);
    CHECK_EQ(queue.bytes, 0);
    event_queue_done(&queue);
    loop_free(loop);
}

TEST(whoever_waits_for_an_event_is_woken_by_it)
{
    struct loop *loop = begin(1000);

    op_start(&reader, loop, NULL);
    loop_turn(loop);
    CHECK(op_is_active(&reader));
    CHECK_OK(event_queue_push(&queue, fake_event(EVENT_LOG, "{}")));
    loop_turn(loop);
    CHECK_OK(op_result(&reader));
    event_free(got);
    event_queue_done(&queue);
    loop_free(loop);
}

TEST(a_cancelled_reader_is_not_woken)
{
    struct loop *loop = begin(1000);

    op_start(&reader, loop, NULL);
    loop_turn(loop);
    op_cancel(&reader);
    CHECK_OK(event_queue_push(&queue, fake_event(EVENT_LOG, "{}")));
    loop_turn(loop);
    event_queue_done(&queue);
    loop_free(loop);
}

TEST(a_queue_that_is_done_leaves_its_reader_alone)
{
    struct loop *loop = begin(1000);

    op_start(&reader, loop, NULL);
    loop_turn(loop);
    event_queue_done(&queue);
    loop_turn(loop);
    CHECK(op_is_active(&reader));
    op_cancel(&reader);
    loop_free(loop);
}

TEST(a_full_queue_takes_the_last_event_and_no_other)
{
    struct loop *loop = begin(10);

    CHECK_OK(event_queue_push(&queue, fake_event(EVENT_LOG, "[1,2,3]")));
    CHECK_OK(event_queue_push(&queue, fake_event(EVENT_LOG, "[1]"))); /* just full */
    CHECK_ERR(event_queue_push(&queue, fake_event(EVENT_LOG, "1")), ERR_LIMIT);
    CHECK_OK(event_queue_push(&queue, fake_event(EVENT_RESULT, "[1,2,3,4,5,6,7,8,9]")));
    CHECK_ERR(event_queue_push(&queue, fake_event(EVENT_LOG, "1")), ERR_LIMIT); /* above the limit by now */
    CHECK_EQ(queue.n, 3);
    event_queue_done(&queue);
    CHECK_EQ(queue.n, 0);
    loop_free(loop);
}

TEST(events_without_text_are_counted_all_the_same)
{
    struct loop *loop = begin(10);

    for (unsigned i = 0; i < EVENTS_MAX; i++)
        CHECK_OK(event_queue_push(&queue, event_new(EVENT_NOTIFICATION, NULL, NULL, 0)));
    CHECK_ERR(event_queue_push(&queue, event_new(EVENT_NOTIFICATION, NULL, NULL, 0)), ERR_LIMIT);
    CHECK_OK(event_queue_push(&queue, event_of_failure(ERR_LIMIT)));
    CHECK_EQ(event_queue_make_room(&queue, 0), 2);
    CHECK_OK(event_queue_push(&queue, event_new(EVENT_NOTIFICATION, NULL, NULL, 0)));
    event_queue_done(&queue);
    loop_free(loop);
}

TEST(the_oldest_events_make_room)
{
    struct loop *loop = begin(10);

    CHECK_OK(event_queue_push(&queue, fake_event(EVENT_LOG, "[1]")));
    CHECK_OK(event_queue_push(&queue, fake_event(EVENT_LOG, "[2]")));
    CHECK_OK(event_queue_push(&queue, fake_event(EVENT_LOG, "[3]")));
    CHECK_EQ(event_queue_make_room(&queue, 1), 0);
    CHECK_EQ(event_queue_make_room(&queue, 2), 1);
    CHECK_OK(event_queue_next(&queue, &reader, &got));
    CHECK_EQ(got->bytes, 3);
    event_free(got);
    CHECK_EQ(event_queue_make_room(&queue, 11), 1); /* more than there will ever be */
    CHECK_EQ(queue.bytes, 0);
    event_queue_done(&queue);
    loop_free(loop);
}
