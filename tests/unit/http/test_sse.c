#include "http/sse.h"

#include "support/test.h"

#define MAX_BYTES 64u

/* The events of a stream, one a line: id|event|data|retry, "-" for what is absent. */
static enum err summary(struct slice text, size_t step, struct buf *to)
{
    struct sse_reader reader;
    enum err e = WAIT;

    buf_clear(to);
    sse_reader_init(&reader, MAX_BYTES);
    while (e == WAIT && text.len > 0) {
        struct slice piece = slice_first(text, step);
        struct sse_event event;
        text = slice_from(text, piece.len);
        while ((e = sse_read(&reader, &piece, &event)) == OK) {
            buf_put(to, event.id.ptr == NULL ? S("-") : event.id);
            buf_putc(to, '|');
            buf_put(to, event.event.ptr == NULL ? S("-") : event.event);
            buf_putc(to, '|');
            buf_put(to, event.data.ptr == NULL ? S("-") : event.data);
            buf_putc(to, '|');
            if (event.has_retry)
                buf_put_u64(to, event.retry_ms);
            buf_putc(to, '\n');
        }
    }
    sse_reader_done(&reader);
    return e;
}

TEST(streams_of_real_servers_are_read_however_they_are_cut)
{
    static const struct {
        const char *stream, *events;
    } rows[] = {
        { "data: {}\n\n", "-|-|{}|\n" },
        { "data:{}\n\n", "-|-|{}|\n" },
        { "data:  {}\n\n", "-|-| {}|\n" },
        { "data: {}\r\n\r\n", "-|-|{}|\n" },
        { "data: {}\r\r", "-|-|{}|\n" },
        { "data: 1\r\n\rdata: 2\n\r\ndata: 3\r\n\n", "-|-|1|\n-|-|2|\n-|-|3|\n" },
        { "\xef\xbb\xbf"
          "data: {}\n\n",
          "-|-|{}|\n" },
        { "\xef\xbb"
          "data: x\n\ndata: y\n\n",
          "-|-|y|\n" }, /* half a mark makes an unknown field */
        { "data: a\ndata: b\ndata\ndata:c\n\n", "-|-|a\nb\n\nc|\n" },
        { "event: message\nid: 7\ndata: {}\n\n", "7|message|{}|\n" },
        { "id: 7\ndata:\n\n", "7|-||\n" }, /* priming */
        { "id: 7\ndata\n\n", "7|-||\n" },
        { "id\ndata: x\n\n", "|-|x|\n" },
        { "id: 7\n\n", "7|-|-|\n" },
        { "retry: 1500\n\n", "-|-|-|1500\n" },
        { "retry: 1.5\ndata: x\n\n", "-|-|x|\n" },
        { ": ping\n\n: ping\n\ndata: x\n\n", "-|-|x|\n" },
        { "event: ping\n\ndata: x\n\n", "-|-|x|\n" }, /* an event without anything is none, and its name goes with it */
        { "foo: bar\nDATA: no\ndata: x\n\n", "-|-|x|\n" },
        { "data : no\n\ndata: x\n\n", "-|-|x|\n" },
        { "data: x\n\n\n\ndata: y\n\n", "-|-|x|\n-|-|y|\n" },
        { "data: x\n", "" }, /* cut off */
        { "data: x", "" },
        { "", "" },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct slice stream = slice_of(rows[i].stream);
        for (size_t step = 1; step <= stream.len; step++) {
            auto_buf events;
            buf_init(&events, 1024);
            CHECK_ERR(summary(stream, step, &events), WAIT);
            CHECK_SLICE(buf_slice(&events), rows[i].events);
        }
    }
}

static enum err read_data_of(size_t n, size_t step)
{
    auto_buf stream;
    auto_buf events;

    buf_init(&stream, 1024);
    buf_init(&events, 1024);
    buf_put(&stream, S("data:"));
    for (size_t i = 0; i < n; i++)
        buf_putc(&stream, 'x');
    buf_put(&stream, S("\n\n"));
    return summary(buf_slice(&stream), step, &events);
}

