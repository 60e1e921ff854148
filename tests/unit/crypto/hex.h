/*
 * What the tests of this folder share: bytes written as hexadecimal digits.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "support/test.h"

static inline void put_hex(struct buf *to, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_printf(to, "%02x", (unsigned)bytes[i]);
}

static inline void check_hex(const uint8_t *bytes, size_t n, const char *expected)
{
    auto_buf text;

    buf_init(&text, 4096);
    put_hex(&text, bytes, n);
    CHECK_SLICE(buf_slice(&text), expected);
}

static inline unsigned hex_digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

static inline void put_unhex(struct buf *to, struct slice digits)
{
    for (size_t i = 0; i + 1 < digits.len; i += 2)
        buf_putc(to, (char)(hex_digit(digits.ptr[i]) << 4 | hex_digit(digits.ptr[i + 1])));
    CHECK_OK(buf_ok(to));
}
