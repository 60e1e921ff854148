#include "gateway/call.h"

#include "gateway/question.h"
#include "gateway/request_state.h"
#include "rig.h"

#define IDLE_MS     1000
#define TOTAL_MS    10000
#define QUESTION_MS 3000
#define BEAT_MS     20000 /* longer than a call: only the tests of it see one */

static const struct gateway_options options = { .json = { 128, 200000, 64 },
                                                .max_sessions = 10,
                                                .max_sessions_per_principal = 10,
                                                .session_idle_ms = 100000,
                                                .call_idle_ms = IDLE_MS,
                                                .call_total_ms = TOTAL_MS,
                                                .question_ms = QUESTION_MS,
                                                .heartbeat_ms = BEAT_MS,
                                                .queue_bytes = 2000 };

static struct rig rig;
static struct recorder client;
static struct call call;
static struct session *session;
static struct json *params;
static struct rpc rpc;
static bool is_started;

static void begin_modern(void)
{
    rig_begin(&rig, &options);
    rig_be_modern(&rig);
    recorder_init(&client);
}

/* A legacy client with a session. */
static void begin_legacy(void)
{
    struct upstream_session *unused;

    rig_begin(&rig, &options);
    rig_be_legacy(&rig);
    recorder_init(&client);
    CHECK_OK(session_begin(&rig.gateway->sessions, rig.endpoint, &rig.envelope, &session));
    CHECK_OK(session_upstream(session, &unused));
}

static void start_with_state(struct slice method, const char *text, struct slice state)
{
    struct upstream_session *upstream;

    if (session != NULL)
        CHECK_OK(session_upstream(session, &upstream));
    else
        CHECK_OK(endpoint_upstream(rig.endpoint, &rig.envelope, &upstream));
    params = fake_json(text);
    rpc = (struct rpc){ .kind = RPC_REQUEST, .id = S("7"), .method = method, .params = json_root(params) };
    call_start(&call,
               &(struct call_options){ .endpoint = rig.endpoint,
                                       .session = session,
                                       .upstream = upstream,
                                       .envelope = &rig.envelope,
                                       .rpc = &rpc,
                                       .request_state = state,
                                       .outlet = &client.outlet,
                                       .cancel_when_gone = rig.envelope.era == ERA_MODERN },
               NULL);
    is_started = true;
    rig_turn(&rig);
}

static void start(struct slice method, const char *text)
{
    start_with_state(method, text, NO_SLICE);
}

static void end(void)
{
    if (is_started)
        call_cancel(&call);
    json_free(TAKE(params));
    buf_done(&client.said);
    if (session != NULL)
        session_release(TAKE(session));
    rig_end(&rig);
}

static void say(enum event_kind kind, const char *text)
{
    fake_say(rig.fake, kind, text);
    rig_turn(&rig);
}

static void check_over(void)
{
    CHECK(!op_is_active(&call.op));
    CHECK(rig.fake->last == NULL || list_is_empty(&rig.fake->last->exchanges));
}

/* ---- Answers ---- */

TEST(a_result_goes_to_a_modern_client_as_complete)
{
    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\"}");
    check_said(&client, "");
    say(EVENT_RESULT, "{\"content\":[]}");
    check_said(&client,
               "answer 200 {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"content\":[],\"resultType\":\"complete\"}}\n");
    check_over();
    end();
}

TEST(a_result_goes_to_a_legacy_client_without_what_it_does_not_know)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_RESULT, "{\"content\":[],\"resultType\":\"complete\",\"ttlMs\":5}");
    check_said(&client, "answer 200 {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"content\":[]}}\n");
    check_over();
    end();
}

TEST(an_error_of_the_upstream_is_passed_on)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_ERROR, "{\"code\":-32602,\"message\":\"no\",\"data\":[1]}");
    check_said(
        &client,
        "answer 200 {\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32602,\"message\":\"no\",\"data\":[1]}}\n");
    check_over();
    end();
}

TEST(a_missing_capability_has_a_status_of_its_own_in_the_modern_era)
{
    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_ERROR, "{\"code\":-32021,\"message\":\"ask\"}");
    check_said(&client, "answer 400 {\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32021,\"message\":\"ask\"}}\n");
    check_over();
    end();
}

TEST(an_upstream_that_fails_is_an_internal_error_that_says_whose_fault_it_is)
{
    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\"}");
    exchange_fail(fake_exchange(rig.fake), ERR_EXITED);
    rig_turn(&rig);
    CHECK(recorder_has(&client, "answer 200 {\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32603"));
    CHECK(recorder_has(&client, "\"kind\":"));
    check_over();
    end();
}