TEST(a_line_has_a_last_byte)
{
    static const size_t steps[] = { SIZE_MAX, 1, 10 };

    for (size_t i = 0; i < N_ELEMENTS(steps); i++) {
        CHECK_ERR(read_data_of(MAX_BYTES - 5 - 1, steps[i]), WAIT);
        CHECK_ERR(read_data_of(MAX_BYTES - 5, steps[i]), WAIT);
        CHECK_ERR(read_data_of(MAX_BYTES - 5 + 1, steps[i]), ERR_LIMIT);
    }
}

TEST(data_over_many_lines_has_a_last_byte)
{
    auto_buf events;
    auto_buf stream;

    buf_init(&events, 1024);
    buf_init(&stream, 1024);
    for (unsigned i = 0; i < MAX_BYTES / 2; i++)
        buf_put(&stream, S("data:x\n")); /* two bytes each, but for the first */
    size_t fits = stream.len;
    buf_put(&stream, S("data:xx\n"));
    CHECK_ERR(summary(slice_first(buf_slice(&stream), fits), SIZE_MAX, &events), WAIT);
    CHECK_ERR(summary(buf_slice(&stream), SIZE_MAX, &events), ERR_LIMIT);
}

TEST(ids_with_nul_and_endless_ids_are_ignored)
{
    auto_buf events;
    auto_buf stream;

    buf_init(&events, 1024);
    CHECK_ERR(summary(S("id: a\0b\ndata: x\n\n"), SIZE_MAX, &events), WAIT);
    CHECK_SLICE(buf_slice(&events), "-|-|x|\n");
    buf_init(&stream, 1024);
    buf_put(&stream, S("retry: 99999999999999999999999\ndata: x\n\n"));
    CHECK_ERR(summary(buf_slice(&stream), 7, &events), WAIT);
    CHECK_SLICE(buf_slice(&events), "-|-|x|\n");
}

TEST(an_event_is_written_with_its_data_on_one_line)
{
    auto_buf to;

    buf_init(&to, 1024);
    CHECK_OK(sse_write(&to, &(struct sse_event){ .id = S("7"), .event = S("message"), .data = S("{\r\n \"a\":1}") }));
    CHECK_SLICE(buf_slice(&to), "id: 7\nevent: message\ndata: {   \"a\":1}\n\n");
    buf_clear(&to);
    CHECK_OK(sse_write(&to, &(struct sse_event){ .id = S("7"), .retry_ms = 500, .has_retry = true, .data = S("") }));
    CHECK_SLICE(buf_slice(&to), "id: 7\nretry: 500\ndata: \n\n");
    buf_clear(&to);
    sse_write_comment(&to, S("ping"));
    CHECK_SLICE(buf_slice(&to), ": ping\n\n");
}

TEST(an_id_or_name_cannot_bring_its_own_line)
{
    auto_buf to;

    buf_init(&to, 1024);
    CHECK_ERR(sse_write(&to, &(struct sse_event){ .id = S("7\ndata: x"), .data = S("y") }), ERR_INVALID);
    CHECK_ERR(sse_write(&to, &(struct sse_event){ .event = S("a\rb"), .data = S("y") }), ERR_INVALID);
    CHECK_ERR(sse_write(&to, &(struct sse_event){ .id = S("a\0b"), .data = S("y") }), ERR_INVALID);
    CHECK_EQ(to.len, 0);
}

TEST(what_is_written_is_read_again)
{
    auto_buf to;
    auto_buf events;

    buf_init(&to, 1024);
    buf_init(&events, 1024);
    CHECK_OK(sse_write(&to, &(struct sse_event){ .id = S("a"), .data = S("{\"x\":\"y\"}") }));
    sse_write_comment(&to, S(""));
    CHECK_OK(sse_write(&to, &(struct sse_event){ .data = S("2") }));
    CHECK_ERR(summary(buf_slice(&to), 3, &events), WAIT);
    CHECK_SLICE(buf_slice(&events), "a|-|{\"x\":\"y\"}|\n-|-|2|\n");
}
