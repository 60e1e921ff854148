#include "gateway/stdio_front.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/stream.h"
#include "rig.h"

static struct rig rig;
static struct stdio_front *front;
static int in;  /* the client's ends: what it writes to … */
static int out; /* … and what it reads */
static struct buf got;

static struct stream *open_end(int fd)
{
    struct stream *s;

    CHECK_OK(stream_open_fd(rig.loop, fd,
                            &(struct stream_options){ .in_max_bytes = 65536,
                                                      .out_max_bytes = OUTLET_MESSAGE_MAX + (1 << 20),
                                                      .out_low_bytes = 4096 },
                            &s));
    return s;
}

static void begin_with(const struct gateway_options *options)
{
    int to[2], from[2];

    (void)signal(SIGPIPE, SIG_IGN); /* as the program does */
    rig_begin(&rig, options);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, to) == 0);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, from) == 0);
    in = to[0];
    out = from[0];
    CHECK_OK(stdio_front_new(rig.gateway, S("/mcp"), open_end(to[1]), open_end(from[1]), NULL, &front));
    buf_init(&got, 64 << 20);
    rig_turn(&rig);
}

static void begin(void)
{
    static const struct gateway_options options = { GATEWAY_DEFAULTS };

    begin_with(&options);
}

static void end(void)
{
    stdio_front_free(front);
    if (in >= 0)
        (void)close(in);
    (void)close(out);
    buf_done(&got);
    rig_turn(&rig);
    rig_end(&rig);
}

static void send_text(struct slice text)
{
    for (unsigned n = 0; text.len > 0; n++) {
        CHECK(n < 100000);
        ssize_t sent = send(in, text.ptr, text.len, MSG_DONTWAIT);
        if (sent > 0)
            text = slice_from(text, (size_t)sent);
        loop_turn(rig.loop);
    }
    rig_turn(&rig);
}

static void send_line(const char *line)
{
    send_text(slice_of(line));
    send_text(S("\n"));
}

static void receive(void)
{
    for (unsigned idle = 0; idle < 20;) {
        CHECK_OK(buf_reserve(&got, 65536));
        ssize_t n = recv(out, got.ptr + got.len, 65536, MSG_DONTWAIT);
        if (n > 0)
            buf_added(&got, (size_t)n);
        else
            idle++;
        loop_turn(rig.loop);
    }
}

/* What has come since the last look. */
static void expect(const char *text)
{
    receive();
    CHECK_SLICE(buf_slice(&got), text);
    buf_clear(&got);
}

static void expect_part(const char *part)
{
    receive();
    if (slice_search(buf_slice(&got), slice_of(part)) == SIZE_MAX)
        CHECK_SLICE(buf_slice(&got), part);
    buf_clear(&got);
}

#define META                                                                                                           \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                                           \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"
#define MODERN(id, method, params)                                                                                     \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"" method "\",\"params\":{" params META "}}"
#define INITIALIZE                                                                                                     \
    "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","          \
    "\"capabilities\":{\"elicitation\":{}},\"clientInfo\":{\"name\":\"c\",\"version\":\"1\"}}}"
#define CALL(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"tools/call\",\"params\":{\"name\":\"x\"}}"

static void initialize(void)
{
    send_line(INITIALIZE);
    expect_part("{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"protocolVersion\":\"2025-11-25\"");
}

/* ---- Legacy ---- */

TEST(a_legacy_client_begins_with_initialize_and_calls)
{
    begin();
    initialize();
    send_line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    expect("");
    send_line(CALL("1"));
    fake_say(rig.fake, EVENT_RESULT, "{\"content\":[]}");
    expect("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}\n");
    end();
}

TEST(without_initialize_a_legacy_client_may_ping_and_nothing_else)
{
    begin();
    send_line("{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}");
    expect("{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"result\":{}}\n");
    send_line(CALL("1"));
    expect_part("\"id\":1,\"error\":{\"code\":-32600");
    end();
}

