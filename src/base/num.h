/*
 * Small arithmetic that would otherwise be written again with an off-by-one each time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool in_range(uint64_t n, uint64_t low, uint64_t high)
{
    return n >= low && n <= high;
}

static inline uint64_t div_up(uint64_t n, uint64_t by)
{
    return n / by + (n % by != 0);
}

/* The smallest power of two that is not below n; n is at most 2^63. */
static inline uint64_t pow2_up(uint64_t n)
{
    return n <= 1 ? 1 : UINT64_C(1) << (64 - __builtin_clzll(n - 1));
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}
