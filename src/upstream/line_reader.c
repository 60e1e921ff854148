#include "upstream/line_reader.h"

#define BYTE_ORDER_MARK S("\xef\xbb\xbf")
#define KEEP_BYTES      (64u * 1024) /* of memory, from one line to the next */

void line_reader_init(struct line_reader *r, size_t max_bytes)
{
    *r = (struct line_reader){ .max_bytes = max_bytes };
    buf_init(&r->partial, max_bytes + 1); /* and a CR */
}

void line_reader_done(struct line_reader *r)
{
    buf_done(&r->partial);
}

static void forget_partial(struct line_reader *r)
{
    if (r->partial.size > KEEP_BYTES)
        buf_done(&r->partial);
    buf_clear(&r->partial);
    r->partial_is_done = false;
}

/* The line without what does not belong to it. */
static struct slice strip(struct line_reader *r, struct slice line)
{
    if (!r->has_begun && slice_starts(line, BYTE_ORDER_MARK))
        line = slice_from(line, BYTE_ORDER_MARK.len);
    r->has_begun = true;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* Takes in the beginning of a line whose end has not come. */
static void keep(struct line_reader *r, struct slice piece)
{
    if (r->is_skipping)
        return;
    buf_put(&r->partial, piece);
    if (buf_ok(&r->partial) == OK)
        return;
    forget_partial(r);
    r->is_skipping = true;
    r->has_begun = true;
    r->n_skipped++;
}

/* The whole line, put together and stripped; false when it is none to be given out. */
static bool finish(struct line_reader *r, struct slice end, struct slice *ret_line)
{
    struct slice line = end;

    if (r->partial.len > 0 || r->is_skipping || end.len > r->partial.max) { /* too long is so however it came */
        keep(r, end);
        line = buf_slice(&r->partial);
    }
    if (r->is_skipping) {
        r->is_skipping = false; /* its end is here */
        return false;
    }
    line = strip(r, line);
    if (line.len > r->max_bytes)
        r->n_skipped++;
    if (line.len > r->max_bytes || slice_trim(line).len == 0) {
        forget_partial(r);
        return false;
    }
    *ret_line = line;
    r->partial_is_done = true;
    return true;
}

bool line_reader_next(struct line_reader *r, struct slice *input, struct slice *ret_line)
{
    if (r->partial_is_done)
        forget_partial(r);

    while (input->len > 0) {
        size_t end = slice_find(*input, '\n');
        struct slice piece = slice_first(*input, end);

        *input = slice_from(*input, piece.len);
        if (end == SIZE_MAX) {
            keep(r, piece);
            return false;
        }
        *input = slice_from(*input, 1);
        if (finish(r, piece, ret_line))
            return true;
    }
    return false;
}

bool line_reader_rest(struct line_reader *r, struct slice *ret_line)
{
    if (r->partial_is_done)
        forget_partial(r);
    return finish(r, NO_SLICE, ret_line);
}
