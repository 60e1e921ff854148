#include "kit/schema.h"

#include "support/test.h"
#include "json/json.h"

static struct json *parse(const char *text)
{
    struct json *json = NULL;
    struct err_at at;

    CHECK_OK(json_parse(slice_of(text), &JSON_LIMITS_MCP, &json, &at));
    return json;
}

/* `expected` is what is wrong; NULL: nothing. */
static void check(const char *schema, const char *arguments, const char *expected)
{
    auto_free(json) s = parse(schema);
    auto_free(json) a = arguments != NULL ? parse(arguments) : NULL;
    auto_buf why;

    buf_init(&why, 1000);
    CHECK_EQ(schema_fits(json_root(s), a != NULL ? json_root(a) : NULL, &why), expected == NULL);
    CHECK_SLICE(buf_slice(&why), expected != NULL ? expected : "");
}

#define NEEDS_A    "{\"properties\":{\"a\":{\"type\":\"string\"}},\"required\":[\"a\"]}"
#define A_IS(type) "{\"properties\":{\"a\":{\"type\":" type "}}}"

TEST(a_required_argument_must_be_there)
{
    check(NEEDS_A, "{\"a\":\"\"}", NULL);
    check(NEEDS_A, "{}", "the argument \"a\" is missing");
    check(NEEDS_A, NULL, "the argument \"a\" is missing");
    check("{}", NULL, NULL);
    check("{\"required\":[7]}", "{}", NULL); /* no name, so nothing can be meant */
}

TEST(an_argument_must_be_of_its_type)
{
    check(NEEDS_A, "{\"a\":1}", "the argument \"a\" must be of type string");
    check(A_IS("\"boolean\""), "{\"a\":0}", "the argument \"a\" must be of type boolean");
    check(A_IS("\"object\""), "{\"a\":[]}", "the argument \"a\" must be of type object");
    check(A_IS("\"array\""), "{\"a\":{}}", "the argument \"a\" must be of type array");
    check(A_IS("\"null\""), "{\"a\":0}", "the argument \"a\" must be of type null");
    check(A_IS("\"number\""), "{\"a\":\"1\"}", "the argument \"a\" must be of type number");
    check(A_IS("\"number\""), "{\"a\":1}", NULL);
    check(A_IS("\"string\""), "{\"b\":1}", NULL);
}

TEST(a_whole_number_is_an_integer_however_it_is_written)
{
    check(A_IS("\"integer\""), "{\"a\":1.5}", "the argument \"a\" must be of type integer");
    check(A_IS("\"integer\""), "{\"a\":1.0}", NULL);
    check(A_IS("\"integer\""), "{\"a\":-7}", NULL);
    check(A_IS("\"integer\""), "{\"a\":100000000000000000000000}", NULL);
}

TEST(one_of_several_types_is_enough)
{
    check(A_IS("[\"string\",\"null\"]"), "{\"a\":null}", NULL);
    check(A_IS("[\"string\",\"null\"]"), "{\"a\":1}", "the argument \"a\" must be of type string or null");
    check(A_IS("\"color\""), "{\"a\":1}", NULL);
    check("{\"properties\":{\"a\":true}}", "{\"a\":1}", NULL);
}

TEST(a_name_too_long_to_show_is_not_shown)
{
    check(
        "{\"required\":[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaa\"]}",
        "{}", "the argument \"(a long name)\" is missing");
}
