#include "gateway/http_outlet.h"

#include "unit/server/rig.h"

/* A handler that does nothing but what a test makes it do, on an outlet of the kind that the test wants. */
struct answerer {
    struct op op; /* first: the connection frees the block by it */
    struct http_outlet outlet;
    enum err result; /* not WAIT: the handler ends with it */
};

typedef enum err (*act_fn)(struct outlet *o, struct op *op);

static struct rig rig;
static struct buf got;
static struct answerer *answerer; /* started last */
static bool takes_json;
static bool takes_stream;
static act_fn act;       /* what it does when it runs next */
static enum err outcome; /* of that */

static enum err answerer_run(struct op *op)
{
    struct answerer *a = container_of(op, struct answerer, op);

    if (act != NULL)
        outcome = act(&a->outlet.outlet, op);
    act = NULL;
    return a->result;
}

static enum err answerer_start(void *context, struct request *request, struct reply *reply, struct op *waiter,
                               struct op **ret)
{
    struct answerer *a = mem_zalloc(1, sizeof(*a));

    (void)context;
    (void)request;
    a->op.run = answerer_run;
    a->op.release = no_release;
    http_outlet_init(&a->outlet, reply, takes_json, takes_stream);
    op_start(&a->op, waiter->loop, waiter);
    answerer = a;
    *ret = &a->op;
    return OK;
}

static void begin_for(bool json, bool stream)
{
    static const struct route route = { S("/"), ROUTE_POST, 0, answerer_start, NULL };

    takes_json = json;
    takes_stream = stream;
    CHECK_OK(loop_new(1, &rig.loop));
    rig_serve(&rig, "127.0.0.1:0", &route, 1);
    buf_init(&got, 64 << 20);
}

static void end(void)
{
    rig_done(&rig);
    buf_done(&got);
}

