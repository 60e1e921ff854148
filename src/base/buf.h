/*
 * A growing byte buffer with a ceiling: what does not fit is refused, nothing is cut off silently.
 *
 * A write that fails leaves the content as it was and marks the buffer, so that a run of writes may be checked once at
 * its end with buf_ok(). Memory: grows by doubling up to `max`; buf_done frees it. Threads: one owner at a time.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct buf {
    char *ptr;
    size_t len;
    size_t size; /* allocated */
    size_t max;  /* len never exceeds this */
    bool failed; /* a write did not fit */
};

void buf_init(struct buf *b, size_t max);
void buf_done(struct buf *b);  /* frees; the buffer is empty and may be used again */
void buf_clear(struct buf *b); /* forgets content and failure, keeps the memory */

/* Makes room for `n` more bytes. ERR_LIMIT: above max; ERR_MEMORY. The room is at b->ptr + b->len. */
must_use enum err buf_reserve(struct buf *b, size_t n);
void buf_added(struct buf *b, size_t n);   /* n bytes of the reserved room were filled */
void buf_consume(struct buf *b, size_t n); /* drops the first n bytes */
void buf_truncate(struct buf *b, size_t len);

void buf_put(struct buf *b, struct slice s);
void buf_putc(struct buf *b, char c);
void buf_put_u64(struct buf *b, uint64_t n);
void buf_printf(struct buf *b, const char *format, ...) format_like(2, 3);
void buf_vprintf(struct buf *b, const char *format, va_list args) format_like(2, 0);

must_use enum err buf_ok(const struct buf *b); /* ERR_LIMIT when any write since the last clear did not fit */

static inline struct slice buf_slice(const struct buf *b) /* borrowed until the next change */
{
    return (struct slice){ b->ptr, b->len };
}

/* auto_buf b = { 0 }; is freed when it leaves its scope. Zero, because that may happen before buf_init. */
#define auto_buf __attribute__((cleanup(buf_done))) struct buf
