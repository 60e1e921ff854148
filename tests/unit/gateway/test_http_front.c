#include "gateway/http_front.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/address.h"
#include "net/listener.h"
#include "rig.h"
#include "server/server.h"

#define BODY_MAX  (1u << 20)
#define MAX_TURNS 20000u

static struct rig rig;
static struct server *server;
static struct route routes[4];
static uint16_t port;
static struct buf got; /* what the client at hand was sent */

static void begin_with(const struct gateway_options *options)
{
    struct address address;
    struct listener *listener;
    struct server_limits limits = { 0 };

    (void)signal(SIGPIPE, SIG_IGN); /* as the program does */
    rig_begin(&rig, options);
    struct server_options o = { .routes = routes, .n_routes = gateway_routes(rig.gateway, BODY_MAX, routes, 4) };
    CHECK_EQ(o.n_routes, 2);
    CHECK_OK(server_new(rig.loop, NULL, &o, &server));
    CHECK_OK(address_parse(S("127.0.0.1:0"), &address));
    CHECK_OK(listener_new(rig.loop, &address,
                          &(struct listener_options){ .backlog = 64, .stream = server_stream_options(&limits) },
                          &listener));
    port = listener_address(listener)->port;
    server_listen(server, listener);
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
    server_free(server);
    rig_turn(&rig);
    rig_end(&rig);
    buf_done(&got);
}

/* ---- A client ---- */

/* Sends a request on a connection of its own; `headers` end with line ends. */
static int send_request(const char *method, const char *headers, struct slice body)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto_buf text;

    CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
    buf_init(&text, 1 << 24);
    buf_printf(&text, "%s /mcp HTTP/1.1\r\nHost: localhost:%u\r\nConnection: close\r\n%s", method, port, headers);
    if (body.ptr != NULL)
        buf_printf(&text, "Content-Length: %zu\r\n", body.len);
    buf_put(&text, S("\r\n"));
    buf_put(&text, body);
    struct slice rest = buf_slice(&text);
    for (unsigned n = 0; rest.len > 0 && n < MAX_TURNS; n++) {
        ssize_t sent = send(fd, rest.ptr, rest.len, MSG_DONTWAIT);
        if (sent > 0)
            rest = slice_from(rest, (size_t)sent);
        loop_turn(rig.loop);
    }
    CHECK_EQ(rest.len, 0);
    buf_clear(&got);
    for (unsigned n = 0; n < 30; n++)
        loop_turn(rig.loop);
    return fd;
}

static bool has(const char *part)
{
    return slice_search(buf_slice(&got), slice_of(part)) != SIZE_MAX;
}

/* Reads until the part has come, or, without one, until the server closes. */
static void read_until(int fd, const char *part)
{
    for (unsigned n = 0; n < MAX_TURNS; n++) {
        if (part != NULL && has(part))
            return;
        CHECK_OK(buf_reserve(&got, 65536));
        ssize_t m = recv(fd, got.ptr + got.len, 65536, MSG_DONTWAIT);
        if (m > 0)
            buf_added(&got, (size_t)m);
        else if (m == 0 || errno != EAGAIN)
            break;
        else
            loop_turn(rig.loop);
    }
    if (part != NULL)
        CHECK_SLICE(buf_slice(&got), part);
}

/* Reads the whole answer, which has this status and these parts. */
static void finish(int fd, const char *status, const char *part)
{
    read_until(fd, NULL);
    CHECK(close(fd) == 0);
    if (!slice_starts(slice_from(buf_slice(&got), 9), slice_of(status)) || !has(part))
        CHECK_SLICE(buf_slice(&got), part);
    for (unsigned n = 0; n < 30; n++)
        loop_turn(rig.loop);
}

#define BOTH "Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
#define META                                                                                                           \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                                           \
    "\"io.modelcontextprotocol/clientCapabilities\":{\"elicitation\":{}},\"progressToken\":\"t\"}"
#define MODERN_HEADERS "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: x\r\n"
#define MODERN_CALL    S("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"x\"," META "}}")
#define CALL           S("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"x\"}}")
#define INITIALIZE                                                                                                     \
    S("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","        \
      "\"capabilities\":{\"elicitation\":{}},\"clientInfo\":{\"name\":\"c\",\"version\":\"1\"}}}")

