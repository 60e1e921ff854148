#include "upstream/kit_upstream.h"

#include <gatehouse/server.h>

#include "kit/kit.h"
#include "support/fake_upstream.h"
#include "support/test.h"
#include "json/json_write.h"

static struct loop *loop;
static struct gatehouse_server *server;
static struct upstream *upstream;
static struct upstream_session *session;
static struct exchange exchange;
static struct envelope client;

/* ---- Handlers ---- */

static void greet(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_textf(call, "hello %s", gatehouse_arg_string(call, "name"));
}

static void work(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_progress(call, 1, 3, "one");
    gatehouse_log(call, GATEHOUSE_INFO, "work", "half way");
    gatehouse_progress(call, 2, 3, NULL);
    gatehouse_add_text(call, "done");
}

static void refuse(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_error(call, -32602, "no \"sense\"");
}

static void ask(struct gatehouse_call *call, void *user)
{
    size_t size;

    (void)user;
    const void *state = gatehouse_state(call, &size);
    gatehouse_set_state(call, "\0\1state", 7);
    if (!gatehouse_ask_elicit(call, "who", "Who?", "{\"type\":\"object\",\"properties\":{}}"))
        return;
    CHECK(state != NULL && size == 7 && memcmp(state, "\0\1state", 7) == 0);
    gatehouse_add_text(call, gatehouse_answer(call, "who"));
}

static void wait_long(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_progress(call, 1, 0, NULL);
    (void)gatehouse_wait_ms(call, 60000);
}

/* As deep as JSON of ours may be, so that one level more around it is too deep. */
static void log_deeply(struct gatehouse_call *call, void *user)
{
    char json[2 * JSON_DEPTH_CEILING + 1];

    (void)user;
    for (unsigned depth = 100; depth <= JSON_DEPTH_CEILING; depth++) {
        memset(json, '[', depth);
        memset(json + depth, ']', depth);
        json[2 * depth] = '\0';
        gatehouse_log_json(call, GATEHOUSE_ERROR, "deep", json);
    }
    gatehouse_add_text(call, "done");
}

static void read_note(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, "note");
}

/* ---- A client ---- */

static void add(const char *name, gatehouse_handler_fn handler)
{
    CHECK_EQ(gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = name, .handler = handler }), GATEHOUSE_OK);
}

static void begin(enum era era)
{
    CHECK_OK(loop_new(1, &loop));
    server = gatehouse_server_new(
        &(struct gatehouse_server_options){ .name = "tests", .version = "1", .instructions = "Be kind." });
    CHECK_EQ(gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = "greet",
                                                                  .input_schema = "{\"type\":\"object\"}",
                                                                  .handler = greet }),
             GATEHOUSE_OK);
    add("work", work);
    add("refuse", refuse);
    add("ask", ask);
    add("wait", wait_long);
    add("log_deeply", log_deeply);
    CHECK_EQ(gatehouse_add_resource(
                 server, &(struct gatehouse_resource){ .uri = "note:1", .name = "one", .handler = read_note }),
             GATEHOUSE_OK);
    upstream = kit_upstream_new(kit_of(server), loop, NULL);
    client = (struct envelope){ .era = era,
                                .revision = era == ERA_MODERN ? REVISION_2026_07_28 : REVISION_2025_11_25,
                                .principal = S("ada"),
                                .log_level = SEVERITY_INFO,
                                .abilities = 1u << ENVELOPE_CAN_ELICIT_FORM };
    CHECK_OK(upstream_open(upstream, &client, &session));
}

static struct json *params; /* of the exchange */

static void end(void)
{
    exchange_done(&exchange);
    json_free(TAKE(params));
    upstream_close(session);
    upstream_free(upstream);
    gatehouse_server_free(server);
    loop_free(loop);
}

static void start_with(struct slice method, const char *text, size_t max_bytes)
{
    json_free(TAKE(params));
    exchange_done(&exchange);
    params = text != NULL ? fake_json(text) : NULL;
    exchange_init(&exchange, max_bytes);
    exchange.method = method;
    exchange.params = params != NULL ? json_root(params) : NULL;
    exchange.envelope = &client;
    upstream_start(session, &exchange);
}

static void start(struct slice method, const char *text)
{
    start_with(method, text, 64 * 1024);
}

/* Waits for one event of the exchange, or of the session. */
struct reader {
    struct op op;
    bool of_session;
    struct event *event;
};

static enum err reader_run(struct op *op)
{
    struct reader *r = container_of(op, struct reader, op);

    TRY(r->of_session ? upstream_session_next(session, op, &r->event) : exchange_next(&exchange, op, &r->event));
    loop_stop(loop);
    return OK;
}

