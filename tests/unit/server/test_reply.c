#include "server/reply.h"

#include "rig.h"

#define GET(path) S("GET " path " HTTP/1.1\r\nHost: localhost\r\n\r\n")

static struct rig rig;
static struct buf text;

static void start(void)
{
    rig_start(&rig);
    buf_init(&text, 64 << 20);
}

static void done(void)
{
    buf_done(&text);
    rig_done(&rig);
}

TEST(a_stream_is_chunked_and_its_connection_goes_on)
{
    start();
    seen.n_events = 2;
    seen.event_bytes = 3;
    int fd = client_connect(&rig);
    client_send(&rig, fd, GET("/stream"));
    CHECK(!client_read(&rig, fd, "\r\n0\r\n\r\n", &text));
    CHECK(has(&text, "\r\nContent-Type: text/event-stream\r\n"));
    CHECK(has(&text, "\r\nCache-Control: no-store\r\n"));
    CHECK(has(&text, "\r\nX-Accel-Buffering: no\r\n"));
    CHECK(has(&text, "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nxxx\r\n3\r\nxxx\r\n0\r\n\r\n"));
    rig_turn(&rig, 5);
    CHECK_EQ(server_stats(rig.server).streams, 0);
    buf_clear(&text);
    client_send(&rig, fd, GET("/echo"));
    CHECK(!client_read(&rig, fd, "[]", &text));
    close(fd);
    done();
}

TEST(a_stream_for_http_1_0_ends_with_the_connection)
{
    start();
    seen.n_events = 2;
    seen.event_bytes = 3;
    CHECK_EQ(ask(&rig, S("GET /stream HTTP/1.0\r\nHost: localhost\r\n\r\n"), NULL, &text), 200);
    CHECK(has(&text, "\r\n\r\nxxxxxx"));
    CHECK(!has(&text, "chunked"));
    done();
}

TEST(a_large_answer_arrives_whole_whatever_the_limit_for_streams)
{
    start();
    auto_buf request;
    buf_init(&request, 8 << 20);
    buf_printf(&request, "POST /big HTTP/1.1\r\nHost: localhost\r\nContent-Length: %u\r\n\r\n", 3u << 20);
    for (unsigned i = 0; i < 3u << 20; i++)
        buf_putc(&request, (char)('a' + i % 23));
    size_t head = request.len - (3u << 20);
    CHECK_EQ(ask(&rig, buf_slice(&request), "]", &text), 200);
    CHECK(slice_search(buf_slice(&text), slice_from(buf_slice(&request), head)) != SIZE_MAX);
    done();
}

TEST(the_awaited_answer_on_a_stream_is_never_too_much)
{
    start();
    seen.event_bytes = 2u << 20;
    CHECK_EQ(ask(&rig, GET("/last"), "\r\n0\r\n\r\n", &text), 200);
    CHECK(has(&text, "\r\n6\r\nfirst;\r\n200000\r\nyyy"));
    CHECK(text.len > 2u << 20);
    done();
}

TEST(who_writes_without_looking_cuts_off_a_slow_reader_at_the_limit)
{
    static const struct {
        size_t n_events, event_bytes;
        enum err last;
    } rows[] = {
        /* The first event may be of any size; what comes on top of it in the same turn counts. */
        { 2, 1000, OK },
        { 4, (256 << 10) / 4 - 200, OK }, /* the head and the frames of chunks count as well */
        { 4, (256 << 10) / 4 + 1, ERR_LIMIT },
        { 1, 1 << 20, OK },
        { 2, 1 << 20, ERR_LIMIT },
    };

    start();
    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        seen.n_events = rows[i].n_events;
        seen.event_bytes = rows[i].event_bytes;
        (void)ask(&rig, GET("/stream"), rows[i].last == OK ? "\r\n0\r\n\r\n" : NULL, &text);
        CHECK_ERR(seen.last, rows[i].last);
        CHECK_EQ(server_stats(rig.server).streams, 0);
        CHECK_EQ(server_stats(rig.server).connections, 0);
    }
    done();
}

