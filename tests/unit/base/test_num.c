#include "base/num.h"

#include "support/test.h"

TEST(ranges_include_both_ends)
{
    CHECK(in_range(1, 1, 3) && in_range(3, 1, 3) && !in_range(0, 1, 3) && !in_range(4, 1, 3));
}

TEST(division_rounds_up)
{
    CHECK_EQ(div_up(0, 4), 0);
    CHECK_EQ(div_up(4, 4), 1);
    CHECK_EQ(div_up(5, 4), 2);
    CHECK_EQ(div_up(UINT64_MAX, 2), UINT64_C(1) << 63);
}

TEST(powers_of_two_are_not_below_the_number)
{
    CHECK_EQ(pow2_up(0), 1);
    CHECK_EQ(pow2_up(1), 1);
    CHECK_EQ(pow2_up(2), 2);
    CHECK_EQ(pow2_up(3), 4);
    CHECK_EQ(pow2_up((UINT64_C(1) << 62) + 1), UINT64_C(1) << 63);
}

TEST(the_smaller_and_the_larger)
{
    CHECK_EQ(min_u64(1, 2), 1);
    CHECK_EQ(max_u64(1, 2), 2);
}