static void reader_release(struct op *op)
{
    (void)op; /* holds nothing */
}

static struct event *next(bool of_session)
{
    struct reader r = { .op = { .run = reader_run, .release = reader_release }, .of_session = of_session };

    op_start(&r.op, loop, NULL);
    loop_run(loop);
    return r.event;
}

static void check_value(const struct event *e, const char *expected)
{
    auto_buf text;

    buf_init(&text, 1 << 20);
    json_put(&text, e->value);
    CHECK_SLICE(buf_slice(&text), expected);
}

static void expect(enum event_kind kind, const char *value)
{
    struct event *e = next(false);

    CHECK_EQ(e->kind, kind);
    if (value != NULL)
        check_value(e, value);
    event_free(e);
}

static void expect_failure(enum err failure)
{
    struct event *e = next(false);

    CHECK_EQ(e->kind, EVENT_FAILURE);
    CHECK_ERR(e->failure, failure);
    event_free(e);
}

static void expect_notification(bool of_session, const char *method, const char *value)
{
    struct event *e = next(of_session);

    CHECK_EQ(e->kind, EVENT_NOTIFICATION);
    CHECK_SLICE(e->method, method);
    if (value != NULL)
        check_value(e, value);
    event_free(e);
}

/* ---- Opening ---- */

TEST(a_legacy_session_has_the_answer_to_initialize)
{
    begin(ERA_LEGACY);
    CHECK_EQ(session->state, UPSTREAM_READY);
    CHECK_SLICE(json_get_string(session->server, S("protocolVersion")), "2025-11-25");
    CHECK_SLICE(json_get_string(session->server, S("instructions")), "Be kind.");
    CHECK_SLICE(json_get_string(json_get(session->server, S("serverInfo")), S("name")), "tests");
    CHECK(json_is_object(json_get(json_get(session->server, S("capabilities")), S("tools"))));
    end();
}

TEST(a_modern_session_has_none_but_the_servers_name_for_every_answer)
{
    begin(ERA_MODERN);
    CHECK_EQ(session->state, UPSTREAM_READY);
    CHECK(session->server == NULL);
    CHECK(slice_search(session->server_info, S("\"tests\"")) != SIZE_MAX);
    start(S("server/discover"), NULL);
    struct event *e = next(false);
    CHECK_EQ(e->kind, EVENT_RESULT);
    CHECK_EQ(json_size(json_get(e->value, S("supportedVersions"))), 1);
    CHECK_SLICE(json_get_string(e->value, S("instructions")), "Be kind.");
    CHECK(json_get(e->value, S("serverInfo")) == NULL);
    event_free(e);
    end();
}

TEST(each_era_has_its_own_methods)
{
    static const struct slice of_legacy[] = { S("resources/subscribe"), S("resources/unsubscribe"),
                                              S("logging/setLevel") };
    static const struct slice of_modern[] = { S("server/discover"), S("subscriptions/listen") };

    begin(ERA_MODERN);
    for (size_t i = 0; i < N_ELEMENTS(of_legacy); i++) {
        start(of_legacy[i], "{\"uri\":\"note:1\"}");
        expect(EVENT_ERROR, NULL);
    }
    end();
    begin(ERA_LEGACY);
    for (size_t i = 0; i < N_ELEMENTS(of_modern); i++) {
        start(of_modern[i], "{}");
        expect(EVENT_ERROR, NULL);
    }
    start(S("logging/setLevel"), "{\"level\":\"info\"}");
    expect(EVENT_RESULT, "{}");
    end();
}

/* ---- Calls ---- */

TEST(a_result_is_the_handlers)
{
    begin(ERA_MODERN);
    start(S("tools/call"), "{\"name\":\"greet\",\"arguments\":{\"name\":\"ada\"}}");
    expect(EVENT_RESULT, "{\"content\":[{\"type\":\"text\",\"text\":\"hello ada\"}]}");
    end();
}

TEST(an_error_is_the_handlers_or_the_kits)
{
    begin(ERA_MODERN);
    start(S("tools/call"), "{\"name\":\"refuse\"}");
    expect(EVENT_ERROR, "{\"code\":-32602,\"message\":\"no \\\"sense\\\"\"}");
    start(S("no/such"), NULL);
    expect(EVENT_ERROR, "{\"code\":-32601,\"message\":\"Method not found\"}");
    end();
}

