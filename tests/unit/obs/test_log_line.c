#include "obs/log_line.h"

#include "support/test.h"

static const struct timespec at = { .tv_sec = 1769860805, .tv_nsec = 7 * 1000 * 1000 };

static void json(struct buf *b, const struct log_field *fields)
{
    buf_init(b, LOG_LINE_BYTES);
    log_line_json(b, &(struct log_event){ at, LOG_WARN, "token.rejected", fields });
}

static void text(struct buf *b, const struct log_field *fields)
{
    buf_init(b, LOG_LINE_BYTES);
    log_line_text(b, &(struct log_event){ at, LOG_INFO, "call", fields }, false);
}

#define FIELDS(...) ((const struct log_field[]){ __VA_ARGS__, { 0 } })

TEST(a_json_line_has_time_level_event_and_typed_fields)
{
    auto_buf b = { 0 };
    uint16_t port = 8080;
    uint64_t big = UINT64_MAX;
    json(&b, FIELDS(F("client", S("ada")), F("why", "late"), F("ok", (bool)false), F("n", -3), F("port", port),
                    F("big", big)));
    CHECK_SLICE(buf_slice(&b), "{\"time\":\"2026-01-31T12:00:05.007Z\",\"level\":\"warn\",\"event\":\"token.rejected\","
                               "\"client\":\"ada\",\"why\":\"late\",\"ok\":false,\"n\":-3,\"port\":8080,"
                               "\"big\":18446744073709551615}\n");
}

TEST(an_absent_text_is_null_and_an_empty_one_is_empty)
{
    auto_buf b = { 0 };
    json(&b, FIELDS(F("a", NO_SLICE), F("b", S(""))));
    CHECK(slice_ends(buf_slice(&b), S("\"a\":null,\"b\":\"\"}\n")));
}

TEST(text_lines_quote_only_what_needs_it)
{
    auto_buf b = { 0 };
    text(&b, FIELDS(F("tool", S("echo")), F("name", S("a b")), F("none", NO_SLICE), F("empty", S("")), F("n", 4)));
    CHECK(slice_ends(buf_slice(&b), S(".007 info  call tool=echo name=\"a b\" none=- empty=\"\" n=4\n")));
}

TEST(text_values_cannot_pass_for_another_field)
{
    auto_buf b = { 0 };
    text(&b, FIELDS(F("a", S("x admin=true")), F("b", S("y=z")), F("c", S("\"q\""))));
    CHECK(slice_ends(buf_slice(&b), S(" a=\"x admin=true\" b=\"y=z\" c=\"\\\"q\\\"\"\n")));
}

TEST(controls_bidi_and_invisible_characters_are_escaped)
{
    static const struct {
        struct slice in;
        const char *out;
    } rows[] = {
        { S("a\nb\r\tc"), "a\\nb\\u000d\\u0009c" },
        { S("\0\x1b[31m\x7f"), "\\u0000\\u001b[31m\\u007f" },
        { S("\xc2\x85\xc2\x9b"), "\\u0085\\u009b" }, /* C1: NEL, CSI */
        { S("\xe2\x80\xae"
            "evil\xe2\x81\xa6"),
          "\\u202eevil\\u2066" }, /* override, isolate */
        { S("\xe2\x80\xa8\xe2\x80\x8b\xef\xbb\xbf"), "\\u2028\\u200b\\ufeff" },
        { S("gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80"), "gr\xc3\xbc\xc3\x9f \xf0\x9f\x98\x80" },
        { S("\xff\xc0\x80\xed\xa0\x80"), "\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd" }, /* overlong, surrogate */
        { S("\xf4\x90\x80\x80"), "\\ufffd\\ufffd\\ufffd\\ufffd" },                       /* above U+10FFFF */
        { S("\xe2\x82"), "\\ufffd\\ufffd" },                                             /* cut off */
        { S("\"\\"), "\\\"\\\\" },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        auto_buf b = { 0 };
        buf_init(&b, 256);
        log_escape(&b, rows[i].in);
        CHECK_SLICE(buf_slice(&b), rows[i].out);
    }
}

TEST(values_are_cut_at_256_bytes_between_characters)
{
    char long_text[400];
    auto_buf exact = { 0 };
    auto_buf over = { 0 };
    auto_buf split = { 0 };

    memset(long_text, 'x', sizeof(long_text));
    json(&exact, FIELDS(F("v", ((struct slice){ long_text, 256 }))));
    CHECK(slice_ends(buf_slice(&exact), S("x\"}\n")));

    json(&over, FIELDS(F("v", ((struct slice){ long_text, 257 }))));
    CHECK(slice_ends(buf_slice(&over), S("x…\"}\n")));
    CHECK_EQ(over.len, exact.len + strlen("…"));

    memcpy(long_text + 254, "\xf0\x9f\x98\x80", 4);
    json(&split, FIELDS(F("v", ((struct slice){ long_text, 400 }))));
    CHECK(slice_ends(buf_slice(&split), S("x…\"}\n")));
    CHECK_EQ(split.len, over.len - 2);
}

TEST(the_longest_event_fits_a_line)
{
    char nasty[300];
    struct log_field fields[LOG_MAX_FIELDS + 1] = { 0 };
    auto_buf b = { 0 };

    memset(nasty, 1, sizeof(nasty));
    for (size_t i = 0; i < LOG_MAX_FIELDS; i++)
        fields[i] = F("a_key_of_quite_some_length", ((struct slice){ nasty, sizeof(nasty) }));
    json(&b, fields);
    CHECK_OK(buf_ok(&b));
}

TEST(colour_is_on_the_level_only)
{
    auto_buf b = { 0 };

    buf_init(&b, LOG_LINE_BYTES);
    log_line_text(&b, &(struct log_event){ at, LOG_ERROR, "x", FIELDS(F("k", 1)) }, true);
    CHECK(slice_ends(buf_slice(&b), S(" \033[31merror\033[0m x k=1\n")));
}
