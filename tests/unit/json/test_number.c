#include "json/json.h"

#include "json_case.h"

static enum err u64_of(struct slice text, uint64_t *ret)
{
    auto_free(json) json = parsed(text);

    return json_u64(json_root(json), ret);
}

static enum err i64_of(struct slice text, int64_t *ret)
{
    auto_free(json) json = parsed(text);

    return json_i64(json_root(json), ret);
}

static enum err integer_of(struct slice text, int64_t *ret)
{
    auto_free(json) json = parsed(text);

    return json_integer(json_root(json), ret);
}

TEST(numbers_stay_the_text_they_came_as)
{
    auto_free(json) json = parsed(S("[12345678901234567890123,1.50,-0,1e999]"));
    const char *expected[] = { "12345678901234567890123", "1.50", "-0", "1e999" };
    size_t n = 0;

    json_each_element(e, json_root(json))
        CHECK_SLICE(json_number_text(e.value), expected[n++]);
    CHECK_EQ(n, 4);
}

TEST(unsigned_numbers_reach_from_0_to_the_last)
{
    uint64_t n = 7;

    CHECK_OK(u64_of(S("0"), &n));
    CHECK_EQ(n, 0);
    CHECK_OK(u64_of(S("18446744073709551615"), &n));
    CHECK_EQ(n, UINT64_MAX);
    CHECK_ERR(u64_of(S("18446744073709551616"), &n), ERR_INVALID);
    CHECK_ERR(u64_of(S("-1"), &n), ERR_INVALID);
    CHECK_ERR(u64_of(S("1.0"), &n), ERR_INVALID);
    CHECK_ERR(u64_of(S("\"1\""), &n), ERR_INVALID);
    CHECK_EQ(n, UINT64_MAX);
}

TEST(signed_numbers_reach_from_the_first_to_the_last)
{
    int64_t n = 7;

    CHECK_OK(i64_of(S("-9223372036854775808"), &n));
    CHECK_EQ(n, INT64_MIN);
    CHECK_OK(i64_of(S("9223372036854775807"), &n));
    CHECK_EQ(n, INT64_MAX);
    CHECK_ERR(i64_of(S("9223372036854775808"), &n), ERR_INVALID);
    CHECK_ERR(i64_of(S("-9223372036854775809"), &n), ERR_INVALID);
    CHECK_ERR(i64_of(S("1e2"), &n), ERR_INVALID);
}

TEST(an_integer_may_be_written_in_several_ways)
{
    int64_t n = 7;

    CHECK_OK(integer_of(S("1.0"), &n));
    CHECK_EQ(n, 1);
    CHECK_OK(integer_of(S("10e-1"), &n));
    CHECK_EQ(n, 1);
    CHECK_OK(integer_of(S("-12.50e1"), &n));
    CHECK_EQ(n, -125);
    CHECK_OK(integer_of(S("1.00000000000000000000000000000000000000"), &n));
    CHECK_EQ(n, 1);
    CHECK_OK(integer_of(S("0e999999999999"), &n));
    CHECK_EQ(n, 0);
    CHECK_OK(integer_of(S("-0"), &n));
    CHECK_EQ(n, 0);
    CHECK_OK(integer_of(S("9e18"), &n));
    CHECK_EQ(n, INT64_C(9000000000000000000));
}

TEST(what_is_no_integer_is_not_rounded_to_one)
{
    int64_t n = 7;

    CHECK_ERR(integer_of(S("1.5"), &n), ERR_INVALID);
    CHECK_ERR(integer_of(S("1e-1"), &n), ERR_INVALID);
    CHECK_ERR(integer_of(S("1e999"), &n), ERR_INVALID);
    CHECK_ERR(integer_of(S("1e99999999999999999999"), &n), ERR_INVALID);
    CHECK_ERR(integer_of(S("1e-99999999999999999999"), &n), ERR_INVALID);
    CHECK_ERR(integer_of(S("1e19"), &n), ERR_INVALID);
    CHECK_ERR(integer_of(S("true"), &n), ERR_INVALID);
    CHECK_EQ(n, 7);
}

TEST(only_what_has_neither_fraction_nor_exponent_is_written_as_an_integer)
{
    auto_free(json) yes = parsed(S("[0,-1,123456789012345678901234567890]"));
    auto_free(json) no = parsed(S("[1.0,1e1,1E1,\"1\",null]"));

    json_each_element(e, json_root(yes))
        CHECK(json_is_integer(e.value));
    json_each_element(e, json_root(no))
        CHECK(!json_is_integer(e.value));
}
