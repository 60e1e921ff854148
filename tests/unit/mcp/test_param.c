#include "mcp/param.h"

#include "mcp_case.h"

#define SCHEMA                                                                                                         \
    "{\"type\":\"object\",\"properties\":{"                                                                            \
    "\"env\":{\"type\":\"string\",\"x-mcp-header\":\"Env\"},"                                                          \
    "\"n\":{\"type\":\"integer\",\"x-mcp-header\":\"Count\"},"                                                         \
    "\"dry\":{\"type\":\"boolean\",\"x-mcp-header\":\"Dry-Run\"},"                                                     \
    "\"in\":{\"type\":\"object\",\"properties\":{\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Region\"}}},"      \
    "\"free\":{\"type\":\"string\"}}}"

static enum err read_schema(const char *schema)
{
    auto_free(param_map) map = NULL;

    return param_map_new(value_of(schema), &map);
}

static struct param_map *map_of(const char *schema)
{
    struct param_map *map = NULL;

    CHECK_OK(param_map_new(value_of(schema), &map));
    return map;
}

/* One property with an annotation, as JSON. */
static enum err read_property(const char *property)
{
    auto_buf schema;

    buf_init(&schema, 10000);
    buf_printf(&schema, "{\"type\":\"object\",\"properties\":{\"p\":%s}}", property);
    buf_putc(&schema, '\0');
    return read_schema(schema.ptr);
}

TEST(annotations_are_found_wherever_properties_lead)
{
    auto_free(param_map) map = map_of(SCHEMA);

    CHECK_EQ(param_map_size(map), 4);
    CHECK_SLICE(param_map_header(map, 0), "Mcp-Param-Env");
    CHECK_SLICE(param_map_header(map, 3), "Mcp-Param-Region");
}

TEST(a_schema_without_annotations_has_no_map)
{
    CHECK_ERR(read_schema("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}"), ERR_NOT_FOUND);
    CHECK_ERR(read_schema("{}"), ERR_NOT_FOUND);
    CHECK_ERR(read_schema("true"), ERR_NOT_FOUND);
    CHECK_ERR(param_map_new(NULL, &(struct param_map *){ NULL }), ERR_NOT_FOUND);
}

TEST(an_annotation_is_a_token)
{
    CHECK_OK(read_property("{\"type\":\"string\",\"x-mcp-header\":\"a!#$%&'*+-.^_`|~9\"}"));
    CHECK_ERR(read_property("{\"type\":\"string\",\"x-mcp-header\":\"\"}"), ERR_INVALID);
    CHECK_ERR(read_property("{\"type\":\"string\",\"x-mcp-header\":\"a b\"}"), ERR_INVALID);
    CHECK_ERR(read_property("{\"type\":\"string\",\"x-mcp-header\":\"a:b\"}"), ERR_INVALID);
    CHECK_ERR(read_property("{\"type\":\"string\",\"x-mcp-header\":\"a\\r\\nb\"}"), ERR_INVALID);
    CHECK_ERR(read_property("{\"type\":\"string\",\"x-mcp-header\":\"a\\u0000b\"}"), ERR_INVALID);
    CHECK_ERR(read_property("{\"type\":\"string\",\"x-mcp-header\":\"\\u00e9\"}"), ERR_INVALID);
    CHECK_ERR(read_property("{\"type\":\"string\",\"x-mcp-header\":1}"), ERR_INVALID);
    CHECK_ERR(read_property("{\"type\":\"string\",\"x-mcp-header\":null}"), ERR_INVALID);
}

TEST(an_annotation_stands_on_a_string_an_integer_or_a_boolean)
{
    CHECK_OK(read_property("{\"type\":\"integer\",\"x-mcp-header\":\"A\"}"));
    CHECK_ERR(read_property("{\"type\":\"number\",\"x-mcp-header\":\"A\"}"), ERR_INVALID);
    CHECK_ERR(read_property("{\"type\":\"object\",\"x-mcp-header\":\"A\"}"), ERR_INVALID);
    CHECK_ERR(read_property("{\"type\":\"array\",\"x-mcp-header\":\"A\"}"), ERR_INVALID);
    CHECK_ERR(read_property("{\"type\":[\"string\",\"null\"],\"x-mcp-header\":\"A\"}"), ERR_INVALID);
    CHECK_ERR(read_property("{\"x-mcp-header\":\"A\"}"), ERR_INVALID);
}

TEST(two_annotations_may_not_differ_by_case_alone)
{
    CHECK_ERR(read_schema("{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"Env\"},"
                          "\"b\":{\"type\":\"string\",\"x-mcp-header\":\"eNV\"}}}"),
              ERR_INVALID);
}