TEST(a_server_without_discovery_sends_modern_clients_back_to_initialize)
{
    begin_modern();
    start(S("server/discover"), "{}");
    say(EVENT_RESULT, "{\"capabilities\":{}}");
    CHECK(recorder_has(&client, "answer 404 "));
    CHECK(recorder_has(&client, "-32601"));
    check_over();
    end();
}

TEST(a_server_with_discovery_answers_it)
{
    begin_modern();
    start(S("server/discover"), "{}");
    say(EVENT_RESULT, "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{}}");
    CHECK(recorder_has(&client, "answer 200 "));
    end();
}

TEST(an_answer_beyond_all_measure_becomes_an_error)
{
    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\"}");
    char *text = mem_zalloc(1, OUTLET_MESSAGE_MAX + 100);
    memset(text, ' ', OUTLET_MESSAGE_MAX + 90);
    memset(text + 6, 'x', OUTLET_MESSAGE_MAX - 6);
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + OUTLET_MESSAGE_MAX, "\"}", 2);
    say(EVENT_RESULT, text);
    free(text);
    check_said(&client,
               "answer 200 {\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32603,\"message\":\"The answer is "
               "too large\"}}\n");
    end();
}

/* ---- Progress, log lines, other notifications ---- */

TEST(progress_only_grows_and_carries_the_clients_token_in_its_own_type)
{
    begin_modern();
    rig.envelope.progress_token = S("\"t\"");
    start(S("tools/call"), "{\"name\":\"x\",\"_meta\":{\"progressToken\":\"t\"}}");
    say(EVENT_PROGRESS, "{\"progressToken\":99,\"progress\":1,\"message\":\"m\"}");
    check_said(&client, "message {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{"
                        "\"progressToken\":\"t\",\"progress\":1,\"message\":\"m\"}}\n");
    say(EVENT_PROGRESS, "{\"progress\":1}");
    say(EVENT_PROGRESS, "{\"progress\":0.5}");
    say(EVENT_PROGRESS, "{\"progress\":\"2\"}");
    say(EVENT_PROGRESS, "{}");
    check_said(&client, "");
    say(EVENT_PROGRESS, "{\"progress\":1.5}");
    CHECK(recorder_has(&client, "\"progress\":1.5,\"progressToken\":\"t\""));
    end();
}

TEST(a_number_stays_a_number_as_a_token)
{
    begin_modern();
    rig.envelope.progress_token = S("42");
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_PROGRESS, "{\"progress\":-1}");
    CHECK(recorder_has(&client, "\"progressToken\":42"));
    end();
}

TEST(clients_of_the_first_revision_get_no_message_with_progress)
{
    begin_legacy();
    rig.envelope.revision = REVISION_2024_11_05;
    rig.envelope.progress_token = S("1");
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_PROGRESS, "{\"progress\":1,\"message\":\"m\",\"total\":2}");
    check_said(&client, "message {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{"
                        "\"progress\":1,\"total\":2,\"progressToken\":1}}\n");
    end();
}

TEST(who_wants_no_progress_gets_none)
{
    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_PROGRESS, "{\"progress\":1}");
    check_said(&client, "");
    end();
}

TEST(log_lines_are_passed_from_the_level_the_client_wants)
{
    begin_modern();
    rig.envelope.log_level = SEVERITY_WARNING;
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_LOG, "{\"level\":\"info\",\"data\":1}");
    check_said(&client, "");
    say(EVENT_LOG, "{\"level\":\"warning\",\"data\":1}");
    check_said(&client, "message {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":"
                        "\"warning\",\"data\":1}}\n");
    end();
}

TEST(a_modern_client_that_named_no_level_gets_no_log_lines)
{
    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_LOG, "{\"level\":\"emergency\",\"data\":1}");
    check_said(&client, "");
    end();
}

TEST(other_notifications_are_passed_and_what_they_outdate_is_forgotten)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    fake_notice(rig.fake, S("notifications/tools/list_changed"), "{}");
    rig_turn(&rig);
    check_said(&client,
               "message {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\",\"params\":{}}\n");
    end();
}

TEST(a_client_that_takes_the_answer_alone_gets_the_answer_alone)
{
    begin_modern();
    client.takes_answer_only = true;
    rig.envelope.progress_token = S("1");
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_PROGRESS, "{\"progress\":1}");
    say(EVENT_RESULT, "{}");
    CHECK(recorder_has(&client, "answer 200") && !recorder_has(&client, "message"));
    end();
}

TEST(a_quiet_call_shows_signs_of_life_again_and_again)
{
    begin_modern();
    start(S("subscriptions/listen"), "{}");
    rig_skip_ms(&rig, BEAT_MS + 300);
    check_said(&client, "beat\n");
    rig_skip_ms(&rig, BEAT_MS + 300);
    check_said(&client, "beat\n");
    end();
}

