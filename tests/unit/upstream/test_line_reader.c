#include "upstream/line_reader.h"

#include <stdlib.h>

#include "base/mem.h"
#include "support/test.h"

/* What comes out of `input`: lines with a "|" behind each. */
static void read_all(struct line_reader *r, struct slice input, struct buf *to)
{
    struct slice line;

    while (line_reader_next(r, &input, &line)) {
        buf_put(to, line);
        buf_putc(to, '|');
    }
    CHECK(input.len == 0);
}

/* And then what has no line end, and "!" for each that was too long. */
static struct slice lines_of(struct slice input, size_t max_bytes, size_t step, struct buf *to)
{
    struct line_reader r;
    struct slice rest;

    buf_clear(to);
    line_reader_init(&r, max_bytes);
    for (; input.len > 0; input = slice_from(input, step))
        read_all(&r, slice_first(input, step), to);
    if (line_reader_rest(&r, &rest))
        buf_put(to, rest);
    CHECK(!line_reader_rest(&r, &rest));
    for (uint64_t i = 0; i < r.n_skipped; i++)
        buf_putc(to, '!');
    line_reader_done(&r);
    return buf_slice(to);
}

TEST(however_the_bytes_are_cut_the_lines_are_the_same)
{
    static const struct {
        struct slice input;
        const char *lines;
    } cases[] = {
        { S("{}\n"), "{}|" },
        { S("{\"a\":1}\n[]\n"), "{\"a\":1}|[]|" },
        { S("{}\r\n[]\r\n"), "{}|[]|" },
        { S("\xef\xbb\xbf{}\n"), "{}|" },
        { S("{}\n\xef\xbb\xbf[]\n"), "{}|\xef\xbb\xbf[]|" }, /* a mark later is the parser's to refuse */
        { S("\n\r\n  \t\n{}\n\n"), "{}|" },
        { S("\xef\xbb\xbf\n{}\n"), "{}|" },
        { S("{}\n{\"cut"), "{}|{\"cut" },
        { S("{}\n\xef\xbb"), "{}|\xef\xbb" },
        { S("{}\r\n12345678\r"), "{}|12345678" },
        { S("{}\n123456789"), "{}|!" },
        { S("\xef\xbb\xbf"), "" },
        { S("a\rb\n"), "a\rb|" }, /* a CR inside is no end */
        { S("a\r\r\n"), "a\r|" },
        { S("123456789\n12345678\n123456789\r\n12345678\r\n"), "12345678|12345678|!!" },
        { S("1234567890123456789012345678901234567890\nok\n"), "ok|!" },
        { S("\xef\xbb\xbf"
            "12345\nok\n"),
          "12345|ok|" },
    };
    auto_buf text;
    buf_init(&text, 1024);

    for (size_t i = 0; i < N_ELEMENTS(cases); i++)
        for (size_t step = 1; step <= cases[i].input.len; step++)
            CHECK_SLICE(lines_of(cases[i].input, 8, step, &text), cases[i].lines);
}

TEST(a_nul_is_a_byte_like_any_other)
{
    struct line_reader r;
    struct slice input = S("a\0b\nc\n"), line;

    line_reader_init(&r, 100);
    CHECK(line_reader_next(&r, &input, &line));
    CHECK(slice_eq(line, S("a\0b")));
    CHECK(line_reader_next(&r, &input, &line));
    CHECK_SLICE(line, "c");
    line_reader_done(&r);
}

TEST(a_large_line_leaves_no_large_memory_behind)
{
    enum { SIZE = 1024 * 1024 };
    struct line_reader r;
    char *text = mem_zalloc(SIZE, 1);
    struct slice input = { text, SIZE }, line;

    memset(text, 'x', SIZE);
    line_reader_init(&r, SIZE);
    CHECK(!line_reader_next(&r, &input, &line));
    input = S("\nnext");
    CHECK(line_reader_next(&r, &input, &line));
    CHECK_EQ(line.len, SIZE);
    CHECK(!line_reader_next(&r, &input, &line));
    CHECK(r.partial.size < 1024);

    input = (struct slice){ text, SIZE }; /* "next" and this are too long together */
    CHECK(!line_reader_next(&r, &input, &line));
    CHECK(r.partial.size < 1024);
    CHECK_EQ(r.n_skipped, 1);
    line_reader_done(&r);
    free(text);
}
