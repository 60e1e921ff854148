/* Requests that two parsers might read differently, as a client meets them (S-66). */
#include <fcntl.h>

#include "http/status.h"
#include "obs/log.h"
#include "rig.h"
#include "support/smuggling.h"

/* What comes right behind the refused request on the same connection, and must never be looked at. */
#define HIDDEN "GET /echo?hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"

static struct rig rig;
static int log_fds[2];

static void start(void)
{
    CHECK(pipe2(log_fds, O_NONBLOCK | O_CLOEXEC) == 0);
    CHECK_OK(
        log_new(&(struct log_options){ .format = LOG_FORMAT_JSON, .level = LOG_INFO, .fd = log_fds[1] }, &rig.log));
    rig_start(&rig);
}

static void done(void)
{
    rig_done(&rig);
    log_free(rig.log);
    close(log_fds[0]);
    close(log_fds[1]);
}

/* The one line that was logged since the last look says what was refused and why. */
static void check_log(unsigned status, enum err reason)
{
    auto_buf line;
    auto_buf expected;

    CHECK(log_flush(rig.log));
    buf_init(&line, 64 << 10);
    CHECK_OK(buf_reserve(&line, 32 << 10));
    ssize_t n = read(log_fds[0], line.ptr, 32 << 10);
    CHECK(n > 0);
    buf_added(&line, (size_t)n);
    CHECK_EQ(slice_find(buf_slice(&line), '\n'), line.len - 1);
    CHECK(has(&line, "\"http.refused\""));
    buf_init(&expected, 256);
    buf_printf(&expected, "\"status\":%u,\"reason\":\"%s\"", status, err_name(reason));
    CHECK(slice_search(buf_slice(&line), buf_slice(&expected)) != SIZE_MAX);
}

/* The client gets the status and the end, no handler gets anything, and the next client is served. */
static void check_refused(struct slice request, enum err reason)
{
    unsigned status = http_status_of_err(reason);
    uint64_t n_requests = server_stats(rig.server).requests;
    auto_buf sent;
    auto_buf text;
    auto_buf expected;

    buf_init(&sent, 64 << 10);
    buf_init(&text, 1 << 20);
    buf_init(&expected, 64);
    buf_put(&sent, request);
    buf_put(&sent, S(HIDDEN));
    (void)ask(&rig, buf_slice(&sent), NULL, &text);
    buf_printf(&expected, "HTTP/1.1 %u ", status);
    if (!slice_starts(buf_slice(&text), buf_slice(&expected)))
        fprintf(stderr, "expected %u for:\n%.*s\ngot:\n%.*s\n", status, SLICE_ARGS(request),
                SLICE_ARGS(buf_slice(&text)));
    CHECK(slice_starts(buf_slice(&text), buf_slice(&expected)));
    CHECK(has(&text, "\r\nConnection: close\r\n"));
    CHECK_EQ(slice_search(slice_from(buf_slice(&text), 1), S("HTTP/1.1 ")), SIZE_MAX); /* one answer, not two */
    CHECK_EQ(server_stats(rig.server).requests, n_requests);
    check_log(status, reason);

    CHECK_EQ(ask(&rig, S("GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n"), "[]", &text), 200);
    CHECK_EQ(server_stats(rig.server).requests, n_requests + 1);
}

TEST(ambiguous_heads_are_refused_once_and_end_the_connection)
{
    start();
    for (size_t i = 0; i < N_ELEMENTS(refused_heads); i++)
        check_refused(refused_heads[i].text, refused_heads[i].err);
    done();
}

TEST(ambiguous_chunks_are_refused_once_and_end_the_connection)
{
    start();
    for (size_t i = 0; i < N_ELEMENTS(refused_chunks); i++) {
        auto_buf request;
        buf_init(&request, 4096);
        buf_put(&request, S("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"));
        buf_put(&request, refused_chunks[i]);
        check_refused(buf_slice(&request), ERR_HTTP_CHUNK);
    }
    done();
}

TEST(an_ambiguous_host_or_target_before_a_body_ends_the_connection)
{
    static const struct {
        const char *target, *host;
        enum err reason;
    } rows[] = {
        { "/echo", "localhost@evil", ERR_HTTP_HOST_SYNTAX },
        { "/echo", "localhost/evil", ERR_HTTP_HOST_SYNTAX },
        { "/echo", "localhost:0", ERR_HTTP_HOST_SYNTAX },
        { "/echo", "localhost evil", ERR_HTTP_HOST_SYNTAX },
        { "/echo", "localhost,evil", ERR_HTTP_HOST_SYNTAX },
        { "/echo", "localhost:80:80", ERR_HTTP_HOST_SYNTAX },
        { "/echo", "localhost%00", ERR_HTTP_HOST_SYNTAX },
        { "/echo", "[::1", ERR_HTTP_HOST_SYNTAX },
        { "/echo", "localhost.evil", ERR_HTTP_HOST },
        { "http://evil/echo", "localhost", ERR_HTTP_TARGET },
        { "http://localhost@evil/echo", "localhost", ERR_HTTP_TARGET },
        { "http://localhost:81/echo", "localhost", ERR_HTTP_TARGET },
        { "http://evil/echo", "evil", ERR_HTTP_HOST },
        { "/files/../echo", "localhost", ERR_HTTP_TARGET },
        { "/files/%2e%2e/echo", "localhost", ERR_HTTP_TARGET },
        { "/files%2f..%2fecho", "localhost", ERR_HTTP_TARGET },
        { "/files\\..\\echo", "localhost", ERR_HTTP_TARGET },
        { "/echo%00", "localhost", ERR_HTTP_TARGET },
        { "/echo%0d%0aX:%20y", "localhost", ERR_HTTP_TARGET },
        { "echo", "localhost", ERR_HTTP_SYNTAX },
        { "//echo", "localhost", ERR_NOT_FOUND },
    };

    start();
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        auto_buf request;
        buf_init(&request, 4096);
        buf_printf(&request, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 4\r\n\r\nbody", rows[i].target,
                   rows[i].host);
        check_refused(buf_slice(&request), rows[i].reason);
    }
    done();
}
