/*
 * The framing of stdio: messages as lines that end with LF (requirements I-01, S-84).
 *
 * Fed with what has arrived, gives one line at a time. CR before LF and a byte order mark at the very start are dropped,
 * empty lines are passed over. A line above `max_bytes` is skipped to its end and counted, and the next one is read as
 * ever. Pure: bytes in, lines out. Memory: a line that came in pieces is kept until it is whole, at most `max_bytes`.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct line_reader {
    struct buf partial; /* of the line under way */
    size_t max_bytes;
    bool is_skipping;     /* the line under way is too long */
    bool has_begun;       /* past the place where a byte order mark may be */
    bool partial_is_done; /* `partial` was handed out and is to be forgotten */
    uint64_t n_skipped;   /* lines above the limit so far */
};

void line_reader_init(struct line_reader *r, size_t max_bytes);
void line_reader_done(struct line_reader *r);

/*
 * Takes bytes off the front of *input and gives the next whole line, without its end. The line is borrowed until the
 * next call, and from *input. False: *input is used up and there is no whole line yet.
 */
bool line_reader_next(struct line_reader *r, struct slice *input, struct slice *ret_line);

/* At the end of input: the last line if it had no LF. False: there is none. */
bool line_reader_rest(struct line_reader *r, struct slice *ret_line);
