/*
 * From a number's text to its value, exactly or not at all (S-78); only json_double rounds.
 */
#include "json/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_EXPONENT 1000 /* far beyond what any 64-bit value needs, and far from overflow */

/* A number taken apart: digits * 10^exponent, the digits without leading zeros. */
struct decimal {
    bool negative;
    uint64_t magnitude;
    bool too_large; /* the digits alone exceed 64 bits */
    int exponent;
};

static void add_digit(struct decimal *d, char c)
{
    if (__builtin_mul_overflow(d->magnitude, UINT64_C(10), &d->magnitude) ||
        __builtin_add_overflow(d->magnitude, (uint64_t)(c - '0'), &d->magnitude))
        d->too_large = true;
}

static int read_exponent(struct slice text)
{
    bool negative = slice_starts(text, S("-"));
    int n = 0;

    if (negative || slice_starts(text, S("+")))
        text = slice_from(text, 1);
    for (size_t i = 0; i < text.len && n < MAX_EXPONENT; i++)
        n = n * 10 + (text.ptr[i] - '0');
    return negative ? -n : n;
}

/* Zeros at the end of a fraction say nothing: without them 1.000…0 fits as well as 1. */
static struct slice without_trailing_zeros(struct slice fraction)
{
    while (slice_ends(fraction, S("0")))
        fraction.len--;
    return fraction;
}

static struct decimal take_apart(struct slice text)
{
    struct decimal d = { .negative = slice_starts(text, S("-")) };
    if (d.negative)
        text = slice_from(text, 1);

    size_t n_whole = 0;
    while (n_whole < text.len && text.ptr[n_whole] >= '0' && text.ptr[n_whole] <= '9')
        add_digit(&d, text.ptr[n_whole++]);
    text = slice_from(text, n_whole);

    if (slice_starts(text, S("."))) {
        size_t end = 1;
        while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9')
            end++;
        struct slice fraction = without_trailing_zeros(slice_from(slice_first(text, end), 1));
        for (size_t i = 0; i < fraction.len; i++)
            add_digit(&d, fraction.ptr[i]);
        d.exponent = -(int)fraction.len;
        text = slice_from(text, end);
    }
    if (text.len > 0) { /* what is left is "e" and an exponent: the parser has seen to that */
        d.exponent += read_exponent(slice_from(text, 1));
    }
    return d;
}

static enum err scale(struct decimal *d)
{
    if (d->too_large)
        return ERR_INVALID;
    if (d->magnitude == 0)
        d->exponent = 0;
    for (; d->exponent > 0; d->exponent--)
        if (__builtin_mul_overflow(d->magnitude, UINT64_C(10), &d->magnitude))
            return ERR_INVALID;
    for (; d->exponent < 0; d->exponent++) {
        if (d->magnitude % 10 != 0)
            return ERR_INVALID;
        d->magnitude /= 10;
    }
    return OK;
}

static enum err with_sign(const struct decimal *d, int64_t *ret)
{
    if (d->magnitude > (uint64_t)INT64_MAX + d->negative)
        return ERR_INVALID;
    *ret = d->negative ? (int64_t)(0 - d->magnitude) : (int64_t)d->magnitude;
    return OK;
}

bool json_is_integer(const struct json_value *value)
{
    struct slice text = json_number_text(value);

    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '.' || text.ptr[i] == 'e' || text.ptr[i] == 'E')
            return false;
    return text.len > 0;
}

enum err json_u64(const struct json_value *value, uint64_t *ret)
{
    if (!json_is_integer(value))
        return ERR_INVALID;

    struct decimal d = take_apart(json_number_text(value));
    if (d.too_large || (d.negative && d.magnitude > 0))
        return ERR_INVALID;
    *ret = d.magnitude;
    return OK;
}

enum err json_i64(const struct json_value *value, int64_t *ret)
{
    if (!json_is_integer(value))
        return ERR_INVALID;
    return json_integer(value, ret);
}

enum err json_integer(const struct json_value *value, int64_t *ret)
{
    if (!json_is_number(value))
        return ERR_INVALID;

    struct decimal d = take_apart(json_number_text(value));
    TRY(scale(&d));
    return with_sign(&d, ret);
}

enum err json_double(const struct json_value *value, double *ret)
{
    struct slice text = json_number_text(value);
    char copy[64 + 1]; /* of a literal within JSON_LIMITS_MCP; a longer one is no sensible amount */

    if (text.ptr == NULL || text.len >= sizeof(copy))
        return ERR_INVALID;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    double d = strtod(copy, NULL);
    if (!isfinite(d))
        return ERR_INVALID;
    *ret = d;
    return OK;
}