TEST(an_annotation_that_properties_alone_do_not_reach_is_refused)
{
    static const char *const ways[] = {
        "{\"items\":%s}",
        "{\"anyOf\":[{},%s]}",
        "{\"oneOf\":[%s]}",
        "{\"allOf\":[%s]}",
        "{\"not\":%s}",
        "{\"if\":%s}",
        "{\"then\":%s}",
        "{\"else\":%s}",
        "{\"$defs\":{\"d\":%s}}",
        "{\"additionalProperties\":%s}",
        "{\"patternProperties\":{\"^a\":%s}}",
        "{\"items\":{\"properties\":{\"x\":%s}}}",
        "{\"properties\":{\"x\":{\"anyOf\":[%s]}}}",
    };

    for (size_t i = 0; i < N_ELEMENTS(ways); i++) {
        auto_buf schema;
        struct slice rest = slice_of(ways[i]);
        size_t at = slice_search(rest, S("%s"));
        buf_init(&schema, 1000);
        buf_put(&schema, slice_first(rest, at));
        buf_put(&schema, S("{\"type\":\"string\",\"x-mcp-header\":\"A\"}"));
        buf_put(&schema, slice_from(rest, at + 2));
        buf_putc(&schema, '\0');
        CHECK_ERR(read_schema(schema.ptr), ERR_INVALID);
    }
    CHECK_ERR(read_schema("{\"type\":\"string\",\"x-mcp-header\":\"A\"}"), ERR_INVALID); /* the root is no argument */
}

TEST(what_only_looks_like_an_annotation_is_none)
{
    CHECK_ERR(read_schema("{\"properties\":{\"x-mcp-header\":{\"type\":\"string\"}}}"), ERR_NOT_FOUND);
    CHECK_ERR(read_schema("{\"$defs\":{\"x-mcp-header\":{\"type\":\"string\"}}}"), ERR_NOT_FOUND);
    CHECK_ERR(
        read_property("{\"type\":\"object\",\"default\":{\"x-mcp-header\":\"a\"},\"enum\":[{\"x-mcp-header\":1}]}"),
        ERR_NOT_FOUND);
}

TEST(annotations_are_limited_at_n_and_not_at_n_minus_1)
{
    for (unsigned n = PARAM_MAX; n <= PARAM_MAX + 1; n++) {
        auto_buf schema;
        buf_init(&schema, 100000);
        buf_put(&schema, S("{\"properties\":{"));
        for (unsigned i = 0; i < n; i++)
            buf_printf(&schema, "%s\"p%u\":{\"type\":\"string\",\"x-mcp-header\":\"P%u\"}", i > 0 ? "," : "", i, i);
        buf_put(&schema, S("}}"));
        buf_putc(&schema, '\0');
        CHECK_ERR(read_schema(schema.ptr), n <= PARAM_MAX ? OK : ERR_LIMIT);
    }
}

/* Headers as a test writes them: "Mcp-Param-Env=prod", one per entry. */
static struct slice find(void *context, struct slice name)
{
    const char *const *headers = context;

    for (; *headers != NULL; headers++) {
        struct slice header = slice_of(*headers);
        size_t at = slice_find(header, '=');
        if (slice_eq_nocase(slice_first(header, at), name))
            return slice_from(header, at + 1);
    }
    return NO_SLICE;
}

#define HEADERS(...) ((const char *[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static enum err check(const char *arguments, const char **headers)
{
    auto_free(param_map) map = map_of(SCHEMA);

    return param_map_check(map, value_of(arguments), find, headers);
}

TEST(headers_that_say_what_the_arguments_say_pass)
{
    CHECK_OK(check("{\"env\":\"prod\",\"n\":3,\"dry\":true,\"in\":{\"region\":\"eu\"},\"free\":\"x\"}",
                   HEADERS("mcp-param-env=prod", "MCP-PARAM-COUNT=3", "Mcp-Param-Dry-Run=true", "Mcp-Param-Region=eu",
                           "Mcp-Param-Other=whatever")));
    CHECK_OK(check("{}", HEADERS()));
    CHECK_OK(check("{\"env\":\"\"}", HEADERS("Mcp-Param-Env=")));
}

TEST(a_missing_or_different_header_is_refused)
{
    CHECK_ERR(check("{\"env\":\"prod\"}", HEADERS()), ERR_INVALID);
    CHECK_ERR(check("{\"env\":\"prod\"}", HEADERS("Mcp-Param-Env=Prod")), ERR_INVALID);
    CHECK_ERR(check("{\"dry\":true}", HEADERS("Mcp-Param-Dry-Run=True")), ERR_INVALID);
    CHECK_ERR(check("{\"dry\":false}", HEADERS("Mcp-Param-Dry-Run=true")), ERR_INVALID);
    CHECK_ERR(check("{\"in\":{\"region\":\"eu\"}}", HEADERS("Mcp-Param-Region=us")), ERR_INVALID);
}

TEST(an_absent_or_null_argument_has_no_header)
{
    CHECK_OK(check("{\"env\":null}", HEADERS()));
    CHECK_ERR(check("{\"env\":null}", HEADERS("Mcp-Param-Env=null")), ERR_INVALID);
    CHECK_ERR(check("{}", HEADERS("Mcp-Param-Env=prod")), ERR_INVALID);
}

