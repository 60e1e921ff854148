#include "upstream/stdio_upstream.h"

#include <stdlib.h>
#include <time.h>

#include "asks.h"
#include "base/buf.h"
#include "base/check.h"
#include "loop/child.h"
#include "loop/loop.h"
#include "loop/signals.h"
#include "support/test.h"
#include "json/json.h"

/*
 * What every script begins with: `next` reads a message into $line and its id into $id; `reply` answers it, `got` with
 * the message itself; `open` does the handshake; `say` sends a message of its own.
 */
#define PRELUDE                                                                                                        \
    "next() { read -r line || exit 0; id=${line#*'\"id\":'}; id=${id%%[,\\}]*}; }\n"                                   \
    "say() { printf '%s\\n' \"$1\"; }\n"                                                                               \
    "reply() { say \"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":$id,\\\"result\\\":$1}\"; }\n"                            \
    "got() { reply \"{\\\"got\\\":$line}\"; }\n"                                                                       \
    "open() { next; reply '{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{},\"serverInfo\":{\"name\":\"s\"}}';" \
    " next; }\n"

static struct warden *warden;

static const struct envelope legacy = { .era = ERA_LEGACY,
                                        .revision = REVISION_2025_11_25,
                                        .principal = S("ada"),
                                        .capabilities = S("{\"elicitation\":{}}"),
                                        .client_info = S("{\"name\":\"client\",\"version\":\"2\"}") };
static const struct envelope modern = { .era = ERA_MODERN,
                                        .revision = REVISION_2026_07_28,
                                        .principal = S("ada"),
                                        .capabilities = S("{}") };

static void begin_command(const struct slice *args, size_t n_args, unsigned max_children)
{
    signals_ignore_pipe(); /* as every program of ours does first */
    CHECK_OK(warden_start(&warden));
    CHECK_OK(loop_new(1, &loop));
    upstream = stdio_upstream_new(
        &(struct stdio_upstream_options){
            .name = S("test"),
            .warden = warden,
            .command = { .args = args, .n_args = n_args, .env = &S("PATH=/usr/bin:/bin"), .n_env = 1 },
            .max_children = max_children },
        loop, NULL);
}

static void begin(const char *script)
{
    begin_command((struct slice[]){ S("/bin/sh"), S("-c"), slice_of(script) }, 3, 2);
}

static void end(struct upstream_session *s)
{
    upstream_close(s);
    upstream_free(upstream);
    loop_free(loop);
    warden_free(warden);
}

TEST(a_legacy_session_opens_with_the_client_s_own_initialize)
{
    begin(PRELUDE "next; reply \"{\\\"protocolVersion\\\":\\\"2025-11-25\\\",\\\"capabilities\\\":{},"
                  "\\\"first\\\":$line}\"; next; second=$line; next; reply \"{\\\"second\\\":$second}\"");
    struct upstream_session *s = open_session(&legacy, OK);

    const struct json_value *first = json_get(s->server, S("first")), *params = json_get(first, S("params"));
    CHECK_SLICE(json_get_string(first, S("method")), "initialize");
    CHECK_SLICE(json_get_string(params, S("protocolVersion")), "2025-11-25");
    CHECK(json_is_object(json_get(json_get(params, S("capabilities")), S("elicitation"))));
    CHECK_SLICE(json_get_string(json_get(params, S("clientInfo")), S("name")), "client");

    struct exchange ex;
    start(s, &ex, S("tools/list"), &legacy);
    struct event *e = next_event(&ex);
    CHECK_EQ(e->kind, EVENT_RESULT);
    CHECK_SLICE(json_get_string(json_get(e->value, S("second")), S("method")), "notifications/initialized");
    event_free(e);
    exchange_done(&ex);
    end(s);
}

TEST(calls_started_before_the_session_stands_wait_inside)
{
    begin(PRELUDE "open; next; got; next; got");
    struct upstream_session *s;
    struct exchange a, b;

    CHECK_OK(upstream_open(upstream, &legacy, &s));
    start(s, &a, S("tools/list"), &legacy);
    start(s, &b, S("prompts/list"), &legacy);
    struct event *e = next_event(&b);
    CHECK_SLICE(json_get_string(json_get(e->value, S("got")), S("method")), "prompts/list");
    event_free(e);
    expect(&a, EVENT_RESULT);
    exchange_done(&a);
    exchange_done(&b);
    end(s);
}