TEST(a_session_begins_once)
{
    begin();
    send_line("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{}}");
    expect_part("\"id\":0,\"error\":{\"code\":-32602");
    initialize();
    send_line(INITIALIZE);
    expect_part("\"id\":0,\"error\":{\"code\":-32600");
    end();
}

TEST(what_follows_initialize_waits_for_its_answer)
{
    begin();
    rig.fake->opens_slowly = true;
    send_line(INITIALIZE);
    send_line("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"ping\"}");
    expect("");
    struct json *json = fake_json("{\"protocolVersion\":\"2025-11-25\"}");
    upstream_session_opened(rig.fake->last, OK, json, json_root(json));
    expect("{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"protocolVersion\":\"2025-11-25\"}}\n"
           "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{}}\n");
    end();
}

TEST(an_upstream_that_cannot_be_opened_is_an_error_and_initialize_may_be_tried_again)
{
    begin();
    rig.fake->opens_slowly = true;
    send_line(INITIALIZE);
    upstream_session_opened(rig.fake->last, ERR_EXITED, NULL, NULL);
    expect_part("\"id\":0,\"error\":{\"code\":-32603");
    rig.fake->opens_slowly = false;
    initialize();
    end();
}

TEST(an_upstream_that_never_answers_does_not_keep_the_client_waiting)
{
    begin();
    rig.fake->opens_slowly = true;
    send_line(INITIALIZE);
    rig_skip_ms(&rig, 61 * 1000);
    expect_part("\"id\":0,\"error\":{\"code\":-32603");
    end();
}

TEST(a_log_level_is_remembered)
{
    begin();
    initialize();
    send_line("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"loud\"}}");
    expect_part("\"id\":1,\"error\":{\"code\":-32602");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"error\"}}");
    fake_say(rig.fake, EVENT_RESULT, "{}");
    expect_part("\"id\":2,\"result\"");
    send_line(CALL("3"));
    fake_say(rig.fake, EVENT_LOG, "{\"level\":\"info\",\"data\":1}");
    expect("");
    fake_say(rig.fake, EVENT_LOG, "{\"level\":\"error\",\"data\":1}");
    expect_part("notifications/message");
    end();
}

TEST(a_question_goes_out_and_its_answer_comes_in_on_the_same_pipes)
{
    begin();
    initialize();
    send_line(CALL("1"));
    fake_ask(rig.fake, 9, S("elicitation/create"), "{\"message\":\"Who?\"}");
    receive();
    size_t at = slice_search(buf_slice(&got), S("\"q-"));
    CHECK(at != SIZE_MAX);
    struct slice id = slice_from(buf_slice(&got), at);
    auto_buf answer;
    buf_init(&answer, 1000);
    buf_printf(&answer, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"result\":{\"action\":\"accept\"}}\n",
               SLICE_ARGS(slice_first(id, slice_search(id, S(",")))));
    buf_clear(&got);
    send_text(buf_slice(&answer));
    CHECK_EQ(fake_heard(rig.fake, "answer 9 {\"action\":\"accept\"}"), 1);
    end();
}

TEST(what_the_upstream_says_outside_of_calls_is_passed_on)
{
    begin();
    initialize();
    struct event *e = event_new(EVENT_NOTIFICATION, NULL, NULL, 0);
    e->method = S("notifications/tools/list_changed");
    upstream_session_push(rig.fake->last, e);
    expect("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n");
    e = fake_event(EVENT_QUESTION, "{}");
    e->method = S("sampling/createMessage");
    e->question = 4;
    upstream_session_push(rig.fake->last, e);
    expect("");
    CHECK_EQ(fake_heard(rig.fake, "answer 4 error"), 1);
    end();
}

TEST(changed_roots_are_told_to_the_upstream)
{
    begin();
    send_line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}");
    initialize();
    send_line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/roots/list_changed\"}");
    CHECK_EQ(fake_heard(rig.fake, "notify notifications/roots/list_changed"), 1);
    end();
}

