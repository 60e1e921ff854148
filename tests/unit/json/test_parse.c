#include "json/json.h"

#include <stdlib.h>

#include "base/buf.h"
#include "support/test.h"

static enum err parse(struct slice text, struct err_at *ret_at)
{
    auto_free(json) json = NULL;

    return json_parse(text, &JSON_LIMITS_MCP, &json, ret_at);
}

static enum err parse_repeated(struct slice first, struct slice part, size_t n, struct slice last)
{
    struct err_at at;
    auto_buf text;

    buf_init(&text, 16u << 20);
    buf_put(&text, first);
    for (size_t i = 0; i < n; i++)
        buf_put(&text, part);
    buf_put(&text, last);
    CHECK_OK(buf_ok(&text));
    return parse(buf_slice(&text), &at);
}

TEST(nothing_and_blanks_are_not_json)
{
    struct err_at at;

    CHECK_ERR(parse(NO_SLICE, &at), ERR_SYNTAX);
    CHECK_ERR(parse(S(""), &at), ERR_SYNTAX);
    CHECK_ERR(parse(S(" \n\t"), &at), ERR_SYNTAX);
}

TEST(a_mistake_is_named_by_line_and_column)
{
    struct err_at at;

    CHECK_ERR(parse(S("{\n  \"a\": 1,\n  \"b\": x\n}"), &at), ERR_SYNTAX);
    CHECK_EQ(at.line, 3);
    CHECK_EQ(at.column, 8);
    CHECK_EQ(at.offset, 19);
}

TEST(a_byte_order_mark_is_refused)
{
    struct err_at at;

    CHECK_ERR(parse(S("\xef\xbb\xbf{}"), &at), ERR_SYNTAX);
}

TEST(depth_is_limited_at_n_and_not_at_n_minus_1)
{
    struct json_limits limits = { .max_depth = 3, .max_nodes = 100, .max_number_len = 64 };
    auto_free(json) json = NULL;
    struct err_at at;

    CHECK_OK(json_parse(S("[[[]]]"), &limits, &json, &at));
    CHECK_ERR(json_parse(S("[[{\"a\":[]}]]"), &limits, &(struct json *){ NULL }, &at), ERR_DEPTH);
    CHECK_EQ(at.column, 8);
}

TEST(brackets_inside_strings_are_not_depth)
{
    struct err_at at;

    CHECK_OK(parse_repeated(S("\""), S("[{\\\""), 1000, S("\"")));
    CHECK_OK(parse(S("[\"\\\\\",[\"]\"]]"), &at));
}

TEST(a_million_levels_are_refused_before_anything_is_built)
{
    CHECK_ERR(parse_repeated(S(""), S("["), 1000000, S("")), ERR_DEPTH);
    CHECK_ERR(parse_repeated(S(""), S("["), 1u << 20, S("")), ERR_DEPTH);
    CHECK_ERR(parse_repeated(S(""), S("{\"a\":"), 1000000, S("")), ERR_DEPTH);
    CHECK_OK(parse_repeated(S("[0"), S(",[]"), 90000, S("]"))); /* wide is not deep */
}

TEST(nodes_are_limited_at_n_and_not_at_n_minus_1)
{
    struct json_limits limits = { .max_depth = 8, .max_nodes = 5, .max_number_len = 64 };
    auto_free(json) json = NULL;
    struct err_at at;

    CHECK_OK(json_parse(S("{\"a\":1,\"b\":null}"), &limits, &json, &at));
    CHECK_ERR(json_parse(S("{\"a\":1,\"b\":[0]}"), &limits, &(struct json *){ NULL }, &at), ERR_NODES);
}

TEST(four_mib_of_tiny_values_are_refused_before_anything_is_built)
{
    CHECK_ERR(parse_repeated(S("[0"), S(",0"), 2u << 20, S("]")), ERR_NODES);
}

TEST(a_number_is_limited_at_n_characters_and_not_at_n_minus_1)
{
    CHECK_OK(parse_repeated(S("["), S("1"), 64, S("]")));
    CHECK_ERR(parse_repeated(S("["), S("1"), 65, S("]")), ERR_NUMBER);
}

TEST(half_a_surrogate_pair_is_refused)
{
    struct err_at at;

    CHECK_ERR(parse(S("\"\\ud800\""), &at), ERR_SYNTAX);
    CHECK_ERR(parse(S("\"\\udc00\""), &at), ERR_SYNTAX);
    CHECK_ERR(parse(S("\"\\ud800\\ud800\""), &at), ERR_SYNTAX);
    CHECK_ERR(parse(S("{\"\\ud834\":1}"), &at), ERR_SYNTAX);
    CHECK_OK(parse(S("\"\\ud834\\udd1e\""), &at));
}

TEST(what_is_not_utf8_is_refused)
{
    struct err_at at;

    CHECK_ERR(parse(S("\"\xff\""), &at), ERR_UTF8);
    CHECK_ERR(parse(S("\"\xc0\xaf\""), &at), ERR_UTF8);     /* overlong */
    CHECK_ERR(parse(S("\"\xed\xa0\x80\""), &at), ERR_UTF8); /* a surrogate */
    CHECK_ERR(parse(S("\xff"), &at), ERR_UTF8);
}

TEST(the_text_may_go_once_it_is_parsed)
{
    char *text = strdup("{\"name\":\"a string that has to be copied\"}");
    auto_free(json) json = NULL;
    struct err_at at;

    CHECK_OK(json_parse(slice_of(text), &JSON_LIMITS_MCP, &json, &at));
    memset(text, 'x', strlen(text));
    free(text);
    CHECK_SLICE(json_get_string(json_root(json), S("name")), "a string that has to be copied");
}