static char session_headers[8192]; /* BOTH and the id of the session that began last */

static void initialize(void)
{
    static const char name[] = "Mcp-Session-Id: ";

    finish(send_request("POST", BOTH, INITIALIZE), "200", "\"protocolVersion\":\"2025-11-25\"");
    size_t at = slice_search(buf_slice(&got), slice_of(name));
    CHECK(at != SIZE_MAX);
    struct slice line = slice_from(buf_slice(&got), at);
    line = slice_first(line, slice_search(line, S("\r\n")) + 2);
    CHECK(sizeof(BOTH) + line.len < sizeof(session_headers));
    memset(session_headers, 0, sizeof(session_headers));
    memcpy(session_headers, BOTH, sizeof(BOTH) - 1);
    memcpy(session_headers + sizeof(BOTH) - 1, line.ptr, line.len);
}

/* ---- Refusals ---- */

TEST(bodies_that_are_no_message_are_refused)
{
    begin();
    finish(send_request("POST", BOTH, S("{")), "400", "-32700");
    finish(send_request("POST", BOTH, S("[]")), "400", "-32600");
    finish(send_request("POST", BOTH, S("{\"id\":1}")), "400", "-32600");
    finish(send_request("POST", BOTH, S("")), "400", "-32700");
    CHECK_EQ(rig.fake->n_opened, 0);
    end();
}

TEST(media_that_do_not_fit_are_refused)
{
    begin();
    finish(send_request("POST", "Content-Type: text/plain\r\n", CALL), "415", "-32600");
    finish(send_request("POST", "", CALL), "415", "-32600");
    finish(send_request("POST", "Content-Type: application/json\r\nAccept: text/html\r\n", CALL), "406", "-32600");
    end();
}

TEST(a_modern_message_whose_headers_differ_is_refused)
{
    begin();
    finish(send_request("POST", BOTH "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\nMcp-Name: x\r\n",
                        MODERN_CALL),
           "400", "-32020");
    finish(send_request("POST", BOTH, MODERN_CALL), "400", "-32020");
    end();
}

TEST(without_a_session_only_posts_are_served)
{
    begin();
    finish(send_request("GET", "Accept: text/event-stream\r\n", NO_SLICE), "405", "Allow: POST");
    finish(send_request("DELETE", "", NO_SLICE), "405", "Allow: POST");
    end();
}

TEST(a_session_that_is_not_there_is_404_for_every_method)
{
    begin();
    finish(send_request("POST", BOTH "Mcp-Session-Id: no\r\n", CALL), "404", "There is no such session");
    finish(send_request("GET", "Accept: text/event-stream\r\nMcp-Session-Id: no\r\n", NO_SLICE), "404", "no such");
    finish(send_request("DELETE", "Mcp-Session-Id: no\r\n", NO_SLICE), "404", "no such");
    end();
}

/* ---- Modern ---- */

TEST(an_answer_that_comes_first_is_json)
{
    begin();
    int fd = send_request("POST", BOTH MODERN_HEADERS, MODERN_CALL);
    fake_say(rig.fake, EVENT_RESULT, "{\"content\":[]}");
    finish(fd, "200", "Content-Type: application/json");
    CHECK(has("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[],\"resultType\":\"complete\"}}"));
    end();
}

TEST(a_message_that_comes_first_opens_a_stream)
{
    begin();
    int fd = send_request("POST", BOTH MODERN_HEADERS, MODERN_CALL);
    fake_say(rig.fake, EVENT_PROGRESS, "{\"progress\":1}");
    read_until(fd, "notifications/progress");
    CHECK(has("Content-Type: text/event-stream"));
    fake_say(rig.fake, EVENT_RESULT, "{\"content\":[]}");
    finish(fd, "200", "\"resultType\":\"complete\"");
    end();
}

TEST(a_client_that_takes_json_alone_gets_json_alone)
{
    begin();
    int fd = send_request("POST", "Content-Type: application/json\r\nAccept: application/json\r\n" MODERN_HEADERS,
                          MODERN_CALL);
    fake_say(rig.fake, EVENT_PROGRESS, "{\"progress\":1}");
    fake_say(rig.fake, EVENT_RESULT, "{}");
    finish(fd, "200", "Content-Type: application/json");
    CHECK(!has("progress"));
    end();
}