TEST(what_is_no_message_is_passed_over_and_late_and_double_answers_are_dropped)
{
    begin(PRELUDE "echo 'Server running on stdio'; echo; echo '{\"jsonrpc\":\"2.0\"}'; echo '[1]'; echo null\n"
                  "open; next; id=99999; reply '{\"wrong\":1}'; id='\"1099511627778\"'; reply '{\"wrong\":2}'\n"
                  "id=${line#*'\"id\":'}; id=${id%%[,\\}]*}; reply '{\"right\":1}'; reply '{\"right\":2}'; next; got");
    struct upstream_session *s = open_session(&legacy, OK);
    struct exchange a, b;

    start(s, &a, S("tools/list"), &legacy);
    CHECK_EQ(a.id, (UINT64_C(1) << 40) + 2);
    struct event *e = next_event(&a);
    CHECK_SLICE(json_number_text(json_get(e->value, S("right"))), "1");
    event_free(e);
    start(s, &b, S("tools/list"), &legacy);
    expect(&b, EVENT_RESULT);
    exchange_done(&a);
    exchange_done(&b);
    end(s);
}

TEST(an_error_of_the_server_is_an_event_and_a_result_that_is_none_a_failure)
{
    begin(PRELUDE "open; next; say \"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":$id,\\\"error\\\":{\\\"code\\\":-32602,"
                  "\\\"message\\\":\\\"no\\\"}}\"; next; reply '[1]'");
    struct upstream_session *s = open_session(&legacy, OK);
    struct exchange a, b;

    start(s, &a, S("tools/call"), &legacy);
    struct event *e = next_event(&a);
    CHECK_EQ(e->kind, EVENT_ERROR);
    CHECK_SLICE(json_get_string(e->value, S("message")), "no");
    event_free(e);
    exchange_done(&a);
    start(s, &b, S("tools/call"), &legacy);
    expect_failure(&b, ERR_PROTOCOL);
    end(s);
}

TEST(progress_finds_its_call_by_token_and_log_lines_theirs_when_only_one_can_be_meant)
{
    begin(PRELUDE "open; next; a=$id; next; b=$id\n"
                  "p() { say \"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"method\\\":\\\"notifications/progress\\\","
                  "\\\"params\\\":{\\\"progressToken\\\":$1,\\\"progress\\\":$2}}\"; }\n"
                  "log() { say \"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"method\\\":\\\"notifications/message\\\","
                  "\\\"params\\\":{\\\"level\\\":\\\"info\\\",\\\"data\\\":$1}}\"; }\n"
                  "p $b 7; p 12345 1; p \\\"x\\\" 1; log 1; id=$a; reply '{}'; log 2; id=$b; reply '{}'; log 3; cat");
    struct upstream_session *s = open_session(&legacy, OK);
    struct envelope wants_progress = legacy;
    struct exchange a, b;
    struct event *e;

    wants_progress.progress_token = S("\"mine\"");
    start(s, &a, S("tools/call"), &wants_progress);
    start(s, &b, S("tools/call"), &wants_progress);
    e = next_event(&b);
    CHECK_EQ(e->kind, EVENT_PROGRESS);
    CHECK_SLICE(json_number_text(json_get(e->value, S("progress"))), "7");
    event_free(e);
    e = next_event(&b);
    CHECK_EQ(e->kind, EVENT_LOG);
    CHECK_SLICE(json_number_text(json_get(e->value, S("data"))), "2");
    event_free(e);
    expect(&b, EVENT_RESULT);
    expect(&a, EVENT_RESULT);
    exchange_done(&a);
    exchange_done(&b);

    for (int i = 1; i <= 3; i += 2) { /* the first fits two calls, the third none */
        e = next_session_event(s);
        CHECK_EQ(e->kind, EVENT_LOG);
        CHECK_SLICE(json_number_text(json_get(e->value, S("data"))), i == 1 ? "1" : "3");
        event_free(e);
    }
    end(s);
}

