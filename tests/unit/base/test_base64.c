#include "base/base64.h"

#include "support/test.h"

/* RFC 4648 section 10. */
static const struct {
    const char *plain;
    const char *standard;
    const char *url;
} vectors[] = {
    { "", "", "" },
    { "f", "Zg==", "Zg" },
    { "fo", "Zm8=", "Zm8" },
    { "foo", "Zm9v", "Zm9v" },
    { "foob", "Zm9vYg==", "Zm9vYg" },
    { "fooba", "Zm9vYmE=", "Zm9vYmE" },
    { "foobar", "Zm9vYmFy", "Zm9vYmFy" },
    { "\xfb\xff\xfe", "+//+", "-__-" },
};

TEST(the_vectors_of_the_rfc_hold_both_ways)
{
    for (size_t i = 0; i < N_ELEMENTS(vectors); i++) {
        auto_buf b;

        buf_init(&b, 64);
        base64_put(&b, slice_of(vectors[i].plain));
        CHECK_SLICE(buf_slice(&b), vectors[i].standard);
        buf_clear(&b);
        base64url_put(&b, slice_of(vectors[i].plain));
        CHECK_SLICE(buf_slice(&b), vectors[i].url);
        buf_clear(&b);
        CHECK_OK(base64_decode(&b, slice_of(vectors[i].standard)));
        CHECK_SLICE(buf_slice(&b), vectors[i].plain);
        buf_clear(&b);
        CHECK_OK(base64url_decode(&b, slice_of(vectors[i].url)));
        CHECK_SLICE(buf_slice(&b), vectors[i].plain);
    }
}

TEST(a_value_has_one_spelling_only)
{
    static const char *const bad[] = { "Zg", "Zg=",   "Zh==", "Zm9=", "Zg==Zg==", "Z g=",     "Zg==\n",    "====",
                                       "=",  "Zm9v=", "Z===", "Zm-v", "Zm_v",     "Zm9v====", "\xc3\xbc==" };
    auto_buf b;

    buf_init(&b, 64);
    buf_put(&b, S("before"));
    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        CHECK_ERR(base64_decode(&b, slice_of(bad[i])), ERR_SYNTAX);
    CHECK_SLICE(buf_slice(&b), "before"); /* a failure leaves nothing behind */

    static const char *const bad_url[] = { "Zg==", "Z", "Zh", "Zm9", "Zm+v", "Zm/v" };
    for (size_t i = 0; i < N_ELEMENTS(bad_url); i++)
        CHECK_ERR(base64url_decode(&b, slice_of(bad_url[i])), ERR_SYNTAX);
}

TEST(what_does_not_fit_is_refused_whole)
{
    auto_buf b;

    buf_init(&b, 3);
    CHECK_ERR(base64_decode(&b, S("Zm9vYmFy")), ERR_LIMIT);
    CHECK_EQ(b.len, 0);
    CHECK_OK(base64url_decode(&b, S("Zm9v")));
    CHECK_SLICE(buf_slice(&b), "foo");
}
