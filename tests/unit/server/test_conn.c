#include "server/server.h"

#include "rig.h"

#define GET(path) S("GET " path " HTTP/1.1\r\nHost: localhost\r\n\r\n")

static struct rig rig;
static struct buf text;

static void start(void)
{
    rig_start(&rig);
    buf_init(&text, 16 << 20);
}

static void done(void)
{
    buf_done(&text);
    rig_done(&rig);
}

TEST(a_request_is_answered_and_the_connection_stays_open)
{
    start();
    int fd = client_connect(&rig);
    for (int i = 0; i < 3; i++) {
        buf_clear(&text);
        client_send(&rig, fd, S("POST /echo?a=b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"));
        CHECK(!client_read(&rig, fd, "[hello]", &text));
        CHECK(slice_starts(buf_slice(&text), S("HTTP/1.1 200 OK\r\nDate: ")));
        CHECK(has(&text, "\r\nX-Echo: yes\r\n"));
        CHECK(has(&text, "\r\nContent-Type: text/plain\r\n"));
        CHECK(has(&text, "\r\nContent-Length: 23\r\n"));
        CHECK(has(&text, "\r\n\r\nPOST /echo ?a=b [hello]"));
        CHECK(!has(&text, "Connection:"));
    }
    CHECK_EQ(server_stats(rig.server).requests, 3);
    CHECK_EQ(server_stats(rig.server).connections, 1);
    close(fd);
    rig_turn(&rig, 20);
    CHECK_EQ(server_stats(rig.server).connections, 0);
    done();
}