TEST(a_question_reaches_the_call_that_asks_and_its_answer_the_server)
{
    begin(PRELUDE
          "open; next; call=$id\n"
          "say '{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"elicitation/create\",\"params\":{\"message\":\"?\"}}'\n"
          "next; id=$call; got");
    struct upstream_session *s = open_session(&legacy, OK);
    struct exchange ex;

    start(s, &ex, S("tools/call"), &legacy);
    struct event *e = next_event(&ex);
    CHECK_EQ(e->kind, EVENT_QUESTION);
    CHECK_SLICE(e->method, "elicitation/create");
    CHECK_SLICE(json_get_string(e->value, S("message")), "?");
    upstream_answer(s, e->question + 1, S("{}"), NO_SLICE); /* of no question: nothing is sent */
    upstream_answer(s, e->question, S("{\"action\":\"accept\"}"), NO_SLICE);
    upstream_answer(s, e->question, S("{\"action\":\"twice\"}"), NO_SLICE);
    event_free(e);

    e = next_event(&ex);
    CHECK_EQ(e->kind, EVENT_RESULT);
    const struct json_value *got = json_get(e->value, S("got"));
    CHECK_SLICE(json_get_string(got, S("id")), "q");
    CHECK_SLICE(json_get_string(json_get(got, S("result")), S("action")), "accept");
    event_free(e);
    exchange_done(&ex);
    end(s);
}

TEST(pings_are_answered_here_unknown_requests_refused_and_questions_out_of_the_blue_are_the_session_s)
{
    begin(PRELUDE "open; say '{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"ping\"}'; next; pong=$line\n"
                  "say '{\"jsonrpc\":\"2.0\",\"id\":6,\"method\":\"no/such\"}'; next; refused=$line\n"
                  "say '{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"roots/list\"}'\n"
                  "say '{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}'\n"
                  "next; reply \"[$pong,$refused]\"; next; cat");
    struct upstream_session *s = open_session(&legacy, OK);
    struct event *e = next_session_event(s);

    CHECK_EQ(e->kind, EVENT_QUESTION);
    CHECK_SLICE(e->method, "roots/list");
    event_free(e);
    e = next_session_event(s);
    CHECK_EQ(e->kind, EVENT_NOTIFICATION);
    CHECK_SLICE(e->method, "notifications/tools/list_changed");
    event_free(e);
    end(s);
}

TEST(who_leaves_before_the_answer_cancels_and_declines_what_was_asked)
{
    begin(PRELUDE "open; next; call=$id\n"
                  "say '{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"elicitation/create\",\"params\":{}}'\n"
                  "next; a=$line; next; b=$line; next; reply \"{\\\"a\\\":$a,\\\"b\\\":$b,\\\"call\\\":$call}\"");
    struct upstream_session *s = open_session(&legacy, OK);
    struct exchange gone, ex;

    start(s, &gone, S("tools/call"), &legacy);
    expect(&gone, EVENT_QUESTION);
    exchange_done(&gone);
    start(s, &ex, S("tools/list"), &legacy);
    struct event *e = next_event(&ex);
    const struct json_value *cancelled = json_get(e->value, S("b"));
    CHECK_SLICE(json_get_string(json_get(json_get(e->value, S("a")), S("result")), S("action")), "cancel");
    CHECK_SLICE(json_get_string(cancelled, S("method")), "notifications/cancelled");
    CHECK(slice_eq(json_number_text(json_get(json_get(cancelled, S("params")), S("requestId"))),
                   json_number_text(json_get(e->value, S("call")))));
    event_free(e);
    exchange_done(&ex);
    end(s);
}

TEST(a_child_that_ends_fails_what_is_in_flight_and_the_next_session_has_a_new_one)
{
    begin(PRELUDE "open; next; case $line in *die*) exit 3;; esac; got");
    struct upstream_session *s = open_session(&legacy, OK);
    struct exchange ex;

    start(s, &ex, S("die"), &legacy);
    expect_failure(&ex, ERR_EXITED);
    CHECK(s->state == UPSTREAM_FAILED);
    start(s, &ex, S("tools/list"), &legacy);
    expect_failure(&ex, ERR_EXITED);
    upstream_close(s);

    s = open_session(&legacy, OK);
    start(s, &ex, S("tools/list"), &legacy);
    expect(&ex, EVENT_RESULT);
    exchange_done(&ex);
    end(s);
}

TEST(a_child_that_closes_its_output_and_goes_on_is_given_up)
{
    begin(PRELUDE "open; next; exec >&-; cat");
    struct upstream_session *s = open_session(&legacy, OK);
    struct exchange ex;

    start(s, &ex, S("tools/list"), &legacy);
    expect_failure(&ex, ERR_EXITED);
    end(s);
}

