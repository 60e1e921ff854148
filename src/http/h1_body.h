/*
 * Where an HTTP/1 body ends, and the bytes in between: by length, by chunks, or by the end of the connection.
 *
 * Chunks are read strictly (S-66): at most 16 hexadecimal digits, CR LF as every line end, and extensions and trailers
 * only as far as the limits given allow. Pure: bytes in, slices of them out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum h1_framing {
    H1_NO_BODY,
    H1_LENGTH,
    H1_CHUNKED,
    H1_UNTIL_CLOSE, /* responses only */
};

struct h1_body {
    enum h1_framing framing;
    enum h1_body_state {
        H1_BODY_DATA, /* the body itself, or the data of a chunk */
        H1_BODY_SIZE,
        H1_BODY_EXTENSION,
        H1_BODY_SIZE_LF,
        H1_BODY_DATA_CR,
        H1_BODY_DATA_LF,
        H1_BODY_TRAILER, /* at the start of a line after the last chunk */
        H1_BODY_TRAILER_LINE,
        H1_BODY_TRAILER_LF,
        H1_BODY_LAST_LF,
        H1_BODY_END,
    } state;
    uint64_t left; /* bytes of data still to come */
    unsigned n_digits;
    size_t n_extra; /* bytes of this chunk's extension, or of the trailers */
    size_t max_extension_bytes;
    size_t max_trailer_bytes;
};

/* `length` counts for H1_LENGTH. A zero maximum refuses any extension, or any trailer. */
void h1_body_init(struct h1_body *body, enum h1_framing framing, uint64_t length, size_t max_extension_bytes,
                  size_t max_trailer_bytes);

/*
 * Cuts the next run of body bytes off the front of *in. OK: *ret_part borrows from it, and is empty when the body has
 * ended; WAIT: *in is used up; ERR_HTTP_CHUNK: not a chunked body, or more extension or trailer than allowed.
 */
must_use enum err h1_body_next(struct h1_body *body, struct slice *in, struct slice *ret_part);

/* Collects the body. OK: it is complete; WAIT: *in is used up; ERR_HTTP_BODY_TOO_LARGE: `to` is full; ERR_HTTP_CHUNK. */
must_use enum err h1_body_collect(struct h1_body *body, struct slice *in, struct buf *to);

static inline bool h1_body_is_complete(const struct h1_body *body)
{
    return body->state == H1_BODY_END;
}

/* The connection has ended. OK: so has the body; ERR_CLOSED: it was cut off. */
must_use enum err h1_body_end_of_input(struct h1_body *body);
