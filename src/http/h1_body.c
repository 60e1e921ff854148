#include "http/h1_body.h"

#define MAX_SIZE_DIGITS 16u /* 64 bits */

void h1_body_init(struct h1_body *body, enum h1_framing framing, uint64_t length, size_t max_extension_bytes,
                  size_t max_trailer_bytes)
{
    *body = (struct h1_body){
        .framing = framing,
        .state = H1_BODY_DATA,
        .left = length,
        .max_extension_bytes = max_extension_bytes,
        .max_trailer_bytes = max_trailer_bytes,
    };
    if (framing == H1_CHUNKED)
        body->state = H1_BODY_SIZE;
    else if (framing == H1_NO_BODY || (framing == H1_LENGTH && length == 0))
        body->state = H1_BODY_END;
    if (framing == H1_UNTIL_CLOSE)
        body->left = UINT64_MAX;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum err expect(struct h1_body *body, char c, char wanted, enum h1_body_state next)
{
    if (c != wanted)
        return ERR_HTTP_CHUNK;
    body->state = next;
    return OK;
}

/* What follows the line of a chunk's size: its data, or after the last one the trailers. */
static enum h1_body_state after_size(const struct h1_body *body)
{
    return body->left > 0 ? H1_BODY_DATA : H1_BODY_TRAILER;
}

static enum err read_size(struct h1_body *body, char c)
{
    int digit = hex_value(c);

    if (digit >= 0) {
        if (++body->n_digits > MAX_SIZE_DIGITS)
            return ERR_HTTP_CHUNK;
        body->left = body->left << 4 | (unsigned)digit;
        return OK;
    }
    if (body->n_digits == 0)
        return ERR_HTTP_CHUNK;
    body->n_extra = 0;
    if (c == ';' && body->max_extension_bytes > 0) {
        body->state = H1_BODY_EXTENSION;
        return OK;
    }
    return expect(body, c, '\r', H1_BODY_SIZE_LF);
}

/* A byte of an extension or a trailer that nobody reads: text up to the line's end, counted. */
static enum err skip_text(struct h1_body *body, char c, size_t max, enum h1_body_state at_cr)
{
    if (c == '\r') {
        body->state = at_cr;
        return OK;
    }
    if (((unsigned char)c < 0x20 && c != '\t') || ++body->n_extra > max)
        return ERR_HTTP_CHUNK;
    return OK;
}

/* One byte between the data of chunks. */
static enum err step(struct h1_body *body, char c)
{
    switch (body->state) {
    case H1_BODY_SIZE:
        return read_size(body, c);
    case H1_BODY_EXTENSION:
        return skip_text(body, c, body->max_extension_bytes, H1_BODY_SIZE_LF);
    case H1_BODY_SIZE_LF:
        body->n_digits = 0;
        body->n_extra = 0;
        return expect(body, c, '\n', after_size(body));
    case H1_BODY_DATA_CR:
        return expect(body, c, '\r', H1_BODY_DATA_LF);
    case H1_BODY_DATA_LF:
        return expect(body, c, '\n', H1_BODY_SIZE);
    case H1_BODY_TRAILER:
        if (c == '\r') {
            body->state = H1_BODY_LAST_LF;
            return OK;
        }
        body->state = H1_BODY_TRAILER_LINE;
        return skip_text(body, c, body->max_trailer_bytes, H1_BODY_TRAILER_LF);
    case H1_BODY_TRAILER_LINE:
        return skip_text(body, c, body->max_trailer_bytes, H1_BODY_TRAILER_LF);
    case H1_BODY_TRAILER_LF:
        return expect(body, c, '\n', H1_BODY_TRAILER);
    case H1_BODY_LAST_LF:
        return expect(body, c, '\n', H1_BODY_END);
    case H1_BODY_DATA:
    case H1_BODY_END:
        break;
    }
    UNREACHABLE();
}

enum err h1_body_next(struct h1_body *body, struct slice *in, struct slice *ret_part)
{
    while (body->state != H1_BODY_DATA && body->state != H1_BODY_END && in->len > 0) {
        TRY(step(body, in->ptr[0]));
        *in = slice_from(*in, 1);
    }
    if (body->state == H1_BODY_END) {
        *ret_part = (struct slice){ in->ptr, 0 };
        return OK;
    }
    if (in->len == 0)
        return WAIT;

    size_t n = in->len < body->left ? in->len : (size_t)body->left;
    *ret_part = slice_first(*in, n);
    *in = slice_from(*in, n);
    if (body->framing == H1_UNTIL_CLOSE)
        return OK;
    body->left -= n;
    if (body->left == 0)
        body->state = body->framing == H1_CHUNKED ? H1_BODY_DATA_CR : H1_BODY_END;
    return OK;
}

enum err h1_body_collect(struct h1_body *body, struct slice *in, struct buf *to)
{
    for (;;) {
        struct slice part;
        TRY(h1_body_next(body, in, &part));
        if (part.len == 0)
            return OK;

        /* A chunk that says itself that it will not fit is not waited for. */
        size_t room = to->max - to->len;
        if (part.len > room || (body->framing == H1_CHUNKED && body->left > room - part.len))
            return ERR_HTTP_BODY_TOO_LARGE;
        TRY(buf_reserve(to, part.len));
        buf_put(to, part);
    }
}

enum err h1_body_end_of_input(struct h1_body *body)
{
    if (body->framing == H1_UNTIL_CLOSE)
        body->state = H1_BODY_END;
    return body->state == H1_BODY_END ? OK : ERR_CLOSED;
}