TEST(a_program_that_cannot_start_says_so_and_is_not_tried_again_and_again)
{
    begin_command(&S("/no/such/program"), 1, 0);
    struct upstream_session *s = open_session(&legacy, ERR_SPAWN);
    upstream_close(s);
    s = open_session(&legacy, ERR_SPAWN);
    upstream_close(s);
    CHECK_ERR(upstream_open(upstream, &legacy, &s), ERR_EXITED); /* a second's pause */
    loop_skip_ns(loop, NS_PER_S);
    s = open_session(&legacy, ERR_SPAWN);
    end(s);
}

TEST(a_refused_handshake_keeps_the_server_s_words)
{
    begin(PRELUDE "next; say \"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":$id,\\\"error\\\":{\\\"code\\\":-32602,"
                  "\\\"message\\\":\\\"not you\\\"}}\"; cat");
    struct upstream_session *s = open_session(&legacy, ERR_UNSUPPORTED);

    CHECK_SLICE(json_get_string(s->refusal, S("message")), "not you");
    end(s);
}

TEST(a_server_that_says_nothing_fails_at_the_deadline)
{
    begin("exec sleep 900");
    struct upstream_session *s;
    struct exchange ex;

    CHECK_OK(upstream_open(upstream, &legacy, &s));
    start(s, &ex, S("tools/list"), &legacy);
    loop_turn(loop);
    loop_skip_ns(loop, 31 * NS_PER_S);
    expect_failure(&ex, ERR_TIMEOUT);
    end(s);
}

TEST(a_child_that_does_not_read_makes_calls_busy_and_never_blocks)
{
    begin(PRELUDE "open; exec sleep 900");
    struct upstream_session *s = open_session(&legacy, OK);
    struct exchange exchanges[64];
    auto_buf text;
    auto_free(json) params = NULL;
    struct err_at at;
    unsigned n = 0;

    buf_init(&text, 2 * 1024 * 1024);
    buf_put(&text, S("{\"text\":\""));
    while (text.len < 1024 * 1024)
        buf_put(&text, S("................................................................"));
    buf_put(&text, S("\"}"));
    CHECK_OK(json_parse(buf_slice(&text), &JSON_LIMITS_MCP, &params, &at));

    do {
        exchange_init(&exchanges[n], 64 * 1024);
        exchanges[n].method = S("tools/call");
        exchanges[n].params = json_root(params);
        exchanges[n].envelope = &legacy;
        upstream_start(s, &exchanges[n]);
        loop_turn(loop);
    } while (!exchanges[n].finished && ++n < N_ELEMENTS(exchanges));
    CHECK(n >= 4 && n < N_ELEMENTS(exchanges));
    expect_failure(&exchanges[n], ERR_BUSY);
    while (n > 0)
        exchange_done(&exchanges[--n]); /* each cancellation finds room in the reserve */
    end(s);
}

TEST(a_modern_server_is_found_by_asking_and_told_everything_in_each_request)
{
    begin(PRELUDE "next; reply \"{\\\"supportedVersions\\\":[\\\"2026-07-28\\\"],\\\"capabilities\\\":{},"
                  "\\\"resultType\\\":\\\"complete\\\"}\"; next; got\n"
                  "next; reply '{\"resultType\":\"input_required\",\"requestState\":\"s\",\"inputRequests\":{}}'\n"
                  "next; got; next\n"
                  "n() { say \"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"method\\\":\\\"notifications/tools/list_changed\\\","
                  "\\\"params\\\":{\\\"_meta\\\":{\\\"io.modelcontextprotocol/subscriptionId\\\":$1}}}\"; }\n"
                  "n 77; n $id; say '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}'; next; got");
    struct upstream_session *s = open_session(&modern, OK);
    struct exchange ex, ask, again;

    start(s, &ex, S("tools/list"), &modern);
    struct event *e = next_event(&ex);
    const struct json_value *meta = json_get(json_get(json_get(e->value, S("got")), S("params")), S("_meta"));
    CHECK_SLICE(json_get_string(meta, S("io.modelcontextprotocol/protocolVersion")), "2026-07-28");
    event_free(e);
    exchange_done(&ex);

    start(s, &ask, S("tools/call"), &modern);
    expect(&ask, EVENT_INPUT_REQUIRED);
    exchange_done(&ask);
    exchange_init(&again, 64 * 1024);
    again.method = S("tools/call");
    again.envelope = &modern;
    again.request_state = S("s\"");
    again.input_responses = S("{\"k\":1}");
    upstream_start(s, &again);
    e = next_event(&again);
    const struct json_value *params = json_get(json_get(e->value, S("got")), S("params"));
    CHECK_SLICE(json_get_string(params, S("requestState")), "s\"");
    CHECK(json_is_integer(json_get(json_get(params, S("inputResponses")), S("k"))));
    event_free(e);
    exchange_done(&again);

    start(s, &ask, S("subscriptions/listen"), &modern);
    e = next_event(&ask);
    CHECK_EQ(e->kind, EVENT_NOTIFICATION);
    CHECK_SLICE(e->method, "notifications/tools/list_changed");
    event_free(e);
    start(s, &ex, S("tools/list"), &modern); /* and the ping of before got no answer (I-06) */
    e = next_event(&ex);
    CHECK_SLICE(json_get_string(json_get(e->value, S("got")), S("method")), "tools/list");
    event_free(e);
    exchange_done(&ex);
    exchange_done(&ask);
    end(s);
}

