/*
 * Writes heads and chunks of HTTP/1.1 messages; no other code puts a header on a wire.
 *
 * A name that is no token or a value with a control character is refused, and nothing of it is written (S-72). Appends
 * to the caller's buffer; whether all of it did fit, buf_ok() tells at the end. Pure functions.
 */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/* ERR_INVALID: the method is no token, or the target not printable ASCII. */
must_use enum err h1_write_request_line(struct buf *to, struct slice method, struct slice target);

void h1_write_status_line(struct buf *to, unsigned status);

/* ERR_INVALID: CR, LF, NUL or another control character in the value, or no token as the name. */
must_use enum err h1_write_header(struct buf *to, struct slice name, struct slice value);

void h1_write_number_header(struct buf *to, struct slice name, uint64_t value); /* `name` is ours: a token */
void h1_write_date(struct buf *to, int64_t wall_s); /* "Date: Sun, 06 Nov 1994 08:49:37 GMT" */
void h1_write_head_end(struct buf *to);

void h1_write_chunk(struct buf *to, struct slice data); /* nothing when empty: that would be the end */
void h1_write_last_chunk(struct buf *to);

/* The size line before, and the end behind, a chunk of `n` bytes, for data that is not copied. `n` is above zero. */
void h1_write_chunk_start(struct buf *to, size_t n);
void h1_write_chunk_end(struct buf *to);
