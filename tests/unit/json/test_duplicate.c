#include "json/json.h"

#include "base/buf.h"
#include "json_case.h"

/* An object with `n` members of different names, and one more. */
static struct json *object_of(size_t n, const char *more)
{
    auto_buf text;

    buf_init(&text, 8u << 20);
    buf_putc(&text, '{');
    for (size_t i = 0; i < n; i++)
        buf_printf(&text, "\"m%zu\":0,", i);
    buf_printf(&text, "\"%s\":1}", more);
    return parsed(buf_slice(&text));
}

TEST(a_name_that_comes_twice_is_found_in_objects_of_any_size)
{
    size_t sizes[] = { 1, 15, 16, 17, 1000 };

    for (size_t i = 0; i < N_ELEMENTS(sizes); i++) {
        auto_free(json) twice = object_of(sizes[i], "m0");
        auto_free(json) once = object_of(sizes[i], "other");
        CHECK_SLICE(json_find_duplicate(json_root(twice)), "m0");
        CHECK(json_find_duplicate(json_root(once)).ptr == NULL);
    }
}

TEST(names_are_compared_unescaped_and_by_case)
{
    auto_free(json) escaped = parsed(S("{\"name\":1,\"n\\u0061me\":2}"));
    auto_free(json) cased = parsed(S("{\"name\":1,\"Name\":2}"));
    auto_free(json) empty = parsed(S("{\"\":1,\"\":2}"));

    CHECK_SLICE(json_find_duplicate(json_root(escaped)), "name");
    CHECK(json_find_duplicate(json_root(cased)).ptr == NULL);
    CHECK(json_find_duplicate(json_root(empty)).ptr != NULL);
}

TEST(one_object_alone_or_everything_below)
{
    auto_free(json) json = parsed(S("{\"a\":[{\"x\":1},{\"y\":{\"z\":0,\"z\":1}}]}"));

    CHECK(json_find_duplicate(json_root(json)).ptr == NULL);
    CHECK_SLICE(json_find_duplicate_below(json_root(json)), "z");
    CHECK(json_find_duplicate_below(NULL).ptr == NULL);
    CHECK(json_find_duplicate_below(json_get(json_root(json), S("none"))).ptr == NULL);
}

TEST(ninety_thousand_members_are_no_trouble)
{
    auto_free(json) json = object_of(90000, "m89999");

    CHECK_SLICE(json_find_duplicate(json_root(json)), "m89999");
}
