#include "http/h1.h"

#include <stdio.h>

#include "support/smuggling.h"
#include "support/test.h"

static const struct h1_limits limits = { 8 << 10, 32 << 10, 100 };
static struct arena arena;

/* Reads one head, `step` bytes at a time; *ret_rest is what stands behind it. */
static enum err read_by(struct slice text, size_t step, struct h1_request *ret, struct slice *ret_rest)
{
    struct h1 h1;
    enum err e = WAIT;

    arena_done(&arena);
    arena_init(&arena, 256 << 10);
    h1_init(&h1, &limits);
    while (e == WAIT && text.len > 0) {
        struct slice piece = slice_first(text, step);
        text = slice_from(text, piece.len);
        e = h1_read_head(&h1, &piece, &arena, ret);
        if (e == OK) {
            *ret_rest = (struct slice){ piece.ptr, piece.len + text.len };
            CHECK(piece.ptr + piece.len == text.ptr);
        }
    }
    h1_done(&h1);
    return e;
}

static enum err read_whole(const char *text, struct h1_request *ret)
{
    struct slice rest;

    return read_by(slice_of(text), SIZE_MAX, ret, &rest);
}

TEST(a_request_is_read_however_it_is_cut)
{
    struct slice text = S("POST /mcp?x=1 HTTP/1.1\r\nHost: gate.example\r\nContent-Length: 5\r\n"
                          "X-Empty:\r\nX-Padded: \t a b \t \r\nX_Forged: y\r\nConnection: keep-alive\r\n\r\nhelloGET");

    for (size_t step = 1; step <= text.len; step++) {
        struct h1_request request;
        struct slice rest;
        CHECK_OK(read_by(text, step, &request, &rest));
        CHECK_SLICE(request.method, "POST");
        CHECK_SLICE(request.target, "/mcp?x=1");
        CHECK_SLICE(request.host, "gate.example");
        CHECK_EQ(request.minor, 1);
        CHECK_EQ(request.framing, H1_LENGTH);
        CHECK_EQ(request.content_length, 5);
        CHECK(request.keep_alive);
        CHECK(!request.expects_continue);
        CHECK_SLICE(http_headers_find(&request.headers, S("x-empty")), "");
        CHECK_SLICE(http_headers_find(&request.headers, S("x-padded")), "a b");
        CHECK(http_headers_find(&request.headers, S("x_forged")).ptr == NULL);
        CHECK_SLICE(rest, "helloGET");
    }
    arena_done(&arena);
}

TEST(one_reader_reads_one_request_after_another)
{
    struct slice in =
        S("\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\nDELETE /b HTTP/1.1\r\nHost: x\r\nConnection: x, Close\r\n\r\n");
    struct h1_request request;
    struct h1 h1;

    arena_init(&arena, 256 << 10);
    h1_init(&h1, &limits);
    CHECK_OK(h1_read_head(&h1, &in, &arena, &request));
    CHECK_SLICE(request.target, "/a");
    CHECK_EQ(request.framing, H1_NO_BODY);
    CHECK_OK(h1_read_head(&h1, &in, &arena, &request));
    CHECK_SLICE(request.method, "DELETE");
    CHECK(!request.keep_alive);
    CHECK(!h1.is_begun);
    CHECK_ERR(h1_read_head(&h1, &in, &arena, &request), WAIT);
    h1_done(&h1);
    arena_done(&arena);
}

TEST(http_1_0_is_served_without_keep_alive)
{
    struct h1_request request;

    CHECK_OK(read_whole("GET / HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n", &request));
    CHECK_EQ(request.minor, 0);
    CHECK(!request.keep_alive);
    arena_done(&arena);
}

TEST(chunked_bodies_and_expectations_are_told)
{
    struct h1_request request;

    CHECK_OK(read_whole("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\nExpect: 100-Continue\r\n\r\n",
                        &request));
    CHECK_EQ(request.framing, H1_CHUNKED);
    CHECK(request.expects_continue);
    CHECK_OK(read_whole("GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\r\n", &request));
    CHECK(!request.expects_continue); /* no body: nothing to wait for */
    arena_done(&arena);
}

