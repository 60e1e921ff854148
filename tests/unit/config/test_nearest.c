#include "config/nearest.h"

#include "support/test.h"

TEST(an_edit_costs_one)
{
    CHECK_EQ(nearest_distance(S("listen"), S("listen")), 0);
    CHECK_EQ(nearest_distance(S("lisen"), S("listen")), 1);
    CHECK_EQ(nearest_distance(S("listten"), S("listen")), 1);
    CHECK_EQ(nearest_distance(S("liston"), S("listen")), 1);
    CHECK_EQ(nearest_distance(S("lisetn"), S("listen")), 1);
    CHECK_EQ(nearest_distance(S(""), S("abc")), 3);
    CHECK_EQ(nearest_distance(S("kitten"), S("sitting")), 3);
}

TEST(case_and_dashes_cost_nothing)
{
    CHECK_EQ(nearest_distance(S("Data-Dir"), S("data_dir")), 0);
}

TEST(very_long_words_are_far_from_everything)
{
    char word[65];
    memset(word, 'a', sizeof(word));
    CHECK(nearest_distance((struct slice){ word, 64 }, S("a")) == 63);
    CHECK(nearest_distance((struct slice){ word, 65 }, S("a")) == SIZE_MAX);
}

TEST(the_nearest_of_several_wins_and_the_first_of_equals)
{
    struct nearest n = nearest_to(S("json_dept"));
    nearest_offer(&n, S("json_nodes"));
    nearest_offer(&n, S("json_depth"));
    nearest_offer(&n, S("json_deptx"));
    CHECK_SLICE(n.best, "json_depth");
}

TEST(nothing_is_suggested_for_a_word_that_is_like_none)
{
    struct nearest n = nearest_to(S("colour"));
    nearest_offer(&n, S("listen"));
    nearest_offer(&n, S("auth"));
    CHECK(n.best.ptr == NULL);
}