TEST(integers_compare_by_value_and_only_as_far_as_all_agree_on_them)
{
    CHECK_OK(check("{\"n\":1}", HEADERS("Mcp-Param-Count=1.0")));
    CHECK_OK(check("{\"n\":1.0}", HEADERS("Mcp-Param-Count=1")));
    CHECK_OK(check("{\"n\":-9007199254740991}", HEADERS("Mcp-Param-Count=-9007199254740991")));
    CHECK_ERR(check("{\"n\":9007199254740992}", HEADERS("Mcp-Param-Count=9007199254740992")), ERR_INVALID);
    CHECK_ERR(check("{\"n\":1}", HEADERS("Mcp-Param-Count=01")), ERR_INVALID);
    CHECK_ERR(check("{\"n\":1}", HEADERS("Mcp-Param-Count=2")), ERR_INVALID);
    CHECK_ERR(check("{\"n\":1}", HEADERS("Mcp-Param-Count=")), ERR_INVALID);
    CHECK_ERR(check("{\"n\":1}", HEADERS("Mcp-Param-Count=\"1\"")), ERR_INVALID);
    CHECK_ERR(check("{\"n\":\"1\"}", HEADERS("Mcp-Param-Count=2")), ERR_INVALID);
}

TEST(base64_forms_are_decoded_before_comparing)
{
    CHECK_OK(check("{\"env\":\"gr\xc3\xbc\xc3\x9f\"}", HEADERS("Mcp-Param-Env==?base64?Z3LDvMOf?=")));
    CHECK_OK(check("{\"env\":\"prod\"}", HEADERS("Mcp-Param-Env==?base64?cHJvZA==?=")));
    CHECK_OK(check("{\"env\":\"=?base64?half\"}", HEADERS("Mcp-Param-Env==?base64?half"))); /* half a marker is text */
    CHECK_ERR(check("{\"env\":\"prod\"}", HEADERS("Mcp-Param-Env==?base64?cHJvZA?=")), ERR_INVALID);
    CHECK_ERR(check("{\"env\":\"prod\"}", HEADERS("Mcp-Param-Env==?base64?cHJ*ZA==?=")), ERR_INVALID);
}

TEST(an_argument_that_cannot_be_mirrored_is_left_to_the_tool)
{
    CHECK_OK(check("{\"env\":[1]}", HEADERS()));
    CHECK_OK(check("{\"n\":1.5}", HEADERS("Mcp-Param-Count=1.5")));
}

static void check_encoded(size_t i, const char *arguments, enum err e, const char *expected)
{
    auto_free(param_map) map = map_of(SCHEMA);
    auto_buf value;

    buf_init(&value, 1000);
    CHECK_ERR(param_map_encode(map, i, value_of(arguments), &value), e);
    if (e == OK)
        CHECK_SLICE(buf_slice(&value), expected);
}

TEST(arguments_are_encoded_for_the_upstream)
{
    check_encoded(0, "{\"env\":\"prod\"}", OK, "prod");
    check_encoded(0, "{\"env\":\" prod\"}", OK, "=?base64?IHByb2Q=?=");
    check_encoded(0, "{\"env\":\"a\\nb\"}", OK, "=?base64?YQpi?=");
    check_encoded(0, "{\"env\":\"=?base64?eA==?=\"}", OK, "=?base64?PT9iYXNlNjQ/ZUE9PT89?=");
    check_encoded(1, "{\"n\":-3}", OK, "-3");
    check_encoded(1, "{\"n\":30e-1}", OK, "3");
    check_encoded(2, "{\"dry\":false}", OK, "false");
    check_encoded(3, "{\"in\":{\"region\":\"eu\"}}", OK, "eu");
    check_encoded(0, "{\"env\":null}", ERR_NOT_FOUND, NULL);
    check_encoded(3, "{\"in\":\"eu\"}", ERR_NOT_FOUND, NULL);
    check_encoded(1, "{\"n\":9007199254740992}", ERR_INVALID, NULL);
    check_encoded(1, "{\"n\":1.5}", ERR_INVALID, NULL);
    check_encoded(0, "{\"env\":{}}", ERR_INVALID, NULL);
}

TEST(every_encoded_value_passes_the_check)
{
    static const char *const texts[] = { "{\"env\":\"\"}",      "{\"env\":\" \"}",          "{\"env\":\"\\u0000\"}",
                                         "{\"env\":\"=?x?=\"}", "{\"n\":9007199254740991}", "{\"dry\":true}" };
    auto_free(param_map) map = map_of(SCHEMA);

    for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
        const struct json_value *arguments = value_of(texts[i]);
        for (size_t k = 0; k < param_map_size(map); k++) {
            auto_buf header;
            buf_init(&header, 1000);
            buf_put(&header, param_map_header(map, k));
            buf_putc(&header, '=');
            if (param_map_encode(map, k, arguments, &header) != OK)
                continue;
            buf_putc(&header, '\0');
            CHECK_OK(param_map_check(map, arguments, find, HEADERS(header.ptr)));
        }
    }
}
