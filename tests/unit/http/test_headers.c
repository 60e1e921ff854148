#include "http/headers.h"

#include "support/test.h"

static struct arena arena;

static struct http_headers three_fields(void)
{
    struct http_headers headers;

    arena_init(&arena, 64 << 10);
    http_headers_init(&headers, &arena);
    CHECK_OK(http_headers_add(&headers, S("Accept"), S("a/b")));
    CHECK_OK(http_headers_add(&headers, S("Host"), S("x")));
    CHECK_OK(http_headers_add(&headers, S("accept"), S("c/d, E/f ")));
    return headers;
}

TEST(names_ignore_case_and_the_first_value_is_found)
{
    struct http_headers headers = three_fields();

    CHECK_SLICE(http_headers_find(&headers, S("ACCEPT")), "a/b");
    CHECK_SLICE(http_headers_find(&headers, S("host")), "x");
    CHECK(http_headers_find(&headers, S("hos")).ptr == NULL);
    CHECK_EQ(http_headers_count(&headers, S("accept")), 2);
    CHECK_EQ(http_headers_count(&headers, S("cookie")), 0);
    arena_done(&arena);
}

TEST(tokens_are_found_in_any_field_of_the_name)
{
    struct http_headers headers = three_fields();

    CHECK(http_headers_has_token(&headers, S("accept"), S("e/F")));
    CHECK(http_headers_has_token(&headers, S("accept"), S("a/b")));
    CHECK(!http_headers_has_token(&headers, S("accept"), S("c/d, E/f")));
    arena_done(&arena);
}

TEST(a_name_with_an_underscore_is_not_listed)
{
    struct http_headers headers = three_fields();

    CHECK_OK(http_headers_add(&headers, S("X_Forwarded_For"), S("6.6.6.6")));
    CHECK_EQ(headers.n_fields, 3);
    arena_done(&arena);
}

TEST(the_list_grows_until_the_arena_is_full)
{
    struct http_headers headers;

    arena_init(&arena, 8 << 10);
    http_headers_init(&headers, &arena);
    enum err e = OK;
    while (e == OK && headers.n_fields < 10000)
        e = http_headers_add(&headers, S("a"), S("b"));
    CHECK_EQ(e, ERR_LIMIT);
    CHECK(headers.n_fields >= 64);
    CHECK_EQ(http_headers_count(&headers, S("A")), headers.n_fields);
    arena_done(&arena);
}