/* ---- Many events, slow clients ---- */

TEST(many_events_come_out_in_order_and_in_turns)
{
    begin_modern();
    rig.envelope.log_level = SEVERITY_DEBUG;
    start(S("tools/call"), "{\"name\":\"x\"}");
    for (unsigned i = 0; i < 50; i++)
        fake_say(rig.fake, EVENT_LOG, "{\"level\":\"info\"}");
    fake_say(rig.fake, EVENT_RESULT, "{}");
    rig_turn(&rig);
    struct slice rest = buf_slice(&client.said), line;
    unsigned n = 0;
    while (slice_next(&rest, '\n', &line) && slice_starts(line, S("message")))
        n++;
    CHECK_EQ(n, 50);
    CHECK(slice_starts(line, S("answer")));
    end();
}

TEST(a_client_that_does_not_read_is_not_written_to_until_it_does)
{
    begin_modern();
    rig.envelope.log_level = SEVERITY_DEBUG;
    client.is_full = true;
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_LOG, "{\"level\":\"info\"}");
    say(EVENT_RESULT, "{}");
    check_said(&client, "");
    client.is_full = false;
    slot_wake(&client.room);
    rig_turn(&rig);
    CHECK(recorder_has(&client, "message") && recorder_has(&client, "answer"));
    check_over();
    end();
}

TEST(a_client_that_reads_too_slowly_loses_this_call_and_no_other)
{
    begin_modern();
    rig.envelope.log_level = SEVERITY_DEBUG;
    client.is_full = true;
    start(S("tools/call"), "{\"name\":\"x\"}");
    for (unsigned i = 0; i < 200; i++) {
        struct exchange *ex = &call.exchange;
        if (!ex->finished && !exchange_push(ex, fake_event(EVENT_LOG, "{\"level\":\"info\"}")))
            break;
    }
    CHECK(call.exchange.finished);
    client.is_full = false;
    slot_wake(&client.room);
    rig_turn(&rig);
    CHECK(recorder_has(&client, "answer 200 {\"jsonrpc\":\"2.0\",\"id\":7,\"error\""));
    check_over();
    end();
}

/* ---- Time ---- */

TEST(a_call_without_progress_ends_after_its_quiet_time)
{
    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\"}");
    rig_skip_ms(&rig, IDLE_MS - 10);
    CHECK(op_is_active(&call.op));
    rig_skip_ms(&rig, 300);
    CHECK(recorder_has(&client, "answer 200 {\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":-32603"));
    CHECK_EQ(fake_heard(rig.fake, "cancel tools/call"), 1);
    check_over();
    end();
}

TEST(progress_keeps_a_call_alive_up_to_its_total_time)
{
    char text[] = "{\"progress\":00}";

    begin_modern();
    rig.envelope.progress_token = S("1");
    start(S("tools/call"), "{\"name\":\"x\"}");
    for (unsigned i = 10; i < 23; i++) {
        rig_skip_ms(&rig, IDLE_MS - 300);
        CHECK(op_is_active(&call.op));
        text[12] = (char)('0' + i / 10);
        text[13] = (char)('0' + i % 10);
        say(EVENT_PROGRESS, text);
    }
    rig_skip_ms(&rig, IDLE_MS - 300); /* now it is ten seconds in all */
    rig_skip_ms(&rig, IDLE_MS - 300);
    CHECK(recorder_has(&client, "answer 200"));
    CHECK(recorder_has(&client, "\"error\""));
    CHECK_EQ(fake_heard(rig.fake, "cancel"), 1);
    check_over();
    end();
}

TEST(a_subscription_has_no_end_in_time)
{
    begin_modern();
    start(S("subscriptions/listen"), "{\"notifications\":{}}");
    rig_skip_ms(&rig, 10 * TOTAL_MS);
    CHECK(op_is_active(&call.op));
    end();
}

TEST(a_legacy_call_of_that_name_is_a_call_like_any_other)
{
    begin_legacy();
    start(S("subscriptions/listen"), "{}");
    rig_skip_ms(&rig, IDLE_MS + 300);
    check_over();
    CHECK(list_is_empty(&rig.gateway->listening));
    end();
}

/* ---- Clients that leave ---- */

TEST(a_modern_client_that_vanishes_cancels_its_call)
{
    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\"}");
    client.is_gone = true;
    slot_wake(&client.gone);
    rig_turn(&rig);
    CHECK_EQ(fake_heard(rig.fake, "cancel tools/call"), 1);
    check_said(&client, "");
    check_over();
    end();
}

