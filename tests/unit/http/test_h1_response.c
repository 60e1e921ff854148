#include "http/h1_response.h"

#include "support/test.h"

static const struct h1_limits limits = { 1 << 10, 8 << 10, 50 };
static struct arena arena;

static enum err read_by(const char *text, size_t step, bool to_head, struct h1_response *ret, struct slice *ret_rest)
{
    struct h1_response_reader reader;
    struct slice left = slice_of(text);
    enum err e = WAIT;

    arena_done(&arena);
    arena_init(&arena, 64 << 10);
    h1_response_reader_init(&reader, &limits);
    while (e == WAIT && left.len > 0) {
        struct slice piece = slice_first(left, step);
        left = slice_from(left, piece.len);
        e = h1_response_read_head(&reader, to_head, &piece, &arena, ret);
        *ret_rest = (struct slice){ piece.ptr, piece.len + left.len };
    }
    h1_response_reader_done(&reader);
    return e;
}

static enum err read_whole(const char *text, struct h1_response *ret)
{
    struct slice rest;

    return read_by(text, SIZE_MAX, false, ret, &rest);
}

TEST(an_answer_is_read_however_it_is_cut)
{
    const char *text = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

    for (size_t step = 1; step <= strlen(text); step++) {
        struct h1_response response;
        struct slice rest;
        CHECK_OK(read_by(text, step, false, &response, &rest));
        CHECK_EQ(response.status, 200);
        CHECK_EQ(response.framing, H1_LENGTH);
        CHECK_EQ(response.content_length, 2);
        CHECK(response.keep_alive);
        CHECK_SLICE(http_headers_find(&response.headers, S("content-type")), "application/json");
        CHECK_SLICE(rest, "{}");
    }
    arena_done(&arena);
}

TEST(interim_answers_are_skipped)
{
    struct h1_response response;
    struct slice rest;

    for (size_t step = 1; step < 60; step++) {
        CHECK_OK(
            read_by("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 202 Accepted\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    step, false, &response, &rest));
        CHECK_EQ(response.status, 202);
        CHECK_EQ(response.framing, H1_CHUNKED);
        CHECK_SLICE(rest, "0\r\n\r\n");
    }
    arena_done(&arena);
}

TEST(an_endless_row_of_interim_answers_is_refused)
{
    auto_buf text;
    struct h1_response response;

    buf_init(&text, 4096);
    for (int i = 0; i < 9; i++)
        buf_put(&text, S("HTTP/1.1 100 Continue\r\n\r\n"));
    buf_putc(&text, '\0');
    CHECK_ERR(read_whole(text.ptr, &response), ERR_PROTOCOL);
    arena_done(&arena);
}

TEST(the_body_is_framed_as_the_rfc_says)
{
    static const struct {
        const char *text;
        bool to_head;
        enum h1_framing framing;
        bool keep_alive;
    } rows[] = {
        { "HTTP/1.1 200 OK\r\n\r\n", false, H1_UNTIL_CLOSE, false },
        { "HTTP/1.1 200\r\n\r\n", false, H1_UNTIL_CLOSE, false },
        { "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", true, H1_NO_BODY, true },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true, H1_NO_BODY, true },
        { "HTTP/1.1 204 No Content\r\n\r\n", false, H1_NO_BODY, true },
        { "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", false, H1_NO_BODY, true },
        { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, H1_LENGTH, true },
        { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", false, H1_LENGTH, false },
        { "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false, H1_LENGTH, false },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct h1_response response;
        struct slice rest;
        CHECK_OK(read_by(rows[i].text, SIZE_MAX, rows[i].to_head, &response, &rest));
        CHECK_EQ(response.framing, rows[i].framing);
        CHECK_EQ(response.keep_alive, rows[i].keep_alive);
    }
    arena_done(&arena);
}

TEST(an_answer_in_doubt_is_refused)
{
    static const char *const wrong[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        "HTTP/1.1 200 OK\nContent-Length: 5\n\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: \x01\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 99 Odd\r\n\r\n",
        "HTTP/1.1 600 Odd\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "RTSP/1.0 200 OK\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "<html>",
        "POST / HTTP/1.1\r\n\r\n",
    };

    for (size_t i = 0; i < N_ELEMENTS(wrong); i++) {
        struct h1_response response;
        struct slice rest;
        CHECK_ERR(read_by(wrong[i], SIZE_MAX, false, &response, &rest), ERR_PROTOCOL);
        CHECK_ERR(read_by(wrong[i], 1, false, &response, &rest), ERR_PROTOCOL);
    }
    arena_done(&arena);
}

TEST(a_head_that_does_not_end_is_refused)
{
    auto_buf text;
    struct h1_response response;

    buf_init(&text, 64 << 10);
    buf_put(&text, S("HTTP/1.1 200 OK\r\nA: "));
    for (int i = 0; i < 9000; i++)
        buf_putc(&text, 'a');
    buf_putc(&text, '\0');
    CHECK_ERR(read_whole(text.ptr, &response), ERR_LIMIT);
    arena_done(&arena);
}

TEST(trailers_and_extensions_of_upstreams_are_skipped)
{
    struct h1_response response = { .framing = H1_CHUNKED };
    struct slice in = S("2;x=y\r\n{}\r\n0\r\nServer-Timing: 1\r\n\r\n");
    struct h1_body body;
    auto_buf to;

    buf_init(&to, 100);
    h1_response_body_init(&response, &body);
    CHECK_OK(h1_body_collect(&body, &in, &to));
    CHECK_SLICE(buf_slice(&to), "{}");
}
