/*
 * Server-sent events: they come out the same however the stream is cut, and what is written is read again.
 */
#include "base/check.h"
#include "http/sse.h"
#include "support/fuzz.h"

#define MAX_EVENT_BYTES 128u
#define MAX_TEXT_BYTES  (8u << 20)

static void put(struct buf *to, char mark, struct slice field)
{
    buf_putc(to, mark);
    buf_put_u64(to, field.ptr == NULL ? 0 : field.len + 1);
    buf_putc(to, ':');
    buf_put(to, field);
}

/* All events as one text. */
static enum err read_all(struct slice in, size_t step, struct buf *to)
{
    struct sse_reader reader;
    enum err e = WAIT;

    sse_reader_init(&reader, MAX_EVENT_BYTES);
    while (in.len > 0 && e == WAIT) {
        struct slice piece = slice_first(in, step);
        struct sse_event event;
        in = slice_from(in, piece.len);
        while ((e = sse_read(&reader, &piece, &event)) == OK) {
            CHECK(event.data.ptr != NULL || event.id.ptr != NULL || event.has_retry);
            CHECK(event.data.len <= MAX_EVENT_BYTES);
            put(to, 'i', event.id);
            put(to, 'e', event.event);
            put(to, 'd', event.data);
            put(to, 'r', event.has_retry ? S("yes") : NO_SLICE);
        }
    }
    sse_reader_done(&reader);
    return e;
}

static void check_round(struct slice data)
{
    struct sse_reader reader;
    struct sse_event event;
    struct buf text;

    buf_init(&text, MAX_TEXT_BYTES);
    CHECK(sse_write(&text, &(struct sse_event){ .id = S("1"), .data = data }) == OK);
    sse_reader_init(&reader, data.len + 16);
    struct slice in = buf_slice(&text);
    CHECK(sse_read(&reader, &in, &event) == OK);
    CHECK(in.len == 0 && event.data.len == data.len && slice_eq(event.id, S("1")));
    for (size_t i = 0; i < data.len; i++)
        CHECK(event.data.ptr[i] == data.ptr[i] || data.ptr[i] == '\n' || data.ptr[i] == '\r');
    sse_reader_done(&reader);
    buf_done(&text);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct slice in = { size == 0 ? "" : (const char *)data, size };
    struct buf whole;
    struct buf bytes;

    buf_init(&whole, MAX_TEXT_BYTES);
    buf_init(&bytes, MAX_TEXT_BYTES);
    enum err e = read_all(in, SIZE_MAX, &whole);
    CHECK(read_all(in, 1, &bytes) == e);
    CHECK(slice_eq(buf_slice(&whole), buf_slice(&bytes)));
    buf_done(&whole);
    buf_done(&bytes);
    check_round(in);
    return 0;
}