TEST(progress_and_log_lines_come_before_the_result)
{
    begin(ERA_MODERN);
    client.progress_token = S("1");
    start(S("tools/call"), "{\"name\":\"work\"}");
    expect(EVENT_PROGRESS, "{\"progress\":1,\"total\":3,\"message\":\"one\"}");
    expect(EVENT_LOG, "{\"level\":\"info\",\"logger\":\"work\",\"data\":\"half way\"}");
    expect(EVENT_PROGRESS, "{\"progress\":2,\"total\":3}");
    expect(EVENT_RESULT, NULL);
    end();
}

TEST(progress_is_not_made_for_clients_that_do_not_want_it)
{
    begin(ERA_MODERN);
    client.log_level = SEVERITY_NONE;
    start(S("tools/call"), "{\"name\":\"work\"}");
    expect(EVENT_RESULT, NULL);
    end();
}

TEST(a_handlers_question_comes_with_its_state_and_its_answer_goes_back)
{
    begin(ERA_MODERN);
    start(S("tools/call"), "{\"name\":\"ask\"}");
    struct event *e = next(false);
    CHECK_EQ(e->kind, EVENT_INPUT_REQUIRED);
    CHECK_SLICE(json_get_string(json_get(json_get(e->value, S("inputRequests")), S("who")), S("method")),
                "elicitation/create");

    auto_buf state;
    buf_init(&state, 1000);
    buf_put(&state, json_get_string(e->value, S("requestState")));
    event_free(e);
    exchange_done(&exchange);

    exchange_init(&exchange, 1000); /* the params are the same */
    exchange.method = S("tools/call");
    exchange.params = json_root(params);
    exchange.envelope = &client;
    exchange.request_state = buf_slice(&state);
    exchange.input_responses = S("{\"who\":{\"action\":\"accept\",\"content\":{}}}");
    upstream_start(session, &exchange);
    expect(EVENT_RESULT,
           "{\"content\":[{\"type\":\"text\",\"text\":\"{\\\"action\\\":\\\"accept\\\",\\\"content\\\":{}}\"}]}");
    end();
}

TEST(a_state_that_is_no_text_of_ours_is_refused)
{
    begin(ERA_MODERN);
    exchange_init(&exchange, 1000);
    exchange.method = S("tools/call");
    exchange.envelope = &client;
    exchange.request_state = S("!!!");
    upstream_start(session, &exchange);
    expect_failure(ERR_INVALID);
    exchange_done(&exchange);

    exchange_init(&exchange, 1000);
    exchange.method = S("tools/call");
    exchange.envelope = &client;
    exchange.input_responses = S("{");
    upstream_start(session, &exchange);
    expect_failure(ERR_INVALID);
    end();
}

TEST(a_call_is_cancelled_while_its_handler_runs)
{
    begin(ERA_MODERN);
    client.progress_token = S("1");
    start(S("tools/call"), "{\"name\":\"wait\"}");
    expect(EVENT_PROGRESS, NULL);
    end(); /* and the handler returns soon, or this takes a minute */
}

TEST(a_call_is_cancelled_before_its_handler_runs_and_after_it_has_ended)
{
    begin(ERA_MODERN);
    start(S("tools/call"), "{\"name\":\"wait\"}");
    exchange_done(&exchange);
    start(S("tools/call"), "{\"name\":\"greet\"}");
    struct event *e = next(false);
    exchange_done(&exchange);
    event_free(e);
    end();
}

TEST(a_closed_session_ends_its_calls)
{
    begin(ERA_MODERN);
    start(S("tools/call"), "{\"name\":\"wait\"}");
    upstream_close(session);
    expect_failure(ERR_CANCELLED);
    CHECK_OK(upstream_open(upstream, &client, &session));
    end();
}

TEST(a_call_whose_reader_is_too_slow_fails_alone_and_its_handler_is_told)
{
    begin(ERA_MODERN);
    client.progress_token = S("1");
    start_with(S("tools/call"), "{\"name\":\"wait\"}", 5);
    expect_failure(ERR_LIMIT);
    start(S("tools/call"), "{\"name\":\"greet\"}");
    expect(EVENT_RESULT, NULL);
    end();
}

TEST(a_log_line_that_is_too_deep_ends_its_call_and_nothing_else)
{
    begin(ERA_MODERN);
    start_with(S("tools/call"), "{\"name\":\"log_deeply\"}", 1 << 20);
    struct event *e;
    do {
        e = next(false);
        CHECK(e->kind == EVENT_LOG || event_is_last(e));
        bool is_last = event_is_last(e);
        event_free(e);
        if (is_last)
            break;
    } while (true);
    for (unsigned i = 0; i < 100; i++)
        loop_turn(loop);
    start(S("tools/call"), "{\"name\":\"greet\"}");
    expect(EVENT_RESULT, NULL);
    end();
}

/* ---- Changes ---- */

