#include "mcp/header_value.h"

#include "support/test.h"

static struct arena arena;

static enum err decode(const char *raw, struct slice *ret)
{
    arena_done(&arena);
    arena_init(&arena, 64 << 10);
    return header_value_decode(slice_of(raw), &arena, ret);
}

TEST(plain_values_are_trimmed_and_kept)
{
    struct slice value;

    CHECK_OK(decode(" \tget weather ", &value));
    CHECK_SLICE(value, "get weather");
    CHECK_OK(decode("", &value));
    CHECK_SLICE(value, "");
}

TEST(marked_values_are_decoded)
{
    struct slice value;

    CHECK_OK(decode("=?base64?SGVsbG8sIOS4lueVjA==?=", &value));
    CHECK_SLICE(value, "Hello, \xe4\xb8\x96\xe7\x95\x8c");
    CHECK_OK(decode("=?base64?\?=", &value));
    CHECK_SLICE(value, "");
}

TEST(half_a_marker_and_other_spellings_of_it_are_literals)
{
    static const char *const literals[] = { "=?base64?SGk=", "SGk=?=", "=?BASE64?SGk=?=", "=?base64?=",
                                            "=?utf-8?B?SGk=?=" };
    struct slice value;

    for (size_t i = 0; i < N_ELEMENTS(literals); i++) {
        CHECK_OK(decode(literals[i], &value));
        CHECK_SLICE(value, literals[i]);
    }
}

TEST(bad_base64_bad_utf8_and_raw_bytes_are_refused)
{
    struct slice value;

    CHECK_ERR(decode("=?base64?SGk?=", &value), ERR_SYNTAX);  /* padding is missing */
    CHECK_ERR(decode("=?base64?SG-_?=", &value), ERR_SYNTAX); /* the URL alphabet */
    CHECK_ERR(decode("=?base64?SG k=?=", &value), ERR_SYNTAX);
    CHECK_ERR(decode("=?base64?/w==?=", &value), ERR_UTF8);
    CHECK_ERR(decode("caf\xc3\xa9", &value), ERR_SYNTAX);
    CHECK_ERR(decode("a\tb", &value), ERR_SYNTAX);
    CHECK_ERR(header_value_decode((struct slice){ "a\0b", 3 }, &arena, &value), ERR_SYNTAX);
}

TEST(what_is_put_is_plain_where_it_can_be_and_always_comes_back)
{
    static const struct {
        const char *value;
        bool is_plain;
    } rows[] = {
        { "weather", true },       { "a b", true },   { "", true },          { " a", false },
        { "a ", false },           { "a\nb", false }, { "\xc3\xa9", false }, { "=?base64?SGk=?=", false },
        { "=?base64?SGk=", true }, { "\x7f", false },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        auto_buf text;
        struct slice value;
        buf_init(&text, 1024);
        header_value_put(&text, slice_of(rows[i].value));
        CHECK_OK(buf_ok(&text));
        CHECK_EQ(slice_eq(buf_slice(&text), slice_of(rows[i].value)), rows[i].is_plain);
        arena_done(&arena);
        arena_init(&arena, 8 << 10);
        CHECK_OK(header_value_decode(buf_slice(&text), &arena, &value));
        CHECK_SLICE(value, rows[i].value);
    }
}
