#include "json/json_write.h"

#include "json_case.h"

static void check_put(struct slice text, const char *expected)
{
    auto_free(json) json = parsed(text);
    auto_buf to;

    buf_init(&to, 1u << 20);
    json_put(&to, json_root(json));
    CHECK_SLICE(buf_slice(&to), expected);
}

TEST(values_are_written_compactly_and_numbers_as_they_were)
{
    check_put(S(" { \"a\" : [ 1.50 , -0, 1E+2 ,{ } ,[ ] ] , \"b\" : { \"c\" : null , \"d\" : true } , \"e\":false} "),
              "{\"a\":[1.50,-0,1E+2,{},[]],\"b\":{\"c\":null,\"d\":true},\"e\":false}");
    check_put(S("[[[[1],2],3],4]"), "[[[[1],2],3],4]");
    check_put(S("\"x\""), "\"x\"");
    check_put(S("{}"), "{}");
    check_put(S("[]"), "[]");
    check_put(S("12345678901234567890"), "12345678901234567890");
}

TEST(strings_are_escaped_where_they_must_be_and_nowhere_else)
{
    check_put(S("[\"\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\\\/\",\"\\u00e9\\ud834\\udd1e\\u007f\"]"),
              "[\"\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\/\",\"\xc3\xa9\xf0\x9d\x84\x9e\x7f\"]");
}

TEST(an_absent_value_is_written_as_null)
{
    auto_buf to;

    buf_init(&to, 100);
    json_put(&to, NULL);
    CHECK_SLICE(buf_slice(&to), "null");
}

TEST(a_full_buffer_is_noticed_at_the_end)
{
    auto_free(json) json = parsed(S("{\"a\":[1,2,3,{\"b\":\"c\"}]}"));

    for (size_t max = 0; max < 25; max++) {
        auto_buf to;
        buf_init(&to, max);
        json_put(&to, json_root(json));
        CHECK_ERR(buf_ok(&to), max < 23 ? ERR_LIMIT : OK);
    }
}

TEST(the_deepest_document_that_is_parsed_is_written)
{
    auto_buf text;

    buf_init(&text, 1000);
    for (int i = 0; i < 128; i++)
        buf_putc(&text, '[');
    for (int i = 0; i < 128; i++)
        buf_putc(&text, ']');
    buf_putc(&text, '\0');
    check_put(slice_first(buf_slice(&text), 256), text.ptr);
}

static void check_edited(struct slice text, const struct json_edit *edits, size_t n, const char *expected)
{
    auto_free(json) json = parsed(text);
    auto_buf to;

    buf_init(&to, 1000);
    json_put_edited(&to, json_root(json), edits, n);
    CHECK_SLICE(buf_slice(&to), expected);
}

TEST(members_are_replaced_in_place_removed_and_added_at_the_end)
{
    struct json_edit edits[] = {
        { S("b"), S("[9]") },
        { S("a"), NO_SLICE },
        { S("z"), S("\"new\"") },
        { S("none"), NO_SLICE },
    };

    check_edited(S("{\"a\":1,\"b\":{\"x\":2},\"c\":3}"), edits, 4, "{\"b\":[9],\"c\":3,\"z\":\"new\"}");
    check_edited(S("{}"), edits, 4, "{\"b\":[9],\"z\":\"new\"}");
    check_edited(S("{\"a\":1}"), edits, 2, "{\"b\":[9]}");
    check_edited(S("{\"a\":1}"), NULL, 0, "{\"a\":1}");
    check_edited(S("[1]"), edits, 1, "{\"b\":[9]}");
}

TEST(an_edited_name_is_there_once_even_if_it_came_twice)
{
    struct json_edit edit = { S("a"), S("0") };

    check_edited(S("{\"a\":1,\"b\":2,\"a\":3}"), &edit, 1, "{\"a\":0,\"b\":2}");
}

TEST(an_absent_object_is_edited_into_a_new_one)
{
    auto_buf to;

    buf_init(&to, 100);
    json_put_edited(&to, NULL, &(struct json_edit){ S("a"), S("1") }, 1);
    CHECK_SLICE(buf_slice(&to), "{\"a\":1}");
}

TEST(the_writer_sets_the_commas)
{
    auto_free(json) json = parsed(S("{\"in\":[true]}"));
    auto_buf to;

    buf_init(&to, 1000);
    struct json_writer w = json_writer(&to);
    json_begin_object(&w);
    json_set_string(&w, S("a\"b"), S("c"));
    json_set_u64(&w, S("u"), UINT64_MAX);
    json_set_i64(&w, S("i"), INT64_MIN);
    json_name(&w, S("list"));
    json_begin_array(&w);
    json_begin_object(&w);
    json_end_object(&w);
    json_begin_array(&w);
    json_end_array(&w);
    json_add_u64(&w, 1);
    json_add_i64(&w, -1);
    json_add_bool(&w, false);
    json_add_string(&w, S("s"));
    json_add_raw(&w, S("1.0"));
    json_add_value(&w, json_get(json_root(json), S("in")));
    json_end_array(&w);
    json_set_bool(&w, S("t"), true);
    json_set_raw(&w, S("r"), S("null"));
    json_set_value(&w, S("v"), json_root(json));
    json_end_object(&w);
    CHECK_SLICE(buf_slice(&to), "{\"a\\\"b\":\"c\",\"u\":18446744073709551615,\"i\":-9223372036854775808,"
                                "\"list\":[{},[],1,-1,false,\"s\",1.0,[true]],\"t\":true,\"r\":null,"
                                "\"v\":{\"in\":[true]}}");
}