TEST(a_legacy_client_that_vanishes_leaves_its_call_running)
{
    begin_legacy();
    rig.envelope.progress_token = S("1");
    start(S("tools/call"), "{\"name\":\"x\"}");
    client.is_gone = true;
    slot_wake(&client.gone);
    say(EVENT_PROGRESS, "{\"progress\":1}");
    CHECK(op_is_active(&call.op));
    rig_skip_ms(&rig, IDLE_MS - 300);
    say(EVENT_RESULT, "{}");
    CHECK_EQ(fake_heard(rig.fake, "cancel"), 0);
    check_over();
    end();
}

TEST(a_client_that_vanishes_while_it_does_not_read_is_noticed)
{
    begin_modern();
    client.is_full = true;
    start(S("tools/call"), "{\"name\":\"x\"}");
    client.is_gone = true;
    slot_wake(&client.room);
    rig_turn(&rig);
    check_over();
    end();
}

TEST(a_call_that_the_client_abandons_says_nothing_more)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    call_abandon(&call, NO_SLICE);
    rig_turn(&rig);
    CHECK_EQ(fake_heard(rig.fake, "cancel tools/call"), 1);
    check_said(&client, "");
    check_over();
    end();
}

/* ---- Subscriptions ---- */

TEST(what_a_subscription_hears_names_it)
{
    begin_modern();
    start(S("subscriptions/listen"), "{}");
    fake_notice(rig.fake, S("notifications/subscriptions/acknowledged"), "{\"notifications\":{}}");
    rig_turn(&rig);
    check_said(&client,
               "message {\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\","
               "\"params\":{\"notifications\":{},\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":7}}}\n");
    end();
}

TEST(draining_ends_subscriptions_in_order_and_lets_calls_go_on)
{
    begin_modern();
    start(S("subscriptions/listen"), "{}");
    gateway_drain(rig.gateway);
    rig_turn(&rig);
    check_said(&client, "answer 200 {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"resultType\":\"complete\",\"_meta\":{"
                        "\"io.modelcontextprotocol/subscriptionId\":7}}}\n");
    CHECK_EQ(fake_heard(rig.fake, "cancel subscriptions/listen"), 1);
    check_over();
    json_free(TAKE(params));

    start(S("tools/call"), "{\"name\":\"x\"}");
    CHECK(op_is_active(&call.op));
    say(EVENT_RESULT, "{}");
    CHECK(recorder_has(&client, "answer 200"));
    json_free(TAKE(params));

    start(S("subscriptions/listen"), "{}"); /* nothing new is listened to */
    check_over();
    end();
}

/* ---- Questions of an upstream that waits for the answer ---- */

/* The id of the question that was asked last, "q-N", with its quotes. */
static struct slice last_question(void)
{
    struct slice text = buf_slice(&client.said);
    size_t at = SIZE_MAX;

    for (size_t i = 0; i + 3 < text.len; i++)
        if (memcmp(text.ptr + i, "\"q-", 3) == 0)
            at = i;
    CHECK(at != SIZE_MAX);
    struct slice id = slice_from(text, at);
    return slice_first(id, slice_search(slice_from(id, 1), S("\"")) + 2);
}

static void reply_to(struct slice id, const char *result, const char *error)
{
    auto_free(json) r = result != NULL ? fake_json(result) : NULL;
    auto_free(json) e = error != NULL ? fake_json(error) : NULL;

    CHECK(question_answer(session, id, r != NULL ? json_root(r) : NULL, e != NULL ? json_root(e) : NULL));
    rig_turn(&rig);
}

static void elicit(uint64_t number)
{
    fake_ask(rig.fake, number, S("elicitation/create"), "{\"message\":\"Who?\"}");
    rig_turn(&rig);
}

TEST(a_question_goes_to_a_legacy_client_and_its_answer_back)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(5);
    CHECK(recorder_has(&client, "\"method\":\"elicitation/create\",\"params\":{\"message\":\"Who?\"}}"));
    reply_to(last_question(), "{\"action\":\"accept\"}", NULL);
    CHECK_EQ(fake_heard(rig.fake, "answer 5 {\"action\":\"accept\"}"), 1);
    CHECK_EQ(session->questions.n, 0);
    say(EVENT_RESULT, "{}");
    CHECK(recorder_has(&client, "answer 200"));
    CHECK_EQ(fake_heard(rig.fake, "answer"), 1);
    end();
}

TEST(an_error_for_an_answer_is_passed_on_too)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    fake_ask(rig.fake, 6, S("sampling/createMessage"), "{}");
    rig_turn(&rig);
    reply_to(last_question(), NULL, "{\"code\":-1,\"message\":\"no\"}");
    CHECK_EQ(fake_heard(rig.fake, "answer 6 error {\"code\":-1,\"message\":\"no\"}"), 1);
    end();
}

