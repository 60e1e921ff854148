#include "upstream/http_upstream.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "asks.h"
#include "base/buf.h"
#include "base/check.h"
#include "http/headers.h"
#include "loop/loop.h"
#include "loop/signals.h"
#include "support/test.h"
#include "json/json.h"

/* The server: a process for each connection. What they know together is shared memory. */
struct request {
    int fd;
    struct slice head;
    struct slice body;
    char id[64]; /* of the message, as JSON text */
};

struct shared {
    int n_initialized;
    int n_calls;
    int n_answers;
    int n_cancelled;
    int n_deleted;
    int n_resumed;
    int n_closed; /* streams whose reader has gone */
    char last_answer[512];
};

static struct shared *shared;
static pid_t server;

static const struct envelope legacy = { .era = ERA_LEGACY,
                                        .revision = REVISION_2025_11_25,
                                        .principal = S("ada"),
                                        .capabilities = S("{\"elicitation\":{}}"),
                                        .client_info = S("{\"name\":\"client\",\"version\":\"2\"}") };
static const struct envelope modern = { .era = ERA_MODERN,
                                        .revision = REVISION_2026_07_28,
                                        .principal = S("ada"),
                                        .capabilities = S("{}") };

/* ---- The server's side ---- */

static bool has(struct slice text, const char *part)
{
    return slice_search(text, slice_of(part)) != SIZE_MAX;
}

static bool read_request(struct request *r, char *text, size_t size)
{
    size_t len = 0, body = 0;

    for (;;) {
        struct slice got = { text, len };
        size_t end = slice_search(got, S("\r\n\r\n")), at = slice_search(got, S("Content-Length: "));
        if (end != SIZE_MAX && at != SIZE_MAX)
            body = strtoul(text + at + 16, NULL, 10);
        if (end != SIZE_MAX && len >= end + 4 + body) {
            r->head = slice_first(got, end);
            r->body = slice_from(got, end + 4);
            size_t id = slice_search(r->body, S("\"id\":"));
            struct slice rest = slice_from(r->body, id == SIZE_MAX ? r->body.len : id + 5);
            size_t n = 0;
            while (n < rest.len && n < sizeof(r->id) - 1 && rest.ptr[n] != ',' && rest.ptr[n] != '}')
                n++;
            memcpy(r->id, rest.ptr, n);
            r->id[n] = 0;
            return true;
        }
        ssize_t n = read(r->fd, text + len, size - 1 - len);
        if (n <= 0)
            return false;
        len += (size_t)n;
        text[len] = 0;
    }
}

static void put(const struct request *r, const char *format, ...) format_like(2, 3);
static void put(const struct request *r, const char *format, ...)
{
    auto_buf text;
    va_list args;

    buf_init(&text, 64 * 1024);
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    CHECK(write(r->fd, text.ptr, text.len) == (ssize_t)text.len || errno == EPIPE);
}

static void reply(const struct request *r, const char *head, const char *result)
{
    put(r,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n"
        "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}",
        head, strlen(r->id) + strlen(result) + strlen("{\"jsonrpc\":\"2.0\",\"id\":,\"result\":}"), r->id, result);
}