static void check_refused(struct upstream_session *s)
{
    struct exchange ex;

    start(s, &ex, S("server/discover"), &modern);
    struct event *e = next_event(&ex);
    CHECK_EQ(e->kind, EVENT_ERROR);
    CHECK_SLICE(json_number_text(json_get(e->value, S("code"))), "-32601");
    event_free(e);
    exchange_done(&ex);
}

TEST(a_legacy_server_is_known_by_its_answer_and_never_sees_a_modern_call)
{
    begin(PRELUDE
          "next; case $line in *server/discover*) say \"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":$id,\\\"error\\\":"
          "{\\\"code\\\":-32601,\\\"message\\\":\\\"?\\\"}}\";; *initialize*) reply '{}';; esac; cat");
    struct upstream_session *s;
    struct exchange ex;

    CHECK_OK(upstream_open(upstream, &modern, &s));
    start(s, &ex, S("tools/call"), &modern);
    expect(&ex, EVENT_ERROR);
    exchange_done(&ex);
    check_refused(s);
    upstream_close(s);

    s = open_session(&modern, ERR_UNSUPPORTED); /* remembered: no child is started for it */
    check_refused(s);
    upstream_close(s);
    s = open_session(&legacy, OK);
    end(s);
}

TEST(a_legacy_server_that_ends_on_what_it_does_not_know_is_known_by_that)
{
    begin(PRELUDE "next; case $line in *initialize*) reply '{}'; cat;; esac; exit 1");
    struct upstream_session *s = open_session(&modern, ERR_UNSUPPORTED);

    check_refused(s);
    upstream_close(s);
    s = open_session(&legacy, OK);
    end(s);
}

TEST(there_are_no_more_children_than_allowed)
{
    begin(PRELUDE "open; cat");
    struct upstream_session *a = open_session(&legacy, OK), *b = open_session(&legacy, OK), *c;

    CHECK_ERR(upstream_open(upstream, &legacy, &c), ERR_BUSY);
    upstream_close(a);
    c = open_session(&legacy, OK);
    upstream_close(b);
    end(c);
}

TEST(of_children_that_do_not_end_there_are_so_many_and_no_more)
{
    begin(PRELUDE "trap '' TERM; open; while :; do sleep 1; done");
    struct upstream_session *s;

    for (int i = 0; i < 2 + 16; i++)
        upstream_close(open_session(&legacy, OK));
    CHECK_EQ(child_n_ending(loop), 2 + 16);
    CHECK_ERR(upstream_open(upstream, &legacy, &s), ERR_BUSY);
    end(NULL);
}

TEST(a_session_may_be_closed_at_any_moment)
{
    for (int turns = 0; turns < 12; turns++) {
        begin(PRELUDE "open; say '{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"roots/list\"}'; cat >/dev/null");
        struct upstream_session *s;
        struct exchange ex;
        CHECK_OK(upstream_open(upstream, &legacy, &s));
        start(s, &ex, S("tools/call"), &legacy);
        for (int i = 0; i < turns; i++) {
            loop_turn(loop);
            nanosleep(&(struct timespec){ .tv_nsec = 3000000 }, NULL);
        }
        if (turns % 2 == 0)
            exchange_done(&ex);
        end(s);
        exchange_done(&ex);
    }
}
