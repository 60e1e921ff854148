#include "upstream/upstream.h"

#include "support/fake_upstream.h"
#include "support/test.h"

static struct loop *loop;
static struct fake_upstream *fake;
static struct upstream_session *session;

static const struct envelope client = { .era = ERA_LEGACY, .revision = REVISION_2025_11_25, .principal = S("ada") };

static void begin(void)
{
    CHECK_OK(loop_new(1, &loop));
    fake = fake_new(loop);
}

static void end(void)
{
    upstream_free(&fake->base);
    loop_free(loop);
}

static void start(struct exchange *ex)
{
    exchange_init(ex, 1000);
    ex->method = S("tools/list");
    ex->envelope = &client;
    upstream_start(session, ex);
}

static void expect_failure(struct exchange *ex, enum err failure)
{
    struct event *e;

    CHECK_OK(exchange_next(ex, &(struct op){ 0 }, &e));
    CHECK_EQ(e->kind, EVENT_FAILURE);
    CHECK_ERR(e->failure, failure);
    event_free(e);
    exchange_done(ex);
}

/* An op that waits until the session stands. */
static enum err waits_run(struct op *op)
{
    return upstream_ready(session, op);
}

static void waits_release(struct op *op)
{
    (void)op; /* holds nothing */
}

static struct op waits = { .run = waits_run, .release = waits_release };

TEST(whoever_waits_for_the_opening_learns_how_it_went)
{
    begin();
    fake->opens_slowly = true;
    CHECK_OK(upstream_open(&fake->base, &client, &session));
    op_start(&waits, loop, NULL);
    loop_turn(loop);
    CHECK(op_is_active(&waits));
    upstream_session_opened(session, ERR_SPAWN, NULL, NULL);
    loop_turn(loop);
    CHECK_ERR(op_result(&waits), ERR_SPAWN);
    CHECK_ERR(upstream_ready(session, &waits), ERR_SPAWN);
    upstream_close(session);

    fake->opens_slowly = false;
    CHECK_OK(upstream_open(&fake->base, &client, &session));
    CHECK_OK(upstream_ready(session, &waits));
    CHECK_SLICE(json_get_string(session->server, S("protocolVersion")), "2025-11-25");
    upstream_close(session);
    end();
}

TEST(a_server_that_cannot_be_opened_says_why)
{
    begin();
    fake->refuses = ERR_BUSY;
    CHECK_ERR(upstream_open(&fake->base, &client, &session), ERR_BUSY);
    end();
    upstream_free(NULL);
    upstream_close(NULL);
    upstream_release(NULL);
}

TEST(the_sessions_copy_of_the_envelope_is_its_own_and_holds_nothing_of_one_request)
{
    char principal[] = "ada";
    struct envelope passing = client;

    begin();
    passing.principal = slice_of(principal);
    passing.progress_token = S("1");
    passing.traceparent = passing.tracestate = passing.baggage = S("t");
    CHECK_OK(upstream_open(&fake->base, &passing, &session));
    principal[0] = 'x';
    CHECK_SLICE(session->envelope.principal, "ada");
    CHECK_EQ(session->envelope.progress_token.len, 0);
    CHECK_EQ(session->envelope.baggage.len, 0);
    upstream_close(session);
    end();
}

TEST(the_largest_envelope_that_a_front_lets_in_opens_a_session)
{
    static char large[200 * 1024];
    struct envelope greedy = client;

    begin();
    memset(large, ' ', sizeof(large));
    greedy.principal = (struct slice){ large, ENVELOPE_PRINCIPAL_MAX };
    greedy.capabilities = greedy.client_info = (struct slice){ large, 32 * 1024 };
    greedy.progress_token = greedy.baggage = greedy.tracestate = (struct slice){ large, sizeof(large) };
    CHECK_OK(upstream_open(&fake->base, &greedy, &session));
    CHECK_EQ(session->envelope.client_info.len, 32 * 1024);
    upstream_close(session);
    end();
}

TEST(closing_fails_what_is_in_flight_and_tells_the_server)
{
    struct exchange a, b;

    begin();
    CHECK_OK(upstream_open(&fake->base, &client, &session));
    start(&a);
    start(&b);
    upstream_close(session);
    CHECK_EQ(fake_heard(fake, "cancel tools/list"), 2);
    CHECK_EQ(fake->n_closed, 1);
    expect_failure(&a, ERR_CANCELLED);
    expect_failure(&b, ERR_CANCELLED);
    end();
}

TEST(a_session_that_is_held_stays_in_memory_when_it_is_closed_and_says_so)
{
    struct exchange late;

    begin();
    CHECK_OK(upstream_open(&fake->base, &client, &session));
    upstream_hold(session);
    upstream_hold(session);
    upstream_close(session);
    CHECK_EQ(fake->n_closed, 0);

    start(&late);
    expect_failure(&late, ERR_CLOSED);
    upstream_answer(session, 1, S("{}"), NO_SLICE);
    upstream_notify(session, S("notifications/roots/list_changed"), NULL);
    CHECK_EQ(fake->told.len, 0);

    upstream_release(session);
    CHECK_EQ(fake->n_closed, 0);
    upstream_release(session);
    CHECK_EQ(fake->n_closed, 1);
    end();
}

TEST(a_session_that_was_held_and_let_go_is_closed_at_once)
{
    begin();
    CHECK_OK(upstream_open(&fake->base, &client, &session));
    upstream_hold(session);
    upstream_release(session);
    CHECK_EQ(fake->n_closed, 0);
    upstream_close(session);
    CHECK_EQ(fake->n_closed, 1);
    end();
}

TEST(what_a_session_says_and_nobody_reads_makes_room_for_what_it_says_later)
{
    static char big[200 * 1024];
    struct event *e;

    begin();
    CHECK_OK(upstream_open(&fake->base, &client, &session));
    memset(big, ' ', sizeof(big) - 1);
    memcpy(big, "[1]", 3);
    upstream_session_push(session, fake_event(EVENT_LOG, big));
    memcpy(big, "[2]", 3);
    upstream_session_push(session, fake_event(EVENT_LOG, big));
    CHECK_OK(upstream_session_next(session, &waits, &e));
    struct json_elements first = json_elements(e->value);
    CHECK(json_next_element(&first));
    CHECK_SLICE(json_number_text(first.value), "2");
    event_free(e);
    CHECK_EQ(session->events.n, 0);

    upstream_session_push(session, event_new(EVENT_LOG, NULL, NULL, 1 << 20)); /* more than all: dropped */
    CHECK_EQ(session->events.n, 0);
    upstream_close(session);
    end();
}