static void status(const struct request *r, const char *line)
{
    put(r, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", line);
}

static void open_stream(const struct request *r)
{
    put(r, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"); /* which ends with the connection */
}

/* What all legacy servers here have in common; true when that was all. */
static bool begins(const struct request *r)
{
    if (has(r->body, "\"initialize\"")) {
        shared->n_initialized++;
        reply(r, "Mcp-Session-Id: s-1\r\n", "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{}}");
    } else if (has(r->body, "notifications/initialized")) {
        CHECK(has(r->head, "Mcp-Session-Id: s-1") && has(r->head, "MCP-Protocol-Version: 2025-11-25"));
        status(r, "202 Accepted");
    } else if (has(r->head, "DELETE ")) {
        shared->n_deleted++;
        status(r, "200 OK");
    } else if (has(r->body, "notifications/cancelled")) {
        shared->n_cancelled++;
        status(r, "202 Accepted");
    } else {
        return false;
    }
    return true;
}

static void wait_until(const int *number, int reached)
{
    for (int i = 0; __atomic_load_n(number, __ATOMIC_SEQ_CST) < reached && i < 5000; i++)
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static void serve_connection(int fd, bool (*handle)(const struct request *r))
{
    static char text[64 * 1024];
    struct request r = { .fd = fd };

    while (read_request(&r, text, sizeof(text)) && handle(&r))
        ;
}

static void begin(bool (*handle)(const struct request *r))
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto_buf url;

    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    signals_ignore_pipe(); /* as every program of ours does first */
    CHECK(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 8) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    server = fork();
    CHECK(server >= 0);
    if (server == 0) {
        signal(SIGPIPE, SIG_IGN);
        signal(SIGCHLD, SIG_IGN);
        setpgid(0, 0);
        for (;;) {
            int fd = accept(listener, NULL, NULL);
            if (fork() == 0) {
                serve_connection(fd, handle);
                _exit(0);
            }
            close(fd);
        }
    }
    setpgid(server, server);
    close(listener);
    CHECK_OK(loop_new(1, &loop));
    buf_init(&url, 64);
    buf_printf(&url, "http://127.0.0.1:%u/mcp", ntohs(address.sin_port));
    CHECK_OK(http_upstream_new(&(struct http_upstream_options){ .name = S("test"), .url = buf_slice(&url) }, loop, NULL,
                               &upstream));
}

static void end(struct upstream_session *s)
{
    upstream_close(s);
    upstream_free(upstream);
    loop_free(loop);
    kill(-server, SIGKILL);
    waitpid(server, NULL, 0);
    munmap(shared, sizeof(*shared));
}

/* ---- Our side ---- */

static void until(const int *number, int reached)
{
    for (int i = 0; __atomic_load_n(number, __ATOMIC_SEQ_CST) < reached && i < 5000; i++)
        turn();
    CHECK_EQ(*number, reached);
}

/* ---- Legacy ---- */

static bool plain_server(const struct request *r)
{
    if (begins(r))
        return true;
    if (has(r->head, "GET ")) {
        status(r, "405 Method Not Allowed");
    } else {
        CHECK(has(r->head, "Mcp-Session-Id: s-1") && has(r->head, "Content-Type: application/json"));
        CHECK(has(r->head, "Accept: application/json, text/event-stream"));
        reply(r, "", "{\"tools\":[]}");
    }
    return true;
}

TEST(a_legacy_session_opens_calls_and_is_deleted)
{
    begin(plain_server);
    struct upstream_session *s = open_session(&legacy, OK);
    struct exchange a, b;

    CHECK_SLICE(json_get_string(s->server, S("protocolVersion")), "2025-11-25");
    start(s, &a, S("tools/list"), &legacy);
    start(s, &b, S("tools/list"), &legacy);
    expect(&a, EVENT_RESULT);
    expect(&b, EVENT_RESULT);
    exchange_done(&a);
    exchange_done(&b);
    upstream_close(s);
    until(&shared->n_deleted, 1); /* said in the background */
    end(NULL);
}

static bool asking_server(const struct request *r)
{
    if (begins(r))
        return true;
    if (has(r->head, "GET ")) {
        open_stream(r);
        put(r, ": hello\n\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n\n");
        pause();
    } else if (has(r->body, "\"result\"")) {
        memcpy(shared->last_answer, r->body.ptr, r->body.len < 511 ? r->body.len : 511);
        shared->n_answers++;
        status(r, "202 Accepted");
    } else {
        open_stream(r);
        put(r,
            "event: message\r\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\r\n"
            "data: \"params\":{\"progressToken\":%s,\"progress\":1}}\r\n\r\n"
            "data:{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\"}}\n\n"
            "data: {\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"elicitation/create\",\"params\":{}}\n\n",
            r->id);
        wait_until(&shared->n_answers, 1);
        put(r, "data: {\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{\"done\":true}}\n\n", r->id);
        return false;
    }
    return true;
}

TEST(a_stream_brings_progress_log_lines_and_questions_of_its_call_and_then_the_answer)
{
    begin(asking_server);
    struct upstream_session *s = open_session(&legacy, OK);
    struct exchange other, ex;
    struct event *e;

    start(s, &other, S("tools/call"), &legacy); /* more than one under way: the stream says whose it is */
    start(s, &ex, S("tools/call"), &legacy);
    expect(&ex, EVENT_PROGRESS);
    expect(&ex, EVENT_LOG);
    e = next_event(&ex);
    CHECK_EQ(e->kind, EVENT_QUESTION);
    upstream_answer(s, e->question, S("{\"action\":\"accept\"}"), NO_SLICE);
    event_free(e);
    e = next_event(&ex);
    CHECK_EQ(e->kind, EVENT_RESULT);
    CHECK(json_is_true(json_get(e->value, S("done"))));
    event_free(e);
    exchange_done(&ex);
    exchange_done(&other);
    CHECK(has(slice_of(shared->last_answer), "\"action\":\"accept\"") && has(slice_of(shared->last_answer), "\"q\""));

    struct asks asks = { .session = s, .wants_events = true }; /* and the GET stream what belongs to no call */
    CHECK_OK(ask(&asks));
    CHECK_SLICE(asks.event->method, "notifications/tools/list_changed");
    event_free(asks.event);
    end(s);
}

static bool forgetful_server(const struct request *r)
{
    if (begins(r))
        return true;
    if (has(r->head, "GET "))
        status(r, "405 Method Not Allowed");
    else if (shared->n_initialized < 2 || has(r->body, "never"))
        status(r, "404 Not Found");
    else
        reply(r, "", "{}");
    return true;
}

TEST(a_session_that_the_server_has_forgotten_is_opened_once_more_and_the_request_sent_again)
{
    begin(forgetful_server);
    struct upstream_session *s = open_session(&legacy, OK);
    struct exchange a, b;

    start(s, &a, S("tools/list"), &legacy);
    start(s, &b, S("prompts/list"), &legacy);
    expect(&a, EVENT_RESULT);
    expect(&b, EVENT_RESULT);
    CHECK_EQ(shared->n_initialized, 2);
    exchange_done(&a);
    exchange_done(&b);

    start(s, &a, S("never"), &legacy); /* once is not for ever */
    expect_failure(&a, ERR_EXPIRED);
    CHECK_EQ(shared->n_initialized, 3);
    CHECK(s->state == UPSTREAM_FAILED);
    end(s);
}

static bool breaking_server(const struct request *r)
{
    if (begins(r))
        return true;
    if (has(r->head, "GET ") && has(r->head, "Last-Event-ID: e-7")) {
        shared->n_resumed++;
        open_stream(r);
        put(r, "data: {\"jsonrpc\":\"2.0\",\"id\":%d,\"result\":{\"late\":1}}\n\n", 0);
        put(r, "data: {\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":{}}\n\n", shared->last_answer);
        return false;
    }
    if (has(r->head, "GET ")) {
        status(r, "405 Method Not Allowed");
        return true;
    }
    memcpy(shared->last_answer, r->id, sizeof(r->id));
    open_stream(r);
    if (has(r->body, "resumable"))
        put(r, "id: e-7\nretry: 10\ndata:\n\n");
    return false;
}

TEST(a_stream_that_breaks_is_resumed_where_it_has_an_id_and_lost_where_it_has_none)
{
    begin(breaking_server);
    struct upstream_session *s = open_session(&legacy, OK);
    struct exchange ex;

    start(s, &ex, S("resumable"), &legacy);
    expect(&ex, EVENT_RESULT);
    exchange_done(&ex);
    CHECK_EQ(shared->n_resumed, 1);
    start(s, &ex, S("tools/call"), &legacy);
    expect_failure(&ex, ERR_CLOSED);
    end(s);
}

static bool silent_server(const struct request *r)
{
    if (begins(r))
        return true;
    if (has(r->head, "GET ")) {
        status(r, "405 Method Not Allowed");
        return true;
    }
    shared->n_calls++;
    if (has(r->body, "tools/call"))
        open_stream(r);
    else if (has(r->body, "supported") || has(r->body, "server/discover"))
        reply(r, "", "{\"supportedVersions\":[\"2026-07-28\"]}");
    char c;
    if (has(r->body, "server/discover"))
        return true;
    while (read(r->fd, &c, 1) > 0)
        ;
    shared->n_closed++;
    return false;
}

TEST(who_leaves_tells_a_legacy_server_by_a_message_and_a_modern_one_by_closing)
{
    begin(silent_server);
    struct upstream_session *s = open_session(&legacy, OK), *m = open_session(&modern, OK);
    struct exchange ex;
    int n_calls = shared->n_calls;

    start(s, &ex, S("tools/call"), &legacy);
    until(&shared->n_calls, n_calls + 1);
    exchange_done(&ex);
    until(&shared->n_cancelled, 1);
    until(&shared->n_closed, 1);

    start(m, &ex, S("prompts/get"), &modern);
    until(&shared->n_calls, n_calls + 2);
    exchange_done(&ex);
    until(&shared->n_closed, 2);
    CHECK_EQ(shared->n_cancelled, 1);
    upstream_close(m);
    end(s);
}

static bool refusing_server(const struct request *r)
{
    static const char *const lines[] = { "401 Unauthorized", "403 Forbidden", "429 Too Many Requests", "500 Oops",
                                         "503 Unavailable",  "202 Accepted",  "400 Bad Request" };
    if (begins(r))
        return true;
    if (has(r->head, "GET "))
        status(r, "405 Method Not Allowed");
    else if (shared->n_calls < (int)N_ELEMENTS(lines))
        status(r, lines[shared->n_calls++]);
    else
        put(r,
            "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %zu\r\n\r\n"
            "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":-32602,\"message\":\"\"}}",
            strlen(r->id) + strlen("{\"jsonrpc\":\"2.0\",\"id\":,\"error\":{\"code\":-32602,\"message\":\"\"}}"),
            r->id);
    return true;
}

TEST(statuses_without_an_answer_are_told_apart_and_an_error_in_a_body_is_the_answer)
{
    begin(refusing_server);
    struct upstream_session *s = open_session(&legacy, OK);
    static const enum err failures[] = { ERR_FORBIDDEN, ERR_FORBIDDEN, ERR_BUSY,    ERR_PROTOCOL,
                                         ERR_BUSY,      ERR_PROTOCOL,  ERR_PROTOCOL };
    struct exchange ex;

    for (size_t i = 0; i < N_ELEMENTS(failures); i++) {
        start(s, &ex, S("tools/list"), &legacy);
        expect_failure(&ex, failures[i]);
    }
    start(s, &ex, S("tools/list"), &legacy);
    expect(&ex, EVENT_ERROR);
    exchange_done(&ex);
    end(s);
}

/* ---- Modern ---- */

static bool modern_server(const struct request *r)
{
    CHECK(has(r->head, "MCP-Protocol-Version: 2026-07-28") && !has(r->head, "Mcp-Session-Id"));
    if (has(r->body, "server/discover")) {
        CHECK(has(r->head, "Mcp-Method: server/discover"));
        reply(r, "Mcp-Session-Id: ignored\r\n", "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{}}");
        return true;
    }
    if (has(r->body, "subscriptions/listen")) {
        open_stream(r);
        put(r, "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\",\"params\":{}}\n\n");
        return false;
    }
    CHECK(has(r->head, "Mcp-Method: tools/call") && has(r->head, "Mcp-Name: =?base64?bsOk?=") &&
          has(r->head, "Mcp-Param-City: Oslo") && !has(r->head, "X-Other"));
    reply(r, "", "{\"resultType\":\"input_required\",\"inputRequests\":{}}");
    return true;
}

TEST(a_modern_server_is_told_in_headers_what_the_message_says)
{
    begin(modern_server);
    struct upstream_session *s = open_session(&modern, OK);
    struct http_header fields[] = { { S("X-Other"), S("1") }, { S("Mcp-Param-City"), S("Oslo") } };
    struct http_headers headers = { .fields = fields, .n_fields = 2 };
    auto_free(json) params = NULL;
    struct err_at at;
    struct exchange ex;

    CHECK_OK(json_parse(S("{\"name\":\"n\xc3\xa4\",\"arguments\":{}}"), &JSON_LIMITS_MCP, &params, &at));
    exchange_init(&ex, 64 * 1024);
    ex.method = S("tools/call");
    ex.params = json_root(params);
    ex.envelope = &modern;
    ex.headers = &headers;
    upstream_start(s, &ex);
    expect(&ex, EVENT_INPUT_REQUIRED);
    exchange_done(&ex);

    start(s, &ex, S("subscriptions/listen"), &modern);
    expect(&ex, EVENT_NOTIFICATION);
    expect_failure(&ex, ERR_CLOSED); /* no resumption in this era */
    end(s);
}

static bool old_server(const struct request *r)
{
    if (begins(r))
        return true;
    shared->n_calls++;
    status(r, "400 Bad Request");
    return true;
}

TEST(a_legacy_server_is_known_by_its_status_and_asked_no_more)
{
    begin(old_server);
    struct upstream_session *s = open_session(&modern, ERR_UNSUPPORTED);
    struct exchange ex;

    start(s, &ex, S("server/discover"), &modern);
    struct event *e = next_event(&ex);
    CHECK_EQ(e->kind, EVENT_ERROR);
    CHECK_SLICE(json_number_text(json_get(e->value, S("code"))), "-32601");
    event_free(e);
    exchange_done(&ex);
    upstream_close(s);
    s = open_session(&modern, ERR_UNSUPPORTED);
    CHECK_EQ(shared->n_calls, 1);
    upstream_close(s);
    s = open_session(&legacy, OK);
    end(s);
}

TEST(a_server_that_is_not_there_is_a_failure_and_proves_no_era)
{
    struct upstream_session *s;

    CHECK_OK(loop_new(1, &loop));
    CHECK_OK(http_upstream_new(&(struct http_upstream_options){ .url = S("http://127.0.0.1:1/mcp") }, loop, NULL,
                               &upstream));
    s = open_session(&modern, ERR_CONNECT);
    upstream_close(s);
    s = open_session(&legacy, ERR_CONNECT);
    upstream_close(s);
    upstream_free(upstream);
    CHECK_ERR(http_upstream_new(&(struct http_upstream_options){ .url = S("https://a/") }, loop, NULL, &upstream),
              ERR_UNSUPPORTED);
    CHECK_ERR(http_upstream_new(&(struct http_upstream_options){ .url = S("file:///") }, loop, NULL, &upstream),
              ERR_SYNTAX);
    loop_free(loop);
}

TEST(a_session_may_be_closed_at_any_moment)
{
    for (int turns = 0; turns < 12; turns++) {
        begin(asking_server);
        struct upstream_session *s;
        struct exchange ex;
        CHECK_OK(upstream_open(upstream, &legacy, &s));
        start(s, &ex, S("tools/call"), &legacy);
        for (int i = 0; i < turns; i++)
            turn();
        if (turns % 2 == 0)
            exchange_done(&ex);
        end(s);
        exchange_done(&ex);
    }
}
