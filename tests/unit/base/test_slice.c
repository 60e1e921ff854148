#include "base/slice.h"

#include "support/test.h"

TEST(slices_compare_by_bytes)
{
    CHECK(slice_eq(S("a"), S("a")) && !slice_eq(S("a"), S("A")) && !slice_eq(S("a"), S("ab")));
    CHECK(slice_eq(NO_SLICE, S("")));
    CHECK(slice_eq_nocase(S("Mcp-Name"), S("mcp-nAME")) && !slice_eq_nocase(S("@"), S("`")));
    CHECK(slice_cmp(S("a"), S("b")) < 0 && slice_cmp(S("b"), S("a")) > 0 && slice_cmp(S("a"), S("ab")) < 0);
    CHECK_EQ(slice_cmp(S("ab"), S("ab")), 0);
    CHECK(slice_cmp(S("\xff"), S("a")) > 0); /* bytes are not signed */
}

TEST(ends_can_be_looked_at_and_cut_off)
{
    CHECK(slice_starts(S("=?base64?x"), S("=?base64?")) && !slice_starts(S("=?"), S("=?b")));
    CHECK(slice_ends(S("a?="), S("?=")) && !slice_ends(S("="), S("?=")) && slice_ends(S("a"), S("")));
    CHECK_SLICE(slice_trim(S(" \t a b\t ")), "a b");
    CHECK_SLICE(slice_trim(S(" \t")), "");
    CHECK_SLICE(slice_from(S("abc"), 1), "bc");
    CHECK_SLICE(slice_from(S("abc"), 9), "");
    CHECK_SLICE(slice_first(S("abc"), 2), "ab");
    CHECK_SLICE(slice_first(S("abc"), 9), "abc");
}

TEST(bytes_and_texts_are_found_or_not)
{
    CHECK_EQ(slice_find(S("a:b:c"), ':'), 1);
    CHECK_EQ(slice_find(S("abc"), ':'), SIZE_MAX);
    CHECK_EQ(slice_find(NO_SLICE, ':'), SIZE_MAX);
    CHECK_EQ(slice_search(S("aab"), S("ab")), 1);
    CHECK_EQ(slice_search(S("ab"), S("abc")), SIZE_MAX);
    CHECK_EQ(slice_search(S("ab"), S("")), 0);
}

TEST(a_text_with_two_separators_has_three_parts)
{
    struct slice rest = S("a,,b");
    struct slice part;

    CHECK(slice_next(&rest, ',', &part));
    CHECK_SLICE(part, "a");
    CHECK(slice_next(&rest, ',', &part));
    CHECK_SLICE(part, "");
    CHECK(slice_next(&rest, ',', &part));
    CHECK_SLICE(part, "b");
    CHECK(!slice_next(&rest, ',', &part));
}

TEST(numbers_are_digits_and_nothing_else)
{
    uint64_t n = 7;

    CHECK_OK(slice_to_u64(S("18446744073709551615"), &n));
    CHECK_EQ(n, UINT64_MAX);
    CHECK_OK(slice_to_u64(S("007"), &n));
    CHECK_EQ(n, 7);
    CHECK_ERR(slice_to_u64(S("18446744073709551616"), &n), ERR_LIMIT);
    static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x1", "1.0", "1e3", "\xd9\xa1" };
    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        CHECK_ERR(slice_to_u64(slice_of(bad[i]), &n), ERR_SYNTAX);
    CHECK_EQ(n, 7); /* untouched on failure */
}

TEST(a_hash_depends_on_every_byte_the_length_and_the_seed)
{
    char text[40] = { 0 };

    for (size_t len = 0; len < sizeof(text); len++) {
        uint64_t hash = slice_hash((struct slice){ text, len }, 1);
        CHECK(hash != slice_hash((struct slice){ text, len + 1 }, 1));
        CHECK(hash != slice_hash((struct slice){ text, len }, 2));
        for (size_t i = 0; i < len; i++) {
            text[i] = 1;
            CHECK(hash != slice_hash((struct slice){ text, len }, 1));
            text[i] = 0;
        }
    }
}
