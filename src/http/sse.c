#include "http/sse.h"

#define MAX_ID_BYTES   1024u
#define MAX_NAME_BYTES 128u

static bool is_one_line(struct slice s)
{
    return slice_find(s, '\n') == SIZE_MAX && slice_find(s, '\r') == SIZE_MAX && slice_find(s, '\0') == SIZE_MAX;
}

static void put_field(struct buf *to, struct slice name, struct slice value)
{
    buf_put(to, name);
    buf_put(to, value);
    buf_putc(to, '\n');
}

static void put_data(struct buf *to, struct slice data)
{
    buf_put(to, S("data: "));
    size_t start = to->len;
    buf_put(to, data);
    for (size_t i = start; i < to->len; i++)
        if (to->ptr[i] == '\n' || to->ptr[i] == '\r')
            to->ptr[i] = ' ';
    buf_putc(to, '\n');
}

enum err sse_write(struct buf *to, const struct sse_event *event)
{
    if (!is_one_line(event->id) || !is_one_line(event->event))
        return ERR_INVALID;
    if (event->id.ptr != NULL)
        put_field(to, S("id: "), event->id);
    if (event->event.ptr != NULL)
        put_field(to, S("event: "), event->event);
    if (event->has_retry) {
        buf_put(to, S("retry: "));
        buf_put_u64(to, event->retry_ms);
        buf_putc(to, '\n');
    }
    if (event->data.ptr != NULL)
        put_data(to, event->data);
    buf_putc(to, '\n');
    return buf_ok(to);
}

void sse_write_comment(struct buf *to, struct slice text)
{
    buf_put(to, S(": "));
    buf_put(to, text);
    buf_put(to, S("\n\n"));
}

void sse_reader_init(struct sse_reader *reader, size_t max_bytes)
{
    *reader = (struct sse_reader){ .max_bytes = max_bytes };
    buf_init(&reader->line, max_bytes);
    buf_init(&reader->id, MAX_ID_BYTES);
    buf_init(&reader->event, MAX_NAME_BYTES);
    buf_init(&reader->data, max_bytes);
}

void sse_reader_done(struct sse_reader *reader)
{
    buf_done(&reader->line);
    buf_done(&reader->id);
    buf_done(&reader->event);
    buf_done(&reader->data);
}

/* Between events nothing is held: most of a stream's life is waiting. */
static void forget_event(struct sse_reader *reader)
{
    buf_done(&reader->data);
    buf_clear(&reader->id);
    buf_clear(&reader->event);
    reader->next = (struct sse_event){ 0 };
}

/* Replaces a short field; one that is too long is as good as not sent. Never NULL, so that empty is not absent. */
static bool set_field(struct buf *field, struct slice value)
{
    buf_clear(field);
    buf_put(field, value);
    return buf_ok(field) == OK && buf_reserve(field, 1) == OK;
}

static enum err take_field(struct sse_reader *reader, struct slice name, struct slice value)
{
    uint64_t ms;

    if (slice_eq(name, S("data"))) {
        if (reader->next.data.ptr != NULL)
            buf_putc(&reader->data, '\n');
        buf_put(&reader->data, value);
        reader->next.data = S(""); /* set for good when the event is given */
        return buf_ok(&reader->data);
    }
    if (slice_eq(name, S("id")) && slice_find(value, '\0') == SIZE_MAX && set_field(&reader->id, value))
        reader->next.id = S("");
    else if (slice_eq(name, S("event")) && set_field(&reader->event, value))
        reader->next.event = S("");
    else if (slice_eq(name, S("retry")) && slice_to_u64(value, &ms) == OK) {
        reader->next.retry_ms = ms;
        reader->next.has_retry = true;
    }
    return OK;
}

/* OK: the line was blank and there is an event to give; WAIT: read on. */
static enum err take_line(struct sse_reader *reader, struct slice line)
{
    struct sse_event *next = &reader->next;

    if (line.len == 0) {
        if (next->data.ptr == NULL && next->id.ptr == NULL && !next->has_retry) {
            forget_event(reader);
            return WAIT;
        }
        if (next->data.ptr != NULL)
            next->data = reader->data.len > 0 ? buf_slice(&reader->data) : S("");
        if (next->id.ptr != NULL)
            next->id = buf_slice(&reader->id);
        if (next->event.ptr != NULL)
            next->event = buf_slice(&reader->event);
        return OK;
    }
    if (line.ptr[0] == ':')
        return WAIT;

    size_t colon = slice_find(line, ':');
    struct slice value = colon == SIZE_MAX ? S("") : slice_from(line, colon + 1);
    if (slice_starts(value, S(" ")))
        value = slice_from(value, 1);
    TRY(take_field(reader, slice_first(line, colon), value));
    return WAIT;
}

/* A byte order mark may open the stream (EF BB BF); what only begins like one is text. */
static void skip_mark(struct sse_reader *reader, struct slice *in)
{
    static const char mark[] = { '\xef', '\xbb', '\xbf' };

    while (reader->state < SSE_LINE && in->len > 0) {
        if (in->ptr[0] != mark[reader->state]) {
            buf_put(&reader->line, (struct slice){ mark, (size_t)reader->state });
            reader->state = SSE_LINE;
            return;
        }
        *in = slice_from(*in, 1);
        reader->state++; /* SSE_START, SSE_BOM_2, SSE_BOM_3, SSE_LINE */
    }
}

static size_t find_line_end(struct slice in)
{
    size_t lf = slice_find(in, '\n');
    size_t cr = slice_find(slice_first(in, lf), '\r');

    return cr < lf ? cr : lf;
}

enum err sse_read(struct sse_reader *reader, struct slice *in, struct sse_event *ret)
{
    if (reader->has_given) {
        forget_event(reader);
        reader->has_given = false;
    }
    skip_mark(reader, in);
    while (in->len > 0) {
        if (reader->state == SSE_AFTER_CR) { /* a line feed now belongs to the line that has ended */
            reader->state = SSE_LINE;
            if (in->ptr[0] == '\n') {
                *in = slice_from(*in, 1);
                continue;
            }
        }

        size_t end = find_line_end(*in);
        struct slice line = slice_first(*in, end);
        bool is_whole = reader->line.len == 0 && end != SIZE_MAX;
        if (!is_whole) {
            buf_put(&reader->line, line);
            TRY(buf_ok(&reader->line));
            line = buf_slice(&reader->line);
        } else if (line.len > reader->max_bytes) {
            return ERR_LIMIT;
        }
        if (end == SIZE_MAX) {
            *in = slice_from(*in, in->len);
            return WAIT;
        }
        if (in->ptr[end] == '\r')
            reader->state = SSE_AFTER_CR;
        *in = slice_from(*in, end + 1);

        enum err e = take_line(reader, line);
        if (!is_whole)
            buf_done(&reader->line);
        if (e == OK) {
            reader->has_given = true;
            *ret = reader->next;
        }
        if (e != WAIT)
            return e;
    }
    return WAIT;
}