TEST(a_modern_client_that_closes_cancels)
{
    begin();
    int fd = send_request("POST", BOTH MODERN_HEADERS, MODERN_CALL);
    CHECK_EQ(fake_heard(rig.fake, "start"), 1);
    CHECK(close(fd) == 0);
    for (unsigned n = 0; n < 50; n++)
        loop_turn(rig.loop);
    CHECK_EQ(fake_heard(rig.fake, "cancel tools/call"), 1);
    end();
}

TEST(a_large_answer_reaches_a_client_that_has_a_stream_open_and_reads_slowly)
{
    begin();
    int fd = send_request("POST", BOTH MODERN_HEADERS, MODERN_CALL);
    char *text = mem_zalloc(1, 6 << 20);
    memset(text, 'x', (6 << 20) - 1);
    memcpy(text, "{\"text\":\"", 9);
    memcpy(text + (6 << 20) - 3, "\"}", 2);
    fake_say(rig.fake, EVENT_PROGRESS, "{\"progress\":1}");
    fake_say(rig.fake, EVENT_RESULT, text);
    free(text);
    for (unsigned n = 0; n < 100; n++)
        loop_turn(rig.loop);
    finish(fd, "200", "xxx\",\"resultType\":\"complete\"}}");
    end();
}

TEST(a_forged_state_is_refused)
{
    begin();
    finish(send_request("POST", BOTH MODERN_HEADERS,
                        S("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"x\","
                          "\"requestState\":\"forged\"," META "}}")),
           "200", "-32602");
    finish(send_request("POST", BOTH MODERN_HEADERS,
                        S("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"x\","
                          "\"requestState\":null," META "}}")),
           "200", "-32602");
    CHECK_EQ(rig.fake->n_opened, 0);
    end();
}

TEST(an_envelope_with_much_baggage_harms_nobody)
{
    static char baggage[100 * 1024];
    auto_buf body;

    begin();
    memset(baggage, 'b', sizeof(baggage) - 1);
    buf_init(&body, BODY_MAX);
    buf_printf(&body,
               "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"x\",\"_meta\":{"
               "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",\"io.modelcontextprotocol/"
               "clientCapabilities\":{},\"baggage\":\"%s\"}}}",
               baggage);
    int fd = send_request("POST", BOTH MODERN_HEADERS, buf_slice(&body));
    fake_say(rig.fake, EVENT_RESULT, "{}");
    finish(fd, "200", "\"result\"");
    end();
}

TEST(a_server_that_is_full_is_503)
{
    begin();
    rig.fake->refuses = ERR_BUSY;
    finish(send_request("POST", BOTH MODERN_HEADERS, MODERN_CALL), "503", "");
    finish(send_request("POST", BOTH, INITIALIZE), "503", "");
    CHECK_EQ(rig.gateway->sessions.sessions.n, 0);
    rig.fake->refuses = ERR_SPAWN;
    finish(send_request("POST", BOTH MODERN_HEADERS, MODERN_CALL), "200", "-32603");
    end();
}

/* ---- Legacy sessions ---- */

TEST(a_session_begins_is_used_and_ends)
{
    begin();
    initialize();
    finish(send_request("POST", session_headers, S("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}")),
           "202", "");
    int fd = send_request("POST", session_headers, CALL);
    fake_say(rig.fake, EVENT_RESULT, "{\"content\":[]}");
    finish(fd, "200", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}");
    finish(send_request("POST", session_headers, S("{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}")), "200",
           "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"result\":{}}");
    finish(send_request("DELETE", session_headers, NO_SLICE), "204", "");
    finish(send_request("POST", session_headers, CALL), "404", "no such session");
    CHECK_EQ(rig.fake->n_closed, 1);
    end();
}

TEST(an_initialize_that_is_none_begins_no_session)
{
    begin();
    finish(send_request("POST", BOTH, S("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{}}")),
           "200", "-32602");
    CHECK_EQ(rig.gateway->sessions.sessions.n, 0);
    end();
}