/* ---- Modern, and both at once ---- */

TEST(both_eras_are_served_on_one_pair_of_pipes)
{
    begin();
    initialize();
    send_line(MODERN("\"m\"", "tools/call", "\"name\":\"x\","));
    fake_say(rig.fake, EVENT_RESULT, "{\"content\":[]}");
    expect("{\"jsonrpc\":\"2.0\",\"id\":\"m\",\"result\":{\"content\":[],\"resultType\":\"complete\"}}\n");
    CHECK_EQ(rig.fake->n_opened, 2);
    end();
}

TEST(a_state_that_is_not_ours_is_refused)
{
    begin();
    send_line(MODERN("1", "tools/call", "\"name\":\"x\",\"requestState\":\"forged\","));
    expect_part("\"id\":1,\"error\":{\"code\":-32602");
    send_line(MODERN("2", "tools/call", "\"name\":\"x\",\"requestState\":null,"));
    expect_part("\"id\":2,\"error\":{\"code\":-32602");
    CHECK_EQ(rig.fake->n_opened, 0);
    end();
}

TEST(a_call_is_cancelled_by_its_id_and_says_nothing_more)
{
    begin();
    initialize();
    send_line(CALL("1"));
    send_line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":\"1\"}}");
    CHECK_EQ(fake_heard(rig.fake, "cancel"), 0); /* "1" is not 1 */
    send_line("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}");
    CHECK_EQ(fake_heard(rig.fake, "cancel tools/call"), 1);
    expect("");
    send_line(CALL("1")); /* the id is free again */
    fake_say(rig.fake, EVENT_RESULT, "{}");
    expect_part("\"id\":1,\"result\"");
    end();
}

TEST(an_id_in_use_is_refused)
{
    begin();
    initialize();
    send_line(CALL("1"));
    send_line(CALL("1"));
    expect_part("\"id\":1,\"error\":{\"code\":-32600");
    fake_say(rig.fake, EVENT_RESULT, "{}");
    expect_part("\"id\":1,\"result\"");
    end();
}

TEST(so_many_calls_run_at_once_and_no_more)
{
    begin();
    initialize();
    for (unsigned i = 0; i < STDIO_CALLS_MAX; i++) {
        auto_buf line;
        buf_init(&line, 1000);
        buf_printf(&line, CALL("%u") "\n", i + 1);
        send_text(buf_slice(&line));
    }
    expect("");
    send_line(CALL("\"one more\""));
    expect_part("\"id\":\"one more\",\"error\":{\"code\":-32603");
    end();
}

/* ---- Lines that are none ---- */

TEST(what_is_no_message_is_refused_and_the_next_line_is_read)
{
    begin();
    send_line("{");
    expect_part("\"error\":{\"code\":-32700");
    send_line("[]");
    expect_part("\"error\":{\"code\":-32600");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":7}");
    expect_part("\"error\":{\"code\":-32600");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":\"stray\",\"result\":{}}"); /* a response to nothing */
    expect("");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"ping\"}");
    expect_part("\"id\":8,\"result\"");
    end();
}

/* ---- Ends ---- */

TEST(the_end_of_input_lets_calls_finish)
{
    begin();
    initialize();
    send_line(CALL("1"));
    CHECK(close(in) == 0);
    in = -1;
    rig_turn(&rig);
    CHECK_ERR(stdio_front_result(front), WAIT);
    fake_say(rig.fake, EVENT_RESULT, "{}");
    expect_part("\"id\":1,\"result\"");
    CHECK_OK(stdio_front_result(front));
    end();
}

