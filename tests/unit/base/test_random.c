#include "base/random.h"

#include "support/test.h"

TEST(bytes_are_filled_to_the_last_and_differ_from_call_to_call)
{
    unsigned char first[1000] = { 0 };
    unsigned char second[1000] = { 0 };
    unsigned n_zero = 0;

    random_bytes(first, sizeof(first));
    random_bytes(second, sizeof(second));
    CHECK(memcmp(first, second, sizeof(first)) != 0);
    for (size_t i = sizeof(first) - 64; i < sizeof(first); i++)
        n_zero += first[i] == 0;
    CHECK(n_zero < 32); /* an unfilled end would be all zero; 32 zeros of 64 by chance will not be seen */
    CHECK(random_u64() != random_u64());
}