TEST(an_upstream_that_does_not_open_ends_the_session_it_was_for)
{
    begin();
    rig.fake->opens_slowly = true;
    int fd = send_request("POST", BOTH, INITIALIZE);
    upstream_session_opened(rig.fake->last, ERR_EXITED, NULL, NULL);
    finish(fd, "200", "-32603");
    CHECK(!has("Mcp-Session-Id"));
    fd = send_request("POST", BOTH, INITIALIZE);
    loop_skip_ns(rig.loop, 61 * NS_PER_S);
    finish(fd, "200", "-32603");
    CHECK_EQ(rig.gateway->sessions.sessions.n, 0);
    end();
}

TEST(a_session_whose_client_left_before_it_learned_its_id_is_forgotten)
{
    begin();
    rig.fake->opens_slowly = true;
    int fd = send_request("POST", BOTH, INITIALIZE);
    CHECK(close(fd) == 0);
    rig_turn(&rig);
    CHECK_EQ(rig.gateway->sessions.sessions.n, 0); /* at once: the server behind may take its time */
    CHECK_EQ(rig.fake->n_closed, 1);
    end();
}

TEST(a_legacy_client_that_closes_cancels_nothing_but_notifications_cancelled_does)
{
    begin();
    initialize();
    int fd = send_request("POST", session_headers, CALL);
    CHECK(close(fd) == 0);
    for (unsigned n = 0; n < 50; n++)
        loop_turn(rig.loop);
    CHECK_EQ(fake_heard(rig.fake, "cancel"), 0);
    fd = send_request("POST", session_headers, CALL); /* the id is in use until that call has ended */
    finish(fd, "200", "-32600");
    finish(send_request("POST", session_headers,
                        S("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}")),
           "202", "");
    CHECK_EQ(fake_heard(rig.fake, "cancel tools/call"), 1);
    fd = send_request("POST", session_headers, CALL);
    fake_say(rig.fake, EVENT_RESULT, "{}");
    finish(fd, "200", "\"result\"");
    end();
}

TEST(a_question_is_on_the_stream_of_its_call_and_its_answer_is_another_post)
{
    auto_buf answer;

    begin();
    initialize();
    int fd = send_request("POST", session_headers, CALL);
    fake_ask(rig.fake, 9, S("elicitation/create"), "{\"message\":\"Who?\"}");
    read_until(fd, "elicitation/create");
    struct slice id = slice_from(buf_slice(&got), slice_search(buf_slice(&got), S("\"q-")));
    buf_init(&answer, 1000);
    buf_printf(&answer, "{\"jsonrpc\":\"2.0\",\"id\":%.*s,\"result\":{\"action\":\"decline\"}}",
               SLICE_ARGS(slice_first(id, slice_search(id, S(",")))));
    finish(send_request("POST", session_headers, buf_slice(&answer)), "202", "");
    CHECK_EQ(fake_heard(rig.fake, "answer 9 {\"action\":\"decline\"}"), 1);
    finish(send_request("POST", session_headers, buf_slice(&answer)), "202", ""); /* twice is once */
    CHECK_EQ(fake_heard(rig.fake, "answer"), 1);
    fake_say(rig.fake, EVENT_RESULT, "{}");
    read_until(fd, "\"result\":{}");
    CHECK(close(fd) == 0);
    end();
}

/* ---- GET streams ---- */

static void push_notice(void)
{
    struct event *e = event_new(EVENT_NOTIFICATION, NULL, NULL, 0);

    e->method = S("notifications/tools/list_changed");
    upstream_session_push(rig.fake->last, e);
}

TEST(a_get_stream_carries_what_belongs_to_no_call_and_lives_until_the_session_ends)
{
    begin();
    initialize();
    int fd = send_request("GET", session_headers, NO_SLICE);
    push_notice();
    read_until(fd, "notifications/tools/list_changed");
    finish(send_request("DELETE", session_headers, NO_SLICE), "204", "");
    buf_clear(&got);
    read_until(fd, "0\r\n\r\n");
    CHECK(close(fd) == 0);
    rig_turn(&rig);
    CHECK_EQ(rig.gateway->sessions.sessions.n, 0);
    end();
}