TEST(pipelined_requests_are_answered_in_order)
{
    start();
    int fd = client_connect(&rig);
    client_send(&rig, fd,
                S("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n"
                  "GET /echo?2 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nConnection: close\r\n\r\nthree"
                  "GET /echo?never HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    CHECK(client_read(&rig, fd, NULL, &text));
    size_t one = slice_search(buf_slice(&text), S("[one]"));
    size_t two = slice_search(buf_slice(&text), S("?2 []"));
    size_t three = slice_search(buf_slice(&text), S("[three]"));
    CHECK(one < two && two < three && three != SIZE_MAX);
    CHECK(!has(&text, "never"));
    CHECK(has(&text, "Connection: close"));
    close(fd);
    done();
}

TEST(a_request_may_come_byte_by_byte)
{
    start();
    int fd = client_connect(&rig);
    struct slice request = S("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
    for (size_t i = 0; i < request.len; i++)
        client_send(&rig, fd, slice_first(slice_from(request, i), 1));
    CHECK(!client_read(&rig, fd, "[hello]", &text));
    close(fd);
    done();
}

TEST(a_body_that_waits_for_a_sign_gets_it)
{
    start();
    int fd = client_connect(&rig);
    client_send(&rig, fd,
                S("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"));
    CHECK(!client_read(&rig, fd, "HTTP/1.1 100 Continue\r\n\r\n", &text));
    client_send(&rig, fd, S("hello"));
    CHECK(!client_read(&rig, fd, "[hello]", &text));
    close(fd);

    /* What will be refused anyway is refused instead. */
    CHECK_EQ(ask(&rig,
                 S("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n"),
                 NULL, &text),
             413);
    CHECK_EQ(
        ask(&rig, S("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: tea\r\n\r\n"), NULL, &text),
        417);
    done();
}

TEST(head_is_answered_like_get_without_the_body)
{
    start();
    int fd = client_connect(&rig);
    client_send(&rig, fd, S("HEAD /echo HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    CHECK(!client_read(&rig, fd, "\r\n\r\n", &text));
    CHECK(has(&text, "Content-Length: 12\r\n"));
    buf_clear(&text);
    seen.n_events = 3;
    seen.event_bytes = 10;
    client_send(&rig, fd, S("HEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    CHECK(!client_read(&rig, fd, "\r\n\r\n", &text));
    CHECK(has(&text, "text/event-stream"));
    CHECK_EQ(seen.last, ERR_CLOSED); /* nobody would read the events */
    buf_clear(&text);
    client_send(&rig, fd, GET("/echo"));
    CHECK(!client_read(&rig, fd, "GET /echo []", &text));
    CHECK(slice_starts(buf_slice(&text), S("HTTP/1.1 200")));
    close(fd);
    done();
}

TEST(a_foreign_host_or_origin_is_refused_on_every_path)
{
    static const char *const paths[] = { "/echo", "/stream", "/hang", "/files/a", "/no/such/path", "/%00", "*" };

    start();
    for (size_t i = 0; i < N_ELEMENTS(paths); i++) {
        auto_buf request;
        buf_init(&request, 1024);
        buf_printf(&request, "GET %s HTTP/1.1\r\nHost: evil.example\r\n\r\n", paths[i]);
        CHECK_EQ(ask(&rig, buf_slice(&request), "}\n", &text), 421);
        buf_clear(&request);
        buf_printf(&request, "GET %s HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n\r\n", paths[i]);
        CHECK_EQ(ask(&rig, buf_slice(&request), "}\n", &text), 403);
        CHECK(has(&text, "application/json"));
        CHECK(!has(&text, "evil"));
    }
    CHECK_EQ(
        ask(&rig, S("GET /echo HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:6274\r\n\r\n"), "[]", &text),
        200);
    CHECK_EQ(
        ask(&rig, S("GET /echo HTTP/1.1\r\nHost: Gate.Example\r\nOrigin: https://gate.example\r\n\r\n"), "[]", &text),
        200);
    CHECK_EQ(
        ask(&rig,
            S("GET /echo HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nOrigin: http://localhost\r\n\r\n"),
            "}\n", &text),
        403);
    CHECK_EQ(server_stats(rig.server).refused, 15);
    done();
}

TEST(paths_and_methods_find_their_route_or_a_refusal)
{
    start();
    CHECK_EQ(ask(&rig, GET("/echo/"), "}\n", &text), 404);
    CHECK_EQ(ask(&rig, GET("/"), "}\n", &text), 404);
    CHECK_EQ(ask(&rig, GET("/files"), "}\n", &text), 404);
    CHECK_EQ(ask(&rig, GET("/files/a/b"), "[]", &text), 200);
    CHECK(has(&text, "rest=a/b"));
    CHECK_EQ(ask(&rig, GET("/files/deep/x"), "[]", &text), 200);
    CHECK(has(&text, "rest=x"));
    CHECK_EQ(ask(&rig, GET("/files/../echo"), "}\n", &text), 400);
    CHECK_EQ(ask(&rig, GET("/files/a%2fb"), "}\n", &text), 400);
    CHECK_EQ(ask(&rig, S("DELETE /echo HTTP/1.1\r\nHost: localhost\r\n\r\n"), "}\n", &text), 405);
    CHECK(has(&text, "\r\nAllow: GET, HEAD, POST\r\n"));
    CHECK_EQ(ask(&rig, S("OPTIONS /big HTTP/1.1\r\nHost: localhost\r\n\r\n"), "}\n", &text), 405);
    CHECK(has(&text, "\r\nAllow: POST\r\n"));
    CHECK_EQ(ask(&rig, S("HEAD /big HTTP/1.1\r\nHost: localhost\r\n\r\n"), "\r\n\r\n", &text), 405);
    CHECK_EQ(ask(&rig, S("TRACE /echo HTTP/1.1\r\nHost: localhost\r\n\r\n"), "}\n", &text), 405);
    CHECK_EQ(ask(&rig, S("CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n"), "}\n", &text), 400);
    CHECK_EQ(ask(&rig, S("GET http://localhost/echo HTTP/1.1\r\nHost: localhost\r\n\r\n"), "[]", &text), 200);
    CHECK_EQ(ask(&rig, S("GET http://gate.example/echo HTTP/1.1\r\nHost: localhost\r\n\r\n"), "}\n", &text), 400);
    done();
}

TEST(a_refusal_without_a_body_to_skip_keeps_the_connection)
{
    start();
    int fd = client_connect(&rig);
    client_send(&rig, fd, GET("/none"));
    CHECK(!client_read(&rig, fd, "}\n", &text));
    CHECK(!has(&text, "Connection: close"));
    buf_clear(&text);
    client_send(&rig, fd, GET("/echo"));
    CHECK(!client_read(&rig, fd, "[]", &text));
    buf_clear(&text);
    client_send(
        &rig, fd,
        S("POST /none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 28\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\n"));
    CHECK(client_read(&rig, fd, NULL, &text));
    CHECK(has(&text, "HTTP/1.1 404") && has(&text, "Connection: close"));
    CHECK(!has(&text, "200 OK"));
    close(fd);
    done();
}

TEST(malformed_requests_get_their_status_and_the_connection_ends)
{
    static const struct {
        const char *request;
        unsigned status;
    } rows[] = {
        { "GET /echo HTTP/1.1\r\nHost: localhost\r\nA : b\r\n\r\n", 400 },
        { "GET /echo HTTP/1.1\nHost: localhost\n\n", 400 },
        { "GET /echo HTTP/1.1\r\n\r\n", 400 },
        { "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          400 },
        { "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\n\r\n",
          400 },
        { "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501 },
        { "GET /echo HTTP/2.0\r\nHost: localhost\r\n\r\n", 505 },
        { "\x16\x03\x01", 400 },
    };

    start();
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        int fd = client_connect(&rig);
        buf_clear(&text);
        client_send(&rig, fd, slice_of(rows[i].request));
        CHECK(client_read(&rig, fd, NULL, &text));
        auto_buf expected;
        buf_init(&expected, 64);
        buf_printf(&expected, "HTTP/1.1 %u ", rows[i].status);
        CHECK(slice_starts(buf_slice(&text), buf_slice(&expected)));
        CHECK(has(&text, "Connection: close\r\n"));
        close(fd);
    }
    done();
}