TEST(while_the_user_thinks_the_quiet_time_stands_still_and_then_starts_anew)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(5);
    rig_skip_ms(&rig, QUESTION_MS - 300);
    CHECK(op_is_active(&call.op));
    reply_to(last_question(), "{}", NULL);
    rig_skip_ms(&rig, IDLE_MS - 300);
    CHECK(op_is_active(&call.op));
    rig_skip_ms(&rig, 600);
    check_over();
    end();
}

TEST(a_user_who_never_answers_ends_the_call)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(5);
    struct slice id = last_question();
    rig_skip_ms(&rig, QUESTION_MS + 300);
    CHECK(recorder_has(&client, "answer 200"));
    CHECK_EQ(fake_heard(rig.fake, "answer 5 {\"action\":\"cancel\"}"), 1);
    CHECK_EQ(fake_heard(rig.fake, "cancel tools/call"), 1);
    check_over();
    CHECK(!question_answer(session, id, NULL, NULL)); /* too late */
    end();
}

TEST(a_user_who_has_gone_has_less_time_to_answer)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(5);
    client.is_gone = true;
    slot_wake(&client.gone);
    rig_skip_ms(&rig, IDLE_MS - 300);
    CHECK(op_is_active(&call.op)); /* the answer may still come by itself */
    reply_to(last_question(), "{}", NULL);
    CHECK_EQ(fake_heard(rig.fake, "answer 5 {}"), 1);
    end();

    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(5);
    client.is_gone = true;
    slot_wake(&client.gone);
    rig_turn(&rig);
    rig_skip_ms(&rig, IDLE_MS + 300);
    CHECK_EQ(fake_heard(rig.fake, "answer 5 {\"action\":\"cancel\"}"), 1);
    check_over();
    end();
}

TEST(draining_waits_for_no_answer_of_a_user_who_has_gone)
{
    begin_legacy();
    CHECK_OK(map_add(&session->calls, S("7"), &call)); /* as the front does */
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(5);
    client.is_gone = true;
    slot_wake(&client.gone);
    rig_turn(&rig);
    CHECK(op_is_active(&call.op));
    gateway_drain(rig.gateway);
    rig_turn(&rig);
    CHECK_EQ(fake_heard(rig.fake, "answer 5 {\"action\":\"cancel\"}"), 1);
    check_over();
    (void)map_remove(&session->calls, S("7"));
    end();
}

TEST(an_id_that_only_looks_like_that_of_a_question_answers_nothing)
{
    begin_legacy();
    session->n_questions = 6;
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(5);
    CHECK_SLICE(last_question(), "\"q-7\"");
    CHECK(!question_answer(session, S("\"q-07\""), NULL, NULL));
    CHECK(!question_answer(session, S("\"q-\""), NULL, NULL));
    CHECK(!question_answer(session, S("\"q-+7\""), NULL, NULL));
    CHECK(!question_answer(session, S("\"q-18446744073709551623\""), NULL, NULL)); /* 2^64 + 7 */
    CHECK(!question_answer(session, S("7"), NULL, NULL));
    CHECK_EQ(fake_heard(rig.fake, "answer"), 0);
    end();
}

TEST(two_questions_at_once_are_answered_in_any_order)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(5);
    auto_buf first;
    buf_init(&first, 100);
    buf_put(&first, last_question());
    elicit(6);
    reply_to(last_question(), "{\"n\":6}", NULL);
    rig_skip_ms(&rig, IDLE_MS + 300); /* one is still open */
    CHECK(op_is_active(&call.op));
    reply_to(buf_slice(&first), "{\"n\":5}", NULL);
    CHECK_EQ(fake_heard(rig.fake, "answer 5 {\"n\":5}"), 1);
    CHECK_EQ(fake_heard(rig.fake, "answer 6 {\"n\":6}"), 1);
    end();
}

TEST(what_a_client_cannot_be_asked_is_declined_at_once)
{
    begin_legacy();
    session->envelope.abilities = 0;
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(1);
    fake_ask(rig.fake, 2, S("sampling/createMessage"), "{}");
    fake_ask(rig.fake, 3, S("roots/list"), "{}");
    rig_turn(&rig);
    check_said(&client, "");
    CHECK_EQ(fake_heard(rig.fake, "answer 1 {\"action\":\"cancel\"}"), 1);
    CHECK_EQ(fake_heard(rig.fake, "answer 2 error {\"code\":-1,"), 1);
    CHECK_EQ(fake_heard(rig.fake, "answer 3 error {\"code\":-32603,"), 1);
    say(EVENT_RESULT, "{}");
    check_over();
    end();
}