TEST(a_modern_subscription_is_acknowledged_and_told_of_what_it_asked_for)
{
    begin(ERA_MODERN);
    start(S("subscriptions/listen"), "{\"notifications\":{\"toolsListChanged\":true,"
                                     "\"resourceSubscriptions\":[\"note:1\"]}}");
    expect_notification(false, "notifications/subscriptions/acknowledged",
                        "{\"notifications\":{\"toolsListChanged\":true,\"resourceSubscriptions\":[\"note:1\"]}}");
    gatehouse_resources_changed(server); /* not asked for */
    gatehouse_resource_updated(server, "note:2");
    gatehouse_resource_updated(server, "note:1");
    expect_notification(false, "notifications/resources/updated", "{\"uri\":\"note:1\"}");
    gatehouse_tools_changed(server);
    expect_notification(false, "notifications/tools/list_changed", NULL);
    end();
}

TEST(more_updates_than_are_worth_naming_are_told_of_every_resource_subscribed_to)
{
    begin(ERA_MODERN);
    start(S("subscriptions/listen"), "{\"notifications\":{\"resourceSubscriptions\":[\"note:1\"]}}");
    expect_notification(false, "notifications/subscriptions/acknowledged", NULL);
    for (unsigned i = 0; i < 100; i++) {
        char uri[] = "other:00";
        uri[6] = (char)('0' + i / 10);
        uri[7] = (char)('0' + i % 10);
        gatehouse_resource_updated(server, uri);
    }
    expect_notification(false, "notifications/resources/updated", "{\"uri\":\"note:1\"}");
    end();
}

TEST(a_subscriber_that_reads_nothing_is_let_go)
{
    begin(ERA_MODERN);
    start_with(S("subscriptions/listen"), "{\"notifications\":{\"resourceSubscriptions\":[\"note:1\"]}}", 100);
    for (unsigned i = 0; i < 10; i++) {
        gatehouse_resource_updated(server, "note:1");
        for (unsigned turn = 0; turn < 20; turn++)
            loop_turn(loop);
    }
    CHECK(exchange.finished);
    end();
}

TEST(a_subscription_whose_very_acknowledgement_is_too_large_fails_and_hears_nothing_more)
{
    begin(ERA_MODERN);
    start_with(S("subscriptions/listen"), "{\"notifications\":{\"resourceSubscriptions\":[\"note:1\"]}}", 10);
    expect_failure(ERR_LIMIT);
    exchange_done(&exchange);
    gatehouse_resource_updated(server, "note:1");
    for (unsigned turn = 0; turn < 100; turn++)
        loop_turn(loop);
    end();
}

TEST(a_subscription_to_too_many_resources_is_refused)
{
    auto_buf filter;

    begin(ERA_MODERN);
    buf_init(&filter, 1 << 20);
    buf_put(&filter, S("{\"notifications\":{\"resourceSubscriptions\":["));
    for (unsigned i = 0; i <= 1024; i++)
        buf_printf(&filter, "\"note:%u\",", i);
    filter.ptr[filter.len - 1] = ']';
    buf_put(&filter, S("}}"));
    buf_putc(&filter, '\0');
    start(S("subscriptions/listen"), filter.ptr);
    expect_failure(ERR_LIMIT);
    end();
}

TEST(a_legacy_session_hears_of_lists_and_of_the_resources_it_subscribed_to)
{
    begin(ERA_LEGACY);
    start(S("resources/subscribe"), "{\"uri\":\"note:1\"}");
    expect(EVENT_RESULT, "{}");
    gatehouse_resource_updated(server, "note:1");
    expect_notification(true, "notifications/resources/updated", "{\"uri\":\"note:1\"}");
    start(S("resources/unsubscribe"), "{\"uri\":\"note:1\"}");
    expect(EVENT_RESULT, "{}");
    gatehouse_resource_updated(server, "note:1");
    gatehouse_prompts_changed(server);
    expect_notification(true, "notifications/prompts/list_changed", NULL);
    end();
}

TEST(a_subscription_without_a_uri_is_refused)
{
    begin(ERA_LEGACY);
    start(S("resources/subscribe"), "{\"uri\":7}");
    expect(EVENT_ERROR, "{\"code\":-32602,\"message\":\"uri is missing\"}");
    start(S("resources/unsubscribe"), NULL);
    expect(EVENT_ERROR, NULL);
    end();
}

TEST(answers_and_notifications_go_nowhere)
{
    begin(ERA_LEGACY);
    upstream_answer(session, 1, S("{}"), NO_SLICE);
    upstream_notify(session, S("notifications/roots/list_changed"), NULL);
    end();
}