TEST(of_two_streams_one_is_served_and_the_other_takes_over)
{
    begin();
    initialize();
    int first = send_request("GET", session_headers, NO_SLICE);
    int second = send_request("GET", session_headers, NO_SLICE);
    push_notice();
    read_until(first, "list_changed");
    buf_clear(&got);
    CHECK(close(first) == 0);
    rig_turn(&rig);
    push_notice();
    loop_skip_ns(rig.loop, 16 * NS_PER_S); /* looked at on a beat */
    read_until(second, "list_changed");
    CHECK(close(second) == 0);
    rig_turn(&rig);
    end();
}

TEST(a_question_on_a_get_stream_that_closes_is_declined)
{
    begin();
    initialize();
    int fd = send_request("GET", session_headers, NO_SLICE);
    struct event *e = fake_event(EVENT_QUESTION, "{\"message\":\"Who?\"}");
    e->method = S("elicitation/create");
    e->question = 6;
    upstream_session_push(rig.fake->last, e);
    read_until(fd, "elicitation/create");
    CHECK(close(fd) == 0);
    for (unsigned n = 0; n < 50; n++)
        loop_turn(rig.loop);
    CHECK_EQ(fake_heard(rig.fake, "answer 6 {\"action\":\"cancel\"}"), 1);
    end();
}

TEST(a_get_that_takes_no_stream_is_refused)
{
    begin();
    initialize();
    char *accept = strstr(session_headers, ", text/event-stream");
    memcpy(accept, ", application/pdf;v", 19);
    finish(send_request("GET", session_headers, NO_SLICE), "406", "text/event-stream");
    end();
}

TEST(draining_ends_the_streams_and_lets_calls_finish)
{
    begin();
    initialize();
    int stream = send_request("GET", session_headers, NO_SLICE);
    int call = send_request("POST", session_headers, CALL);
    gateway_drain(rig.gateway);
    server_drain(server, 5000);
    read_until(stream, "0\r\n\r\n");
    CHECK(close(stream) == 0);
    fake_say(rig.fake, EVENT_RESULT, "{}");
    finish(call, "200", "\"result\"");
    end();
}

TEST(a_stream_that_begins_while_the_gateway_drains_ends_at_once)
{
    begin();
    initialize();
    gateway_drain(rig.gateway);
    int fd = send_request("GET", session_headers, NO_SLICE);
    finish(fd, "200", "0\r\n\r\n");
    CHECK(has("Content-Type: text/event-stream"));
    CHECK(list_is_empty(&rig.gateway->streams));
    end();
}

TEST(draining_gives_a_subscription_its_last_word_on_its_stream)
{
    begin();
    int fd = send_request("POST", BOTH "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen\r\n",
                          S("{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"subscriptions/listen\",\"params\":{"
                            "\"notifications\":{}," META "}}"));
    CHECK(!list_is_empty(&rig.gateway->listening));
    fake_notice(rig.fake, S("notifications/subscriptions/acknowledged"), "{\"notifications\":{}}");
    read_until(fd, "acknowledged");
    buf_clear(&got);
    gateway_drain(rig.gateway);
    read_until(fd, NULL);
    CHECK(close(fd) == 0);
    CHECK(has("data: {\"jsonrpc\":\"2.0\",\"id\":3,\"result\":"));
    CHECK(slice_ends(buf_slice(&got), S("0\r\n\r\n")));
    rig_turn(&rig);
    CHECK(list_is_empty(&rig.gateway->listening));
    end();
}

TEST(a_server_that_is_freed_in_the_middle_of_everything_leaves_nothing)
{
    begin();
    initialize();
    int fds[] = {
        send_request("GET", session_headers, NO_SLICE),
        send_request("POST", session_headers, CALL),
        send_request("POST", BOTH MODERN_HEADERS, MODERN_CALL),
    };
    rig.fake->opens_slowly = true;
    int opening = send_request("POST", BOTH, INITIALIZE);
    end();
    for (size_t i = 0; i < N_ELEMENTS(fds); i++)
        CHECK(close(fds[i]) == 0);
    CHECK(close(opening) == 0);
}