TEST(whatever_could_be_read_in_two_ways_is_refused)
{
    unsigned n_wrong = 0;

    for (const struct refusal *r = refused_heads; r < refused_heads + N_ELEMENTS(refused_heads); r++) {
        struct h1_request request;
        struct slice rest;
        enum err whole = read_by(r->text, SIZE_MAX, &request, &rest);
        enum err pieces = read_by(r->text, 1, &request, &rest);
        if (whole == r->err && pieces == r->err)
            continue;
        fprintf(stderr, "%s, in pieces %s: expected %s for:\n%s\n", err_name(whole), err_name(pieces), err_name(r->err),
                r->text.ptr); /* it has a NUL behind it */
        n_wrong++;
    }
    CHECK_EQ(n_wrong, 0);
    arena_done(&arena);
}

/* -- Limits, at N-1, N and N+1 ------------------------------------------------------------------------------------ */

static void put_many(struct buf *to, char c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_putc(to, c);
}

static enum err read_line_of(size_t line_bytes, size_t step)
{
    auto_buf text;
    struct h1_request request;
    struct slice rest;

    buf_init(&text, 64 << 10);
    buf_put(&text, S("GET /"));
    put_many(&text, 'a', line_bytes - 5 - 9);
    buf_put(&text, S(" HTTP/1.1\r\nHost: x\r\n\r\n"));
    return read_by(buf_slice(&text), step, &request, &rest);
}

static enum err read_block_of(size_t block_bytes, size_t step)
{
    auto_buf text;
    struct h1_request request;
    struct slice rest;

    buf_init(&text, 64 << 10);
    buf_put(&text, S("GET / HTTP/1.1\r\nHost: x\r\nA: "));
    put_many(&text, 'a', block_bytes - 9 - 5);
    buf_put(&text, S("\r\n\r\n"));
    return read_by(buf_slice(&text), step, &request, &rest);
}

static enum err read_fields_of(unsigned n, size_t step)
{
    auto_buf text;
    struct h1_request request;
    struct slice rest;

    buf_init(&text, 64 << 10);
    buf_put(&text, S("GET / HTTP/1.1\r\nHost: x\r\n"));
    for (unsigned i = 1; i < n; i++)
        buf_printf(&text, "A%u: b\r\n", i);
    buf_put(&text, S("\r\n"));
    return read_by(buf_slice(&text), step, &request, &rest);
}

TEST(limits_hold_at_the_last_byte_and_the_last_field)
{
    static const size_t steps[] = { SIZE_MAX, 1, 1460 };

    for (size_t i = 0; i < N_ELEMENTS(steps); i++) {
        CHECK_OK(read_line_of(limits.first_line_bytes - 1, steps[i]));
        CHECK_OK(read_line_of(limits.first_line_bytes, steps[i]));
        CHECK_ERR(read_line_of(limits.first_line_bytes + 1, steps[i]), ERR_HTTP_URI_TOO_LONG);

        CHECK_OK(read_block_of(limits.header_block_bytes - 1, steps[i]));
        CHECK_OK(read_block_of(limits.header_block_bytes, steps[i]));
        CHECK_ERR(read_block_of(limits.header_block_bytes + 1, steps[i]), ERR_HTTP_HEAD_TOO_LARGE);

        CHECK_OK(read_fields_of(99, steps[i]));
        CHECK_OK(read_fields_of(100, steps[i]));
        CHECK_ERR(read_fields_of(101, steps[i]), ERR_HTTP_HEAD_TOO_LARGE);
    }
    arena_done(&arena);
}

TEST(an_endless_line_is_refused_before_it_ends)
{
    auto_buf text;
    struct h1_request request;
    struct slice rest;

    buf_init(&text, 64 << 10);
    buf_put(&text, S("GET /"));
    put_many(&text, 'a', 8190);
    CHECK_ERR(read_by(buf_slice(&text), 1, &request, &rest), ERR_HTTP_URI_TOO_LONG);
    arena_done(&arena);
}