TEST(a_modern_client_cannot_be_asked_in_the_middle_of_a_call_and_the_upstream_learns_it)
{
    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(1);
    CHECK_EQ(fake_heard(rig.fake, "answer 1 {\"action\":\"cancel\"}"), 1);
    end();
}

TEST(a_client_that_takes_the_answer_alone_is_asked_nothing_and_its_call_goes_on)
{
    begin_legacy();
    client.takes_answer_only = true;
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(1);
    CHECK_EQ(fake_heard(rig.fake, "answer 1 {\"action\":\"cancel\"}"), 1);
    CHECK_EQ(session->questions.n, 0);
    rig_skip_ms(&rig, IDLE_MS - 300);
    say(EVENT_RESULT, "{}");
    CHECK(recorder_has(&client, "answer 200 {\"jsonrpc\":\"2.0\",\"id\":7,\"result\""));
    check_over();
    end();
}

TEST(a_client_that_has_gone_is_asked_nothing)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    client.is_gone = true;
    slot_wake(&client.gone);
    rig_turn(&rig);
    elicit(1);
    CHECK_EQ(fake_heard(rig.fake, "answer 1 {\"action\":\"cancel\"}"), 1);
    end();
}

TEST(a_session_can_be_asked_so_much_and_no_more)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    for (unsigned i = 1; i <= SESSION_QUESTIONS_MAX; i++)
        elicit(i);
    CHECK_EQ(session->questions.n, SESSION_QUESTIONS_MAX);
    CHECK_EQ(fake_heard(rig.fake, "answer"), 0);
    elicit(1000);
    CHECK_EQ(fake_heard(rig.fake, "answer 1000 {\"action\":\"cancel\"}"), 1);
    end();
}

/* ---- Rounds of a legacy client ---- */

#define ASKS_ONE                                                                                                       \
    "{\"inputRequests\":{\"who\":{\"method\":\"elicitation/create\",\"params\":{}}},\"requestState\":\"s1\"}"
#define ASKS_BOTH                                                                                                      \
    "{\"inputRequests\":{\"who\":{\"method\":\"elicitation/create\",\"params\":{}},"                                   \
    "\"where\":{\"method\":\"roots/list\"}}}"

TEST(what_an_upstream_needs_a_legacy_client_is_asked_and_the_call_begins_anew)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_INPUT_REQUIRED, ASKS_ONE);
    CHECK(recorder_has(&client, "message") && !recorder_has(&client, "answer"));
    reply_to(last_question(), "{\"action\":\"accept\"}", NULL);
    CHECK_EQ(fake_heard(rig.fake, "\"requestState\":\"s1\",\"inputResponses\":{\"who\":{\"action\":\"accept\"}}"), 1);
    CHECK_EQ(session->questions.n, 0);
    say(EVENT_RESULT, "{}");
    CHECK(recorder_has(&client, "answer 200 {\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}"));
    check_over();
    end();
}

TEST(several_questions_are_asked_at_once_and_answered_together)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_INPUT_REQUIRED, ASKS_BOTH);
    CHECK_EQ(session->questions.n, 2);
    reply_to(last_question(), "{\"roots\":[]}", NULL);
    CHECK_EQ(fake_heard(rig.fake, "start"), 1);
    rig_skip_ms(&rig, QUESTION_MS - 600);
    struct slice said = buf_slice(&client.said);
    size_t at = slice_search(said, S("\"q-"));
    struct slice id = slice_from(said, at);
    reply_to(slice_first(id, slice_search(slice_from(id, 1), S("\"")) + 2), NULL, "{\"code\":-1,\"message\":\"\"}");
    CHECK_EQ(fake_heard(rig.fake, "\"inputResponses\":{\"who\":{\"action\":\"cancel\"},\"where\":{\"roots\":[]}}"), 1);
    end();
}

TEST(a_refusal_of_what_has_no_way_to_say_no_ends_the_call)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_INPUT_REQUIRED, "{\"inputRequests\":{\"k\":{\"method\":\"roots/list\"}}}");
    reply_to(last_question(), NULL, "{\"code\":-1,\"message\":\"no\"}");
    CHECK(recorder_has(&client, "\"isError\":true"));
    check_over();
    end();
}

TEST(a_round_that_nobody_answers_ends_the_call)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_INPUT_REQUIRED, ASKS_ONE);
    rig_skip_ms(&rig, QUESTION_MS + 300);
    CHECK(recorder_has(&client, "\"isError\":true"));
    CHECK_EQ(session->questions.n, 0);
    check_over();
    end();
}

