#include "base/secret.h"

#include "support/test.h"

TEST(a_secret_is_a_copy_and_gone_when_done)
{
    char text[] = "hunter2";
    struct secret s = secret_copy(slice_of(text));

    text[0] = 'x';
    CHECK_SLICE(secret_reveal(&s), "hunter2");
    secret_done(&s);
    CHECK(s.ptr == NULL && s.len == 0);
    secret_done(&s);
}

TEST(random_secrets_have_their_length_and_differ)
{
    struct secret a = secret_random(32);
    struct secret b = secret_random(32);

    CHECK_EQ(a.len, 32);
    CHECK(!secret_eq(secret_reveal(&a), secret_reveal(&b)));
    secret_done(&a);
    secret_done(&b);
}

TEST(equality_looks_at_every_byte_and_at_the_length)
{
    CHECK(secret_eq(S("abc"), S("abc")));
    CHECK(secret_eq(S(""), S("")));
    CHECK(!secret_eq(S("abc"), S("abd")));
    CHECK(!secret_eq(S("xbc"), S("abc")));
    CHECK(!secret_eq(S("abc"), S("ab")));
    CHECK(!secret_eq(S(""), S("a")));
}
