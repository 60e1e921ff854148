#include "upstream/exchange.h"

#include "support/fake_upstream.h"
#include "support/test.h"

static struct loop *loop;
static struct fake_upstream *fake;
static struct upstream_session *session;
static struct exchange exchange;
static struct op reader;

static struct envelope client = { .era = ERA_LEGACY, .revision = REVISION_2025_11_25, .principal = S("ada") };

static void begin(size_t max_bytes)
{
    CHECK_OK(loop_new(3, &loop));
    fake = fake_new(loop);
    CHECK_OK(upstream_open(&fake->base, &client, &session));
    exchange_init(&exchange, max_bytes);
    exchange.method = S("tools/call");
    exchange.envelope = &client;
}

static void end(void)
{
    exchange_done(&exchange);
    upstream_close(session);
    upstream_free(&fake->base);
    loop_free(loop);
}

static void expect(enum event_kind kind)
{
    struct event *e;

    CHECK_OK(exchange_next(&exchange, &reader, &e));
    CHECK_EQ(e->kind, kind);
    event_free(e);
}

TEST(what_was_started_is_cancelled_when_nobody_waits_any_more)
{
    begin(1000);
    upstream_start(session, &exchange);
    exchange_done(&exchange);
    CHECK_EQ(fake_heard(fake, "cancel tools/call"), 1);
    exchange_done(&exchange);
    CHECK_EQ(fake_heard(fake, "cancel"), 1);
    CHECK(list_is_empty(&session->exchanges));
    end();
}

TEST(what_was_never_started_is_not_cancelled)
{
    begin(1000);
    end();
}

TEST(after_the_last_event_there_is_nothing_to_cancel)
{
    begin(1000);
    upstream_start(session, &exchange);
    fake_say(fake, EVENT_PROGRESS, "{}");
    fake_say(fake, EVENT_RESULT, "{}");
    CHECK(exchange.finished && exchange.session == NULL && list_is_empty(&session->exchanges));
    expect(EVENT_PROGRESS);
    expect(EVENT_RESULT);
    exchange_done(&exchange);
    CHECK_EQ(fake_heard(fake, "cancel"), 0);
    end();
}

TEST(a_queue_that_nobody_reads_ends_its_exchange_alone)
{
    begin(10);
    upstream_start(session, &exchange);
    CHECK(exchange_push(&exchange, fake_event(EVENT_LOG, "[1,2]")));
    CHECK(!exchange_push(&exchange, fake_event(EVENT_LOG, "[1,2,3]")));
    CHECK(exchange.finished && list_is_empty(&session->exchanges));
    expect(EVENT_LOG);

    struct event *e;
    CHECK_OK(exchange_next(&exchange, &reader, &e));
    CHECK_EQ(e->kind, EVENT_FAILURE);
    CHECK_ERR(e->failure, ERR_LIMIT);
    event_free(e);
    end();
}

TEST(the_last_event_comes_whatever_its_size)
{
    begin(10);
    upstream_start(session, &exchange);
    CHECK(exchange_push(&exchange, fake_event(EVENT_RESULT, "{\"long\":\"0123456789\"}")));
    expect(EVENT_RESULT);
    end();
}

TEST(ids_of_exchanges_carry_the_number_of_their_loop_and_stay_exact_for_every_language)
{
    begin(1000);
    upstream_start(session, &exchange);
    CHECK_EQ(exchange.id, (UINT64_C(3) << 40) + 1);
    CHECK(exchange.id < UINT64_C(1) << 53);
    CHECK(upstream_session_find(session, exchange.id) == &exchange);
    CHECK(upstream_session_find(session, exchange.id + 1) == NULL);
    end();
}

/* The request of an exchange with these params, as the server gets it. */
static struct slice request(const char *params, struct buf *to)
{
    auto_free(json) json = fake_json(params);

    buf_init(to, 1 << 20);
    exchange.params = json_root(json);
    exchange.id = 7;
    exchange_put(&exchange, to);
    exchange.params = NULL;
    return buf_slice(to);
}

TEST(a_progress_token_is_our_id_and_is_there_only_if_the_client_wants_progress)
{
    auto_buf plain;
    auto_buf wanted;

    begin(1000);
    CHECK_SLICE(request("{\"name\":\"x\",\"_meta\":{\"progressToken\":\"mine\"}}", &plain),
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"x\"}}");
    client.progress_token = S("\"mine\"");
    CHECK_SLICE(request("{\"name\":\"x\",\"_meta\":{\"progressToken\":\"mine\"}}", &wanted),
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"x\",\"_meta\":"
                "{\"progressToken\":7}}}");
    end();
}

TEST(the_state_a_client_sent_never_reaches_the_server_but_its_own_does)
{
    auto_buf without;
    auto_buf with;

    begin(1000);
    CHECK_SLICE(request("{\"name\":\"x\",\"requestState\":\"sealed or forged\"}", &without),
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"x\"}}");
    exchange.request_state = S("its \"own\"");
    exchange.input_responses = S("{\"k\":{}}");
    CHECK_SLICE(request("{\"name\":\"x\",\"requestState\":\"sealed\"}", &with),
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\"x\",\"requestState\":"
                "\"its \\\"own\\\"\",\"inputResponses\":{\"k\":{}}}}");
    end();
}