TEST(a_round_with_a_question_the_client_cannot_be_asked_ends_the_call)
{
    begin_legacy();
    session->envelope.abilities = 1u << ENVELOPE_CAN_ELICIT_FORM;
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_INPUT_REQUIRED, ASKS_BOTH);
    CHECK(recorder_has(&client, "\"isError\":true"));
    CHECK_EQ(session->questions.n, 0);
    check_over();
    end();
}

TEST(what_is_not_a_tool_ends_with_an_error)
{
    begin_legacy();
    session->envelope.abilities = 0;
    start(S("prompts/get"), "{\"name\":\"x\"}");
    say(EVENT_INPUT_REQUIRED, ASKS_ONE);
    CHECK(recorder_has(&client, "\"error\":{\"code\":-32603"));
    check_over();
    end();
}

TEST(a_round_that_asks_nothing_is_a_pause)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_INPUT_REQUIRED, "{\"requestState\":\"later\"}");
    CHECK_EQ(fake_heard(rig.fake, "start"), 1);
    rig_skip_ms(&rig, 300);
    CHECK_EQ(fake_heard(rig.fake, "start"), 2);
    CHECK_EQ(fake_heard(rig.fake, "\"requestState\":\"later\",\"inputResponses\":{}"), 1);
    end();
}

TEST(there_are_so_many_rounds_and_no_more)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    for (unsigned i = 0; i < CALL_ROUNDS_MAX; i++) {
        say(EVENT_INPUT_REQUIRED, ASKS_ONE);
        reply_to(last_question(), "{}", NULL);
        CHECK(op_is_active(&call.op));
    }
    CHECK_EQ(fake_heard(rig.fake, "start"), CALL_ROUNDS_MAX + 1);
    say(EVENT_INPUT_REQUIRED, ASKS_ONE);
    CHECK(recorder_has(&client, "\"isError\":true"));
    check_over();
    end();
}

TEST(an_upstream_that_asks_and_then_needs_input_has_given_up_its_own_question)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(5);
    say(EVENT_INPUT_REQUIRED, ASKS_ONE);
    CHECK_EQ(session->questions.n, 1);
    reply_to(last_question(), "{}", NULL);
    CHECK_EQ(fake_heard(rig.fake, "\"inputResponses\":{\"who\":{}}"), 1);
    end();
}

TEST(a_session_that_was_lost_and_opened_anew_between_rounds_fails_the_call_and_nothing_else)
{
    struct upstream_session *other;

    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_INPUT_REQUIRED, ASKS_ONE);
    session->upstream->state = UPSTREAM_FAILED;
    session->upstream->failure = ERR_EXITED;
    CHECK_OK(session_upstream(session, &other)); /* another request of the client */
    CHECK_EQ(rig.fake->n_opened, 2);
    reply_to(last_question(), "{}", NULL);
    CHECK(recorder_has(&client, "\"error\":{\"code\":-32603"));
    check_over();
    CHECK_EQ(rig.fake->n_closed, 1);
    end();
}

TEST(an_answer_that_came_before_the_session_was_lost_is_still_given)
{
    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\"}");
    struct upstream_session *s = rig.fake->last, *other;
    fake_say(rig.fake, EVENT_RESULT, "{}");
    s->state = UPSTREAM_FAILED;
    CHECK_OK(endpoint_upstream(rig.endpoint, &rig.envelope, &other)); /* before the call has run */
    rig_turn(&rig);
    CHECK(recorder_has(&client, "answer 200 {\"jsonrpc\":\"2.0\",\"id\":7,\"result\""));
    end();
}

TEST(a_question_of_a_lost_session_is_not_answered_to_another_one)
{
    struct upstream_session *other;

    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(5);
    exchange_fail(fake_exchange(rig.fake), ERR_EXITED);
    session->upstream->state = UPSTREAM_FAILED;
    CHECK_OK(session_upstream(session, &other));
    auto_free(json) answer = fake_json("{}");
    (void)question_answer(session, last_question(), json_root(answer), NULL);
    rig_turn(&rig);
    CHECK_EQ(fake_heard(rig.fake, "answer"), 0);
    end();
}

/* ---- Rounds of a modern client ---- */

/* Starts a call that asks, and gives the state that the client got with the question. */
static void get_state(struct buf *state)
{
    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\",\"arguments\":{\"a\":1}}");
    say(EVENT_INPUT_REQUIRED, ASKS_ONE);
    CHECK(recorder_has(&client, "\"resultType\":\"input_required\",\"inputRequests\":{\"who\":"));
    CHECK(!recorder_has(&client, "s1"));
    size_t at = slice_search(buf_slice(&client.said), S("\"requestState\":\""));
    CHECK(at != SIZE_MAX);
    struct slice text = slice_from(buf_slice(&client.said), at + 16);
    buf_init(state, REQUEST_STATE_MAX);
    buf_put(state, slice_first(text, slice_search(text, S("\""))));
    check_over();
}

