/*
 * Lines of a child's output: however the bytes are cut, the same lines come out, and each is one.
 *
 * The first byte says in which pieces the rest arrives.
 */
#include "base/check.h"
#include "support/fuzz.h"
#include "upstream/line_reader.h"

#define MAX_BYTES 64

static uint64_t read_all(struct slice input, size_t step, struct buf *to)
{
    struct line_reader r;
    struct slice line;

    line_reader_init(&r, MAX_BYTES);
    for (; input.len > 0; input = slice_from(input, step)) {
        struct slice piece = slice_first(input, step);
        while (line_reader_next(&r, &piece, &line)) {
            CHECK(line.len > 0 && line.len <= MAX_BYTES && slice_find(line, '\n') == SIZE_MAX);
            buf_put(to, line);
            buf_putc(to, '\n');
        }
        CHECK(piece.len == 0);
    }
    if (line_reader_rest(&r, &line)) {
        CHECK(line.len > 0 && line.len <= MAX_BYTES);
        buf_put(to, line);
    }
    uint64_t n_skipped = r.n_skipped;
    line_reader_done(&r);
    return n_skipped;
}

int fuzz_one(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;

    auto_buf whole;
    auto_buf pieces;
    struct slice input = { (const char *)data + 1, size - 1 };
    buf_init(&whole, 2 * size);
    buf_init(&pieces, 2 * size);
    CHECK(read_all(input, input.len + 1, &whole) == read_all(input, 1u + data[0] % 16, &pieces));
    CHECK(slice_eq(buf_slice(&whole), buf_slice(&pieces)));
    return 0;
}
