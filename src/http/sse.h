/*
 * Server-sent events: a writer that real clients can read, and a reader that takes what real servers write.
 *
 * The writer puts an event's data on one line, for several clients read line by line (T-10). The reader takes LF, CR LF
 * and CR, a byte order mark, data over many lines, a missing blank behind the colon, and pieces cut anywhere.
 *
 * Memory: the reader holds the event that is being read, at most `max_bytes` of it. Pure; one owner at a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct sse_event {
    struct slice id;    /* NO_SLICE: none */
    struct slice event; /* NO_SLICE: none, which means "message" */
    struct slice data;  /* NO_SLICE: no data line at all; an empty one is a priming event */
    uint64_t retry_ms;
    bool has_retry;
};

/*
 * Appends an event. Line breaks in `data` become blanks: in JSON they mean nothing more, and only JSON is sent here.
 * ERR_INVALID: a line break or NUL in id or event; nothing is written. ERR_LIMIT: `to` is full.
 */
must_use enum err sse_write(struct buf *to, const struct sse_event *event);

void sse_write_comment(struct buf *to, struct slice text); /* a line that keeps the connection alive; `text` is ours */

struct sse_reader {
    struct buf line;
    struct buf id;
    struct buf event;
    struct buf data;
    struct sse_event next; /* which fields the event being read has */
    size_t max_bytes;
    enum { SSE_START, SSE_BOM_2, SSE_BOM_3, SSE_LINE, SSE_AFTER_CR } state;
    bool has_given; /* the last event is still in the buffers */
};

void sse_reader_init(struct sse_reader *reader, size_t max_bytes);
void sse_reader_done(struct sse_reader *reader);

/*
 * Reads on at the front of *in. OK: *ret is the next event that says anything (id, data or retry), borrowed until the
 * next call. WAIT: *in is used up. ERR_LIMIT: a line or the data of an event is longer than max_bytes.
 * An event that the end of the stream cuts off is never given: its blank line is missing.
 */
must_use enum err sse_read(struct sse_reader *reader, struct slice *in, struct sse_event *ret);
