#include "base/utf8.h"

#include "support/test.h"

TEST(sequences_of_every_length_are_taken_at_their_borders)
{
    static const char *const good[] = { "",
                                        "plain",
                                        "\x7f",
                                        "\xc2\x80",
                                        "\xdf\xbf",
                                        "\xe0\xa0\x80",
                                        "\xed\x9f\xbf",
                                        "\xee\x80\x80",
                                        "\xef\xbf\xbf",
                                        "\xf0\x90\x80\x80",
                                        "\xf4\x8f\xbf\xbf" };
    for (size_t i = 0; i < N_ELEMENTS(good); i++)
        CHECK(utf8_is_valid(slice_of(good[i])));
    CHECK(utf8_is_valid((struct slice){ "a\0b", 3 }));
}

TEST(overlong_forms_surrogates_and_cut_sequences_are_not)
{
    static const char *const bad[] = { "\x80",
                                       "\xbf",
                                       "\xc0\x80",
                                       "\xc1\xbf",
                                       "\xc2",
                                       "\xc2\x41",
                                       "\xe0\x9f\xbf",
                                       "\xe0\x80\x80",
                                       "\xed\xa0\x80",
                                       "\xed\xbf\xbf",
                                       "\xe1\x80",
                                       "\xe1\x80\x41",
                                       "\xf0\x8f\xbf\xbf",
                                       "\xf4\x90\x80\x80",
                                       "\xf5\x80\x80\x80",
                                       "\xf1\x80\x80",
                                       "\xff",
                                       "\xfe",
                                       "fine until \xff" };
    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        CHECK(!utf8_is_valid(slice_of(bad[i])));
}