TEST(the_end_of_input_ends_subscriptions_at_once_and_calls_after_a_moment)
{
    begin();
    send_line(MODERN("1", "subscriptions/listen", "\"notifications\":{},"));
    send_line(MODERN("2", "tools/call", "\"name\":\"x\","));
    CHECK(close(in) == 0);
    in = -1;
    rig_turn(&rig);
    CHECK_EQ(fake_heard(rig.fake, "cancel subscriptions/listen"), 1);
    CHECK_ERR(stdio_front_result(front), WAIT);
    rig_skip_ms(&rig, 2500);
    CHECK_OK(stdio_front_result(front));
    CHECK_EQ(fake_heard(rig.fake, "cancel tools/call"), 1);
    end();
}

TEST(a_client_that_no_longer_reads_ends_the_front)
{
    begin();
    initialize();
    CHECK(close(out) == 0);
    out = -1;
    send_line("{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"ping\"}");
    send_line("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\"}");
    CHECK_ERR(stdio_front_result(front), ERR_CLOSED);
    end();
}

TEST(draining_ends_subscriptions_with_their_last_word)
{
    begin();
    send_line(MODERN("1", "subscriptions/listen", "\"notifications\":{},"));
    gateway_drain(rig.gateway);
    expect_part("\"id\":1,\"result\":{\"resultType\":\"complete\"");
    end();
}

TEST(a_front_is_freed_in_the_middle_of_everything)
{
    begin();
    rig.fake->opens_slowly = true;
    send_line(INITIALIZE);
    end();

    begin();
    initialize();
    send_line(CALL("1"));
    fake_ask(rig.fake, 9, S("elicitation/create"), "{\"message\":\"Who?\"}");
    rig_turn(&rig);
    send_line(CALL("2"));
    end();
}

TEST(an_endpoint_that_is_not_there_is_not_found)
{
    int ends[2];

    begin();
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    struct stdio_front *none;
    CHECK_ERR(stdio_front_new(rig.gateway, S("/no"), open_end(ends[0]), open_end(ends[1]), NULL, &none), ERR_NOT_FOUND);
    end();
}

/* ---- A client that does not read ---- */

TEST(a_client_that_asks_and_does_not_read_loses_no_answer)
{
    static char line[1000];
    enum { N = 12000 };

    begin();
    memset(line, 'x', sizeof(line));
    memcpy(line, "{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"id\":\"", 39);
    memcpy(line + sizeof(line) - 3, "\"}\n", 3);
    struct slice rest = { 0 };
    unsigned n_sent = 0;
    for (unsigned idle = 0; idle < 50 && n_sent < N;) { /* 12 MB of ids, which come back */
        if (rest.len == 0)
            rest = (struct slice){ line, sizeof(line) };
        ssize_t n = send(in, rest.ptr, rest.len, MSG_DONTWAIT);
        idle = n > 0 ? 0 : idle + 1;
        if (n > 0)
            rest = slice_from(rest, (size_t)n);
        n_sent += rest.len == 0 ? 1 : 0;
        loop_turn(rig.loop);
    }
    CHECK(n_sent < N); /* it is read no more, for it does not read */

    unsigned n_answers = 0;
    for (unsigned idle = 0; idle < 100 && n_answers < N;) {
        if (rest.len == 0 && n_sent < N)
            rest = (struct slice){ line, sizeof(line) };
        ssize_t n = rest.len > 0 ? send(in, rest.ptr, rest.len, MSG_DONTWAIT) : 0;
        if (n > 0) {
            rest = slice_from(rest, (size_t)n);
            n_sent += rest.len == 0 ? 1 : 0;
        }
        CHECK_OK(buf_reserve(&got, 1 << 20));
        ssize_t m = recv(out, got.ptr, 1 << 20, MSG_DONTWAIT);
        for (ssize_t i = 0; i < m; i++)
            n_answers += got.ptr[i] == '\n' ? 1 : 0;
        idle = n > 0 || m > 0 ? 0 : idle + 1;
        loop_turn(rig.loop);
    }
    CHECK_EQ(n_answers, N);
    end();
}
