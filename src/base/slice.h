/*
 * A slice is a borrowed run of bytes: pointer and length, passed by value, never NUL-terminated on purpose.
 *
 * It owns nothing and is valid as long as what it was cut from. An empty slice may have a NULL pointer; NO_SLICE is
 * the one that means "absent".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"
#include "base/err.h"

struct slice {
    const char *ptr;
    size_t len;
};

#define S(literal) ((struct slice){ "" literal, sizeof(literal) - 1 })
#define NO_SLICE   ((struct slice){ NULL, 0 })

/* For printf-like functions: printf("%.*s", SLICE_ARGS(s)). */
#define SLICE_ARGS(s) (int)(s).len, (s).ptr

static inline struct slice slice_of(const char *text) /* of a NUL-terminated string; NULL gives NO_SLICE */
{
    return (struct slice){ text, text != NULL ? strlen(text) : 0 };
}

static inline struct slice slice_from(struct slice s, size_t start) /* all but the first `start` bytes */
{
    size_t n = start < s.len ? start : s.len;

    return (struct slice){ n > 0 ? s.ptr + n : s.ptr, s.len - n }; /* an absent one stays absent */
}

static inline struct slice slice_first(struct slice s, size_t n) /* at most the first `n` bytes */
{
    return (struct slice){ s.ptr, s.len < n ? s.len : n };
}

bool slice_eq(struct slice a, struct slice b);
bool slice_eq_nocase(struct slice a, struct slice b); /* ASCII only, for header names, schemes and hosts */
int slice_cmp(struct slice a, struct slice b);        /* by bytes, like memcmp, the shorter first */
bool slice_starts(struct slice s, struct slice prefix);
bool slice_ends(struct slice s, struct slice suffix);
struct slice slice_trim(struct slice s); /* without blanks and tabs at either end */

/* The index of the first `c` or of `needle`; SIZE_MAX when there is none. */
size_t slice_find(struct slice s, char c);
size_t slice_search(struct slice s, struct slice needle);

/* Cuts the text up to the next `separator` off the front of *rest; false when nothing is left. "a,,b" has three parts. */
bool slice_next(struct slice *rest, char separator, struct slice *ret_part);

/* Plain decimal digits, nothing else. ERR_SYNTAX: not digits; ERR_LIMIT: above 2^64-1. */
must_use enum err slice_to_u64(struct slice s, uint64_t *ret);

/* Keyed hash (SipHash-1-3): who does not know the seed cannot aim for collisions. */
uint64_t slice_hash(struct slice s, uint64_t seed);
