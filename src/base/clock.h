/*
 * Time as the program sees it: read once per turn of a loop, handed on as a value, moved by hand in tests.
 *
 * mono_ns never goes back and is used for every wait; wall_s is for stamps and expiry dates. They are never mixed.
 */
#pragma once

#include <stdint.h>

#define NS_PER_S  UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define MS_PER_S  UINT64_C(1000)

struct clock {
    uint64_t mono_ns;
    int64_t wall_s;
};

void clock_read(struct clock *clock); /* sets both from the system's clocks */
