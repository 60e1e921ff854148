#include "json/json.h"

#include "json_case.h"

TEST(members_are_found_by_their_very_bytes)
{
    auto_free(json) json = parsed(S("{\"Name\":1,\"name\":\"x\",\"na\\u006de2\":true,\"\":null}"));
    const struct json_value *root = json_root(json);

    CHECK(json_is_object(root));
    CHECK_SLICE(json_get_string(root, S("name")), "x");
    CHECK_SLICE(json_number_text(json_get(root, S("Name"))), "1");
    CHECK(json_is_true(json_get(root, S("name2"))));
    CHECK(json_is_null(json_get(root, S(""))));
    CHECK(json_get(root, S("NAME")) == NULL);
    CHECK_EQ(json_size(root), 4);
}

TEST(of_two_members_with_one_name_the_first_is_found)
{
    auto_free(json) json = parsed(S("{\"a\":1,\"a\":2}"));

    CHECK_SLICE(json_number_text(json_get(json_root(json), S("a"))), "1");
}

TEST(absent_values_have_absent_members_and_no_kind)
{
    auto_free(json) json = parsed(S("[1]"));
    uint64_t n;

    CHECK(json_get(NULL, S("a")) == NULL);
    CHECK(json_get(json_root(json), S("a")) == NULL);
    CHECK(json_get(json_get(json_root(json), S("a")), S("b")) == NULL);
    CHECK(!json_is_object(NULL) && !json_is_array(NULL) && !json_is_string(NULL) && !json_is_number(NULL));
    CHECK(!json_is_bool(NULL) && !json_is_null(NULL) && !json_is_true(NULL) && !json_is_integer(NULL));
    CHECK(json_string(NULL).ptr == NULL && json_number_text(NULL).ptr == NULL);
    CHECK_EQ(json_size(NULL), 0);
    CHECK_ERR(json_u64(NULL, &n), ERR_INVALID);
    json_each_member(m, NULL)
        CHECK(false);
    json_each_element(e, NULL)
        CHECK(false);
    CHECK(json_root(NULL) == NULL);
}

TEST(strings_are_unescaped_and_may_hold_nul)
{
    auto_free(json) json = parsed(S("[\"a\\u0000b\",\"\",\"\\u00e9\\n\\\"\"]"));
    struct json_elements e = json_elements(json_root(json));

    CHECK(json_next_element(&e));
    CHECK(slice_eq(json_string(e.value), S("a\0b")));
    CHECK(!json_string_is(e.value, S("a")));
    CHECK(json_next_element(&e));
    CHECK(json_string(e.value).ptr != NULL && json_string(e.value).len == 0);
    CHECK(json_next_element(&e));
    CHECK_SLICE(json_string(e.value), "\xc3\xa9\n\"");
    CHECK(!json_next_element(&e));
}

TEST(walks_visit_everything_once_in_order)
{
    auto_free(json) json = parsed(S("{\"a\":{\"x\":[1,2]},\"b\":[],\"c\":3}"));
    struct slice expected[] = { S("a"), S("b"), S("c") };
    size_t n = 0;

    json_each_member(m, json_root(json)) {
        CHECK(slice_eq(m.name, expected[n]));
        n++;
    }
    CHECK_EQ(n, 3);

    const struct json_value *list = json_get(json_get(json_root(json), S("a")), S("x"));
    n = 0;
    json_each_element(e, list)
        CHECK_EQ(json_number_text(e.value).ptr[0], '1' + (char)n++);
    CHECK_EQ(n, 2);
}