TEST(who_waits_for_room_can_write_for_ever)
{
    start();
    seen.n_events = 400;
    seen.event_bytes = 64 << 10;
    seen.waits_for_room = true;
    CHECK_EQ(ask(&rig, GET("/stream"), "\r\n0\r\n\r\n", &text), 200);
    CHECK_EQ(seen.last, OK);
    CHECK(text.len > 400u * (64u << 10));
    done();
}

TEST(a_reader_that_stands_still_is_cut_off_after_30_seconds)
{
    start();
    seen.n_events = 4000;
    seen.event_bytes = 64 << 10;
    seen.waits_for_room = true;
    int fd = client_connect(&rig);
    client_send(&rig, fd, GET("/stream"));
    rig_turn(&rig, 300);
    CHECK_EQ(seen.last, WAIT);
    CHECK_EQ(server_stats(rig.server).streams, 1);
    rig_skip_ms(&rig, 29000);
    CHECK_EQ(server_stats(rig.server).streams, 1);
    rig_skip_ms(&rig, 1500);
    CHECK_EQ(seen.last, ERR_CLOSED);
    CHECK_EQ(server_stats(rig.server).connections, 0);
    close(fd);
    done();
}

TEST(a_client_that_takes_no_answer_is_cut_off_too)
{
    start();
    auto_buf request;
    buf_init(&request, 8 << 20);
    buf_printf(&request, "POST /big HTTP/1.1\r\nHost: localhost\r\nContent-Length: %u\r\n\r\n", 7u << 20);
    for (unsigned i = 0; i < 7u << 20; i++)
        buf_putc(&request, 'a');
    int fd = client_connect(&rig);
    client_send(&rig, fd, buf_slice(&request));
    rig_turn(&rig, 300);
    CHECK_EQ(server_stats(rig.server).connections, 1);
    rig_skip_ms(&rig, 29000);
    CHECK_EQ(server_stats(rig.server).connections, 1);
    rig_skip_ms(&rig, 1500);
    CHECK_EQ(server_stats(rig.server).connections, 0);
    close(fd);
    done();
}

TEST(a_handler_learns_that_its_client_has_gone_and_may_end)
{
    start();
    int fd = client_connect(&rig);
    client_send(&rig, fd, GET("/hang"));
    rig_turn(&rig, 20);
    CHECK_EQ(seen.n_hanging, 1);
    close(fd);
    rig_turn(&rig, 20);
    CHECK_EQ(seen.n_gone, 1);
    CHECK_EQ(seen.last, ERR_CLOSED);
    CHECK_EQ(seen.n_hanging, 0);
    CHECK_EQ(server_stats(rig.server).connections, 0);
    done();
}

TEST(a_handler_whose_client_has_gone_may_go_on)
{
    start();
    seen.goes_on = true;
    seen.forgets_request = true;
    int fd = client_connect(&rig);
    client_send(&rig, fd, S("POST /hang HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"));
    rig_turn(&rig, 20);
    shutdown(fd, SHUT_WR); /* half closed counts as gone */
    rig_turn(&rig, 20);
    CHECK_EQ(seen.n_gone, 1);
    CHECK_EQ(seen.n_hanging, 1);
    CHECK(client_sees_end(&rig, fd));
    close(fd);
    done();
}

TEST(a_handler_without_an_answer_is_answered_for)
{
    start();
    CHECK_EQ(ask(&rig, GET("/mute"), "}\n", &text), 500);
    CHECK_EQ(ask(&rig, GET("/busy"), "}\n", &text), 503);
    CHECK(has(&text, "\r\nRetry-After: "));
    CHECK_EQ(ask(&rig, GET("/unwilling"), "}\n", &text), 415);
    done();
}

TEST(a_header_that_would_break_the_head_is_never_sent)
{
    start();
    CHECK_EQ(ask(&rig, GET("/injecting"), "}\n", &text), 500);
    CHECK(!has(&text, "Set-Cookie"));
    CHECK(!has(&text, "evil"));
    done();
}

TEST(a_stream_that_is_not_ended_is_cut_visibly)
{
    start();
    CHECK_EQ(ask(&rig, GET("/cut"), NULL, &text), 200);
    CHECK(slice_ends(buf_slice(&text), S("\r\n4\r\nhalf\r\n")));
    done();
}
