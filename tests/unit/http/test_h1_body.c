#include "http/h1_body.h"

#include "support/smuggling.h"
#include "support/test.h"

/* Collects a chunked body, `step` bytes at a time. */
static enum err collect(struct slice text, size_t step, size_t max_extension, size_t max_trailer, struct buf *to,
                        struct slice *ret_rest)
{
    struct h1_body body;
    enum err e = WAIT;

    h1_body_init(&body, H1_CHUNKED, 0, max_extension, max_trailer);
    while (e == WAIT && text.len > 0) {
        struct slice piece = slice_first(text, step);
        text = slice_from(text, piece.len);
        e = h1_body_collect(&body, &piece, to);
        *ret_rest = (struct slice){ piece.ptr, piece.len + text.len };
    }
    if (e == WAIT)
        CHECK_ERR(h1_body_end_of_input(&body), ERR_CLOSED);
    return e;
}

static enum err strict(struct slice text, size_t step)
{
    auto_buf to;
    struct slice rest;

    buf_init(&to, 1024);
    return collect(text, step, 0, 0, &to, &rest);
}

TEST(chunks_are_joined_however_they_are_cut)
{
    struct slice text = S("5\r\nhello\r\n0001\r\n,\r\nA\r\n wide worl\r\n1\r\nd\r\n000\r\n\r\nPOST");

    for (size_t step = 1; step <= text.len; step++) {
        auto_buf to;
        struct slice rest;
        buf_init(&to, 1024);
        CHECK_OK(collect(text, step, 0, 0, &to, &rest));
        CHECK_SLICE(buf_slice(&to), "hello, wide world");
        CHECK_SLICE(rest, "POST");
    }
}

TEST(what_is_no_plain_chunk_is_refused)
{
    for (size_t i = 0; i < N_ELEMENTS(refused_chunks); i++) {
        CHECK_ERR(strict(refused_chunks[i], SIZE_MAX), ERR_HTTP_CHUNK);
        CHECK_ERR(strict(refused_chunks[i], 1), ERR_HTTP_CHUNK);
    }
    CHECK_OK(strict(S("0000000000000005\r\nhello\r\n0\r\n\r\n"), SIZE_MAX)); /* 16 digits are the last that pass */
}

TEST(a_body_cut_off_anywhere_is_not_complete)
{
    struct slice text = S("5\r\nhello\r\n0\r\n\r\n");

    for (size_t n = 1; n < text.len; n++) {
        auto_buf to;
        struct slice rest;
        buf_init(&to, 1024);
        CHECK_ERR(collect(slice_first(text, n), SIZE_MAX, 0, 0, &to, &rest), WAIT);
    }
}

TEST(extensions_and_trailers_are_skipped_as_far_as_allowed)
{
    struct slice text = S("5;a=\"b\"\r\nhello\r\n0;c\r\nX: y\r\nZ: 1\r\n\r\n");
    auto_buf to;
    struct slice rest;

    buf_init(&to, 1024);
    CHECK_OK(collect(text, 1, 5, 8, &to, &rest));
    CHECK_SLICE(buf_slice(&to), "hello");
    CHECK_ERR(collect(text, 1, 4, 8, &to, &rest), ERR_HTTP_CHUNK);
    CHECK_ERR(collect(text, 1, 5, 7, &to, &rest), ERR_HTTP_CHUNK);
    CHECK_ERR(collect(S("5;a\nb\r\nhello"), 1, 9, 9, &to, &rest), ERR_HTTP_CHUNK);
}

TEST(the_collected_body_has_a_last_byte)
{
    for (size_t max = 4; max <= 6; max++) {
        auto_buf to;
        struct slice rest;
        buf_init(&to, max);
        CHECK_ERR(collect(S("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), SIZE_MAX, 0, 0, &to, &rest),
                  max < 5 ? ERR_HTTP_BODY_TOO_LARGE : OK);
    }
}

TEST(a_chunk_that_will_not_fit_is_refused_at_its_first_byte)
{
    auto_buf to;
    struct slice rest;

    buf_init(&to, 5);
    CHECK_ERR(collect(S("5\r\nh"), SIZE_MAX, 0, 0, &to, &rest), WAIT);
    buf_clear(&to);
    CHECK_ERR(collect(S("6\r\nh"), SIZE_MAX, 0, 0, &to, &rest), ERR_HTTP_BODY_TOO_LARGE);
    CHECK_ERR(collect(S("ffffffffffffffff\r\nh"), SIZE_MAX, 0, 0, &to, &rest), ERR_HTTP_BODY_TOO_LARGE);
}

TEST(a_length_is_counted_and_what_follows_is_left)
{
    struct h1_body body;
    struct slice in = S("helloGET");
    struct slice part;

    h1_body_init(&body, H1_LENGTH, 5, 0, 0);
    CHECK_OK(h1_body_next(&body, &in, &part));
    CHECK_SLICE(part, "hello");
    CHECK(h1_body_is_complete(&body));
    CHECK_OK(h1_body_next(&body, &in, &part));
    CHECK_EQ(part.len, 0);
    CHECK_SLICE(in, "GET");
}

TEST(no_body_and_an_empty_one_are_complete_at_once)
{
    struct h1_body body;

    h1_body_init(&body, H1_NO_BODY, 0, 0, 0);
    CHECK(h1_body_is_complete(&body));
    h1_body_init(&body, H1_LENGTH, 0, 0, 0);
    CHECK(h1_body_is_complete(&body));
}

TEST(without_framing_the_end_of_input_is_the_end)
{
    struct h1_body body;
    struct slice in = S("hello");
    struct slice part;

    h1_body_init(&body, H1_UNTIL_CLOSE, 0, 0, 0);
    CHECK_OK(h1_body_next(&body, &in, &part));
    CHECK_SLICE(part, "hello");
    CHECK_ERR(h1_body_next(&body, &in, &part), WAIT);
    CHECK_OK(h1_body_end_of_input(&body));
    CHECK_OK(h1_body_next(&body, &in, &part));
    CHECK_EQ(part.len, 0);

    h1_body_init(&body, H1_LENGTH, 6, 0, 0);
    CHECK_ERR(h1_body_end_of_input(&body), ERR_CLOSED);
}
