#include "base/clock.h"

#include <time.h>

#include "support/test.h"

TEST(both_times_are_those_of_the_system_and_the_monotonic_one_never_goes_back)
{
    struct clock first;
    struct clock second;
    time_t before = time(NULL);

    clock_read(&first);
    clock_read(&second);
    CHECK(second.mono_ns >= first.mono_ns && first.mono_ns > 0);
    CHECK(first.wall_s >= before && first.wall_s <= time(NULL));
}
