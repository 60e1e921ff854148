#include "base/clock.h"

#include <time.h>

#include "base/check.h"

void clock_read(struct clock *clock)
{
    struct timespec mono;
    struct timespec wall;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &mono) == 0 && clock_gettime(CLOCK_REALTIME, &wall) == 0);
    clock->mono_ns = (uint64_t)mono.tv_sec * NS_PER_S + (uint64_t)mono.tv_nsec;
    clock->wall_s = wall.tv_sec;
}
