#include "base/map.h"

#include "support/test.h"

static char values[5000];

TEST(what_was_added_is_found_by_its_bytes_and_nothing_else)
{
    struct map m;

    map_init(&m, 10);
    CHECK(map_find(&m, S("a")) == NULL);
    CHECK_OK(map_add(&m, S("a"), &values[0]));
    CHECK_OK(map_add(&m, S(""), &values[1]));
    CHECK_OK(map_add(&m, ((struct slice){ "a\0b", 3 }), &values[2]));
    CHECK(map_find(&m, S("a")) == &values[0]);
    CHECK(map_find(&m, S("")) == &values[1]);
    CHECK(map_find(&m, ((struct slice){ "a\0b", 3 })) == &values[2]);
    CHECK(map_find(&m, S("A")) == NULL);
    CHECK_ERR(map_add(&m, S("a"), &values[3]), ERR_DUPLICATE);
    CHECK(map_find(&m, S("a")) == &values[0]);
    map_done(&m);
}

TEST(the_ceiling_is_kept_and_room_is_made_by_removing)
{
    struct map m;

    map_init(&m, 2);
    CHECK_OK(map_add(&m, S("a"), &values[0]));
    CHECK_OK(map_add(&m, S("b"), &values[1]));
    CHECK_ERR(map_add(&m, S("c"), &values[2]), ERR_LIMIT);
    CHECK(map_remove(&m, S("a")) == &values[0]);
    CHECK(map_remove(&m, S("a")) == NULL);
    CHECK_OK(map_add(&m, S("c"), &values[2]));
    map_done(&m);
}

/* Against a plain array: thousands of additions and removals in a scrambled order, across many growths. */
TEST(it_agrees_with_a_plain_array_whatever_is_added_and_removed)
{
    enum { N = 5000, STEPS = 40000 };
    static bool is_in[N];
    struct map m;
    uint64_t scramble = 1;
    size_t n = 0;

    map_init(&m, N);
    for (int step = 0; step < STEPS; step++) {
        scramble = scramble * UINT64_C(6364136223846793005) + 1;
        uint64_t key = (scramble >> 33) % N;
        if (is_in[key])
            CHECK(map_remove(&m, MAP_KEY(key)) == &values[key]);
        else
            CHECK_OK(map_add(&m, MAP_KEY(key), &values[key]));
        is_in[key] = !is_in[key];
        n += is_in[key] ? 1 : (size_t)-1;
    }
    CHECK_EQ(m.n, n);
    for (uint64_t key = 0; key < N; key++)
        CHECK(map_find(&m, MAP_KEY(key)) == (is_in[key] ? &values[key] : NULL));

    size_t at = 0;
    size_t n_walked = 0;
    struct slice key;
    for (char *value; (value = map_next(&m, &at, &key)) != NULL; n_walked++)
        CHECK(map_find(&m, key) == value);
    CHECK_EQ(n_walked, n);
    map_done(&m);
}