TEST(a_modern_client_gets_the_question_as_its_answer_with_a_sealed_state)
{
    auto_buf state;
    auto_buf inner;

    get_state(&state);
    buf_init(&inner, REQUEST_STATE_MAX);
    CHECK_OK(request_state_unwrap(rig.endpoint, &rig.envelope, &rpc, buf_slice(&state), &inner));
    CHECK_SLICE(buf_slice(&inner), "s1");
    json_free(TAKE(params));

    start_with_state(S("tools/call"), "{\"name\":\"x\",\"requestState\":\"sealed\",\"inputResponses\":{\"who\":{}}}",
                     buf_slice(&inner));
    CHECK_EQ(fake_heard(rig.fake, "\"requestState\":\"s1\",\"inputResponses\":{\"who\":{}}"), 1);
    end();
}

TEST(a_state_that_is_too_large_is_a_failure)
{
    auto_buf text;

    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\"}");
    buf_init(&text, 1 << 20);
    buf_put(&text, S("{\"requestState\":\""));
    for (unsigned i = 0; i <= REQUEST_STATE_INNER_MAX; i++)
        buf_putc(&text, 'x');
    buf_put(&text, S("\"}"));
    buf_putc(&text, '\0');
    say(EVENT_INPUT_REQUIRED, text.ptr);
    CHECK(recorder_has(&client, "\"error\""));
    check_over();
    end();
}

TEST(questions_without_a_state_are_passed_without_one)
{
    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_INPUT_REQUIRED, "{\"inputRequests\":{\"k\":{\"method\":\"roots/list\"}}}");
    CHECK(recorder_has(&client, "\"inputRequests\"") && !recorder_has(&client, "requestState"));
    end();
}

/* ---- Cancelled in every state ---- */

TEST(a_call_is_cancelled_before_its_first_run)
{
    struct upstream_session *upstream;

    begin_modern();
    CHECK_OK(endpoint_upstream(rig.endpoint, &rig.envelope, &upstream));
    rpc = (struct rpc){ .id = S("7"), .method = S("tools/call") };
    call_start(&call,
               &(struct call_options){ .endpoint = rig.endpoint,
                                       .upstream = upstream,
                                       .envelope = &rig.envelope,
                                       .rpc = &rpc,
                                       .request_state = S("state"),
                                       .outlet = &client.outlet },
               NULL);
    call_cancel(&call);
    CHECK_EQ(rig.fake->told.len, 0);
    call_cancel(&call);
    end();
}

TEST(a_call_is_cancelled_while_it_waits_for_events_or_for_its_turn)
{
    begin_modern();
    start(S("tools/call"), "{\"name\":\"x\"}");
    fake_say(rig.fake, EVENT_LOG, "{}");
    call_cancel(&call);
    CHECK_EQ(fake_heard(rig.fake, "cancel"), 1);
    json_free(TAKE(params));
    start(S("tools/call"), "{\"name\":\"x\"}");
    fake_say(rig.fake, EVENT_RESULT, "{}");
    call_cancel(&call);
    check_said(&client, "");
    end();
}

TEST(a_call_is_cancelled_while_it_waits_for_room)
{
    begin_modern();
    client.is_full = true;
    start(S("tools/call"), "{\"name\":\"x\"}");
    call_cancel(&call);
    CHECK(client.room.op == NULL && client.gone.op == NULL);
    end();
}

TEST(a_call_is_cancelled_while_the_user_thinks)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    elicit(5);
    call_cancel(&call);
    CHECK_EQ(session->questions.n, 0);
    CHECK_EQ(fake_heard(rig.fake, "cancel tools/call"), 1);
    json_free(TAKE(params));

    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_INPUT_REQUIRED, ASKS_BOTH);
    reply_to(last_question(), "{}", NULL);
    call_cancel(&call);
    CHECK_EQ(session->questions.n, 0);
    CHECK_EQ(fake_heard(rig.fake, "cancel tools/call"), 1); /* nothing was in flight */
    end();
}

TEST(a_call_is_cancelled_in_a_pause_and_in_its_second_round)
{
    begin_legacy();
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_INPUT_REQUIRED, "{\"requestState\":\"later\"}");
    call_cancel(&call);
    json_free(TAKE(params));
    start(S("tools/call"), "{\"name\":\"x\"}");
    say(EVENT_INPUT_REQUIRED, "{\"requestState\":\"later\"}");
    rig_skip_ms(&rig, 300);
    call_cancel(&call);
    CHECK_EQ(fake_heard(rig.fake, "cancel tools/call"), 1);
    end();
}
