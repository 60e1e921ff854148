#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/num.h"

#define FIRST_SIZE 256u

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){ .max = max };
}

void buf_done(struct buf *b)
{
    free(b->ptr);
    buf_init(b, b->max);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

enum err buf_reserve(struct buf *b, size_t n)
{
    if (n > b->max - b->len) {
        b->failed = true;
        return ERR_LIMIT;
    }
    if (b->len + n <= b->size)
        return OK;

    size_t size = (size_t)min_u64(max_u64(FIRST_SIZE, pow2_up(b->len + n)), b->max);
    char *grown = realloc(b->ptr, size);
    if (grown == NULL) {
        b->failed = true;
        return ERR_MEMORY;
    }
    b->ptr = grown;
    b->size = size;
    return OK;
}

void buf_added(struct buf *b, size_t n)
{
    CHECK(n <= b->size - b->len);
    b->len += n;
}

void buf_consume(struct buf *b, size_t n)
{
    CHECK(n <= b->len);
    b->len -= n;
    if (b->len > 0 && n > 0)
        memmove(b->ptr, b->ptr + n, b->len);
}

void buf_truncate(struct buf *b, size_t len)
{
    CHECK(len <= b->len);
    b->len = len;
}

void buf_put(struct buf *b, struct slice s)
{
    if (s.len == 0 || buf_reserve(b, s.len) != OK)
        return;
    memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
}

void buf_putc(struct buf *b, char c)
{
    buf_put(b, (struct slice){ &c, 1 });
}

void buf_put_u64(struct buf *b, uint64_t n)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    buf_put(b, (struct slice){ digits + at, sizeof(digits) - at });
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);

    CHECK(n >= 0);
    if (buf_reserve(b, (size_t)n + 1) == OK) { /* one more for the NUL, which does not count */
        (void)vsnprintf(b->ptr + b->len, (size_t)n + 1, format, again);
        b->len += (size_t)n;
    }
    va_end(again);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    buf_vprintf(b, format, args);
    va_end(args);
}

enum err buf_ok(const struct buf *b)
{
    return b->failed ? ERR_LIMIT : OK;
}