/* A client whose request waits for an answer. */
static int new_client(void)
{
    int fd = client_connect(&rig);

    client_send(&rig, fd, S("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    rig_turn(&rig, 20);
    return fd;
}

/* Makes the handler do this; gives what came of it. */
static enum err make(act_fn what)
{
    act = what;
    op_wake(&answerer->op);
    rig_turn(&rig, 10);
    CHECK(act == NULL);
    return outcome;
}

static void finish_with(enum err result)
{
    answerer->result = result;
    op_wake(&answerer->op);
    rig_turn(&rig, 10);
}

/* The handler ends; then this is the client's answer: its status and its end. */
static void check_end(int fd, const char *status, const char *last)
{
    finish_with(OK);
    CHECK(client_read(&rig, fd, NULL, &got));
    CHECK(close(fd) == 0);
    CHECK_SLICE(slice_first(slice_from(buf_slice(&got), 9), 3), status);
    if (!slice_ends(buf_slice(&got), slice_of(last)))
        CHECK_SLICE(buf_slice(&got), last);
}

/* ---- What a handler does ---- */

static enum err say(struct outlet *o, struct op *op)
{
    (void)op;
    return outlet_message(o, S("{\"method\":\"m\"}"));
}

static enum err say_much(struct outlet *o, struct op *op)
{
    static char much[60 * 1024];

    (void)op;
    memset(much, 'x', sizeof(much));
    return outlet_message(o, (struct slice){ much, sizeof(much) });
}

static enum err answer(struct outlet *o, struct op *op)
{
    (void)op;
    return outlet_answer(o, 200, S("{\"id\":1}"));
}

static enum err refuse(struct outlet *o, struct op *op)
{
    (void)op;
    return outlet_answer(o, 404, S("{\"id\":1}"));
}

static enum err beat(struct outlet *o, struct op *op)
{
    (void)op;
    outlet_beat(o);
    return OK;
}

static enum err end_unanswered(struct outlet *o, struct op *op)
{
    (void)op;
    outlet_end(o);
    return OK;
}

static enum err open_stream(struct outlet *o, struct op *op)
{
    (void)op;
    return http_outlet_open(container_of(o, struct http_outlet, outlet));
}

/* ---- The form of the answer ---- */

#define EVENT_ANSWER "data: {\"id\":1}\n\n\r\n0\r\n\r\n"

TEST(an_answer_that_comes_first_is_json_of_known_length)
{
    begin_for(true, true);
    int fd = new_client();
    CHECK_OK(make(outlet_room));
    CHECK_OK(make(answer));
    check_end(fd, "200", "\r\n\r\n{\"id\":1}");
    CHECK(has(&got, "Content-Type: application/json\r\n"));
    CHECK(has(&got, "Content-Length: 8\r\n"));
    end();
}

TEST(a_message_that_comes_first_makes_everything_events)
{
    begin_for(true, true);
    int fd = new_client();
    CHECK_OK(make(say));
    CHECK_OK(make(answer));
    check_end(fd, "200", EVENT_ANSWER);
    CHECK(has(&got, "Content-Type: text/event-stream\r\n"));
    CHECK(has(&got, "Cache-Control: no-store\r\n"));
    CHECK(has(&got, "data: {\"method\":\"m\"}\n\n"));
    end();
}

TEST(a_client_of_json_alone_gets_the_answer_alone)
{
    begin_for(true, false);
    int fd = new_client();
    CHECK_ERR(make(say), ERR_UNSUPPORTED);
    CHECK_OK(make(beat)); /* which opens nothing */
    CHECK_OK(make(answer));
    check_end(fd, "200", "\r\n\r\n{\"id\":1}");
    CHECK(has(&got, "Content-Type: application/json\r\n"));
    end();
}

TEST(a_client_of_event_streams_alone_gets_the_answer_as_an_event)
{
    begin_for(false, true);
    int fd = new_client();
    CHECK_OK(make(answer));
    check_end(fd, "200", EVENT_ANSWER);
    CHECK(has(&got, "Content-Type: text/event-stream\r\n"));
    end();
}

TEST(a_refusal_is_json_for_every_client_because_its_status_counts)
{
    begin_for(false, true);
    int fd = new_client();
    CHECK_OK(make(refuse));
    check_end(fd, "404", "\r\n\r\n{\"id\":1}");
    CHECK(has(&got, "Content-Type: application/json\r\n"));
    end();
}

TEST(a_refusal_on_an_open_stream_is_an_event)
{
    begin_for(true, true);
    int fd = new_client();
    CHECK_OK(make(say));
    CHECK_OK(make(refuse));
    check_end(fd, "200", EVENT_ANSWER);
    end();
}

/* ---- Streams that say little ---- */

TEST(a_beat_opens_the_stream_and_is_a_comment)
{
    begin_for(true, true);
    int fd = new_client();
    CHECK_OK(make(beat));
    CHECK(!client_read(&rig, fd, ": still here\n\n\r\n", &got));
    CHECK(has(&got, "Content-Type: text/event-stream\r\n"));
    CHECK_OK(make(beat));
    CHECK_OK(make(answer));
    check_end(fd, "200", EVENT_ANSWER);
    end();
}

TEST(a_stream_that_is_opened_has_its_head_sent_once)
{
    begin_for(false, true);
    int fd = new_client();
    CHECK_OK(make(open_stream));
    CHECK(!client_read(&rig, fd, "\r\n\r\n", &got));
    CHECK(slice_starts(buf_slice(&got), S("HTTP/1.1 200 ")));
    CHECK_OK(make(open_stream));
    CHECK_OK(make(end_unanswered));
    CHECK_OK(make(end_unanswered)); /* twice is once */
    finish_with(OK);
    buf_clear(&got);
    CHECK(client_read(&rig, fd, NULL, &got));
    CHECK_SLICE(buf_slice(&got), "0\r\n\r\n");
    CHECK(close(fd) == 0);
    end();
}

TEST(an_end_without_an_answer_is_202_where_nothing_was_said)
{
    begin_for(true, true);
    int fd = new_client();
    CHECK_OK(make(end_unanswered));
    check_end(fd, "202", "\r\n\r\n");
    CHECK(!has(&got, "Content-Type"));
    end();
}

/* ---- Clients that do not keep up ---- */

TEST(a_client_that_reads_nothing_makes_room_scarce_until_it_reads)
{
    unsigned n = 0;

    begin_for(true, true);
    int fd = new_client();
    while (make(outlet_room) == OK && n++ < 1000)
        CHECK_OK(make(say_much));
    CHECK_EQ(outcome, WAIT);
    for (unsigned turns = 0; turns < MAX_TURNS && outcome == WAIT; turns++) {
        char part[1000];
        (void)!recv(fd, part, sizeof(part), MSG_DONTWAIT);
        act = outlet_room; /* asked again when the handler is woken, and not before */
        loop_turn(rig.loop);
    }
    CHECK_EQ(outcome, OK);
    act = NULL;
    CHECK(close(fd) == 0);
    finish_with(OK);
    end();
}

TEST(to_a_client_that_has_gone_nothing_can_be_said)
{
    begin_for(true, true);
    int fd = new_client();
    CHECK_OK(make(say));
    CHECK_ERR(make(outlet_gone), WAIT);
    CHECK(close(fd) == 0);
    rig_turn(&rig, 20);
    CHECK_ERR(make(outlet_gone), ERR_CLOSED);
    CHECK_ERR(make(outlet_room), ERR_CLOSED);
    CHECK_ERR(make(say), ERR_CLOSED);
    CHECK_OK(make(beat));
    CHECK_ERR(make(answer), ERR_CLOSED);
    finish_with(OK);
    end();
}

TEST(a_client_that_has_gone_before_anything_was_said_is_known_to_have_gone)
{
    begin_for(true, true);
    int fd = new_client();
    CHECK_ERR(make(outlet_gone), WAIT);
    CHECK(close(fd) == 0);
    act = outlet_gone;
    rig_turn(&rig, 20); /* it wakes the handler */
    CHECK(act == NULL);
    CHECK_ERR(outcome, ERR_CLOSED);
    CHECK_ERR(make(outlet_room), ERR_CLOSED);
    CHECK_ERR(make(say), ERR_CLOSED);
    CHECK_OK(make(end_unanswered));
    finish_with(OK);
    end();
}

TEST(where_there_are_too_many_streams_the_answer_can_still_be_json)
{
    rig.limits.streams = 1;
    begin_for(true, true);
    int first = new_client();
    CHECK_OK(make(say));
    struct answerer *holder = answerer;
    int second = new_client();
    CHECK_ERR(make(say), ERR_BUSY);
    CHECK_OK(make(answer));
    check_end(second, "200", "\r\n\r\n{\"id\":1}");
    buf_clear(&got);
    int third = new_client();
    CHECK_ERR(make(say), ERR_BUSY);
    finish_with(ERR_BUSY); /* which it may also leave to the server to say */
    CHECK(client_read(&rig, third, NULL, &got));
    CHECK(slice_starts(buf_slice(&got), S("HTTP/1.1 503 ")));
    CHECK(close(third) == 0);
    buf_clear(&got);
    answerer = holder;
    CHECK_OK(make(answer));
    check_end(first, "200", EVENT_ANSWER);
    end();
}
