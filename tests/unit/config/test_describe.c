#include "config/describe.h"

#include "config/file.h"
#include "config/options.h"
#include "support/test.h"
#include "json/json.h"

TEST(the_reference_page_is_up_to_date)
{
    auto_buf page = { 0 };
    auto_buf text = { 0 };

    buf_init(&page, 1u << 20);
    buf_init(&text, 1u << 20);
    CHECK_OK(file_read("docs/configuration.md", &page));
    describe_reference(&text);
    CHECK_OK(buf_ok(&text));
    CHECK(slice_eq(buf_slice(&page), buf_slice(&text))); /* gatehouse config reference >docs/configuration.md */
}

TEST(every_setting_is_on_the_reference_page_once)
{
    auto_buf text = { 0 };

    buf_init(&text, 1u << 20);
    describe_reference(&text);
    for (size_t i = 0; i < options_count(); i++) {
        auto_buf entry = { 0 };
        buf_init(&entry, 256);
        buf_printf(&entry, "\n- **`%.*s`**", SLICE_ARGS(options_at(i)->path));
        size_t at = slice_search(buf_slice(&text), buf_slice(&entry));
        CHECK(at != SIZE_MAX);
        CHECK(slice_search(slice_from(buf_slice(&text), at + 1), buf_slice(&entry)) == SIZE_MAX);
    }
}

static const struct json_value *property(const struct json_value *object, struct slice path)
{
    struct slice part;

    while (slice_next(&path, '.', &part))
        object = slice_eq(part, S("*")) ? json_get(object, S("additionalProperties"))
                                        : json_get(json_get(object, S("properties")), part);
    return object;
}

TEST(the_schema_is_json_and_describes_every_setting)
{
    auto_buf text = { 0 };
    auto_free(json) json = NULL;
    struct err_at at;

    buf_init(&text, 1u << 20);
    describe_schema(&text);
    CHECK_OK(json_parse(buf_slice(&text), &JSON_LIMITS_MCP, &json, &at));
    CHECK(json_find_duplicate_below(json_root(json)).ptr == NULL);
    for (size_t i = 0; i < options_count(); i++) {
        const struct json_value *setting = property(json_root(json), options_at(i)->path);
        CHECK(slice_eq(json_get_string(setting, S("description")), options_at(i)->sentence));
        CHECK(json_get(setting, S("type")) != NULL);
    }
    uint64_t depth;
    CHECK_OK(json_u64(json_get(property(json_root(json), S("limits.json_depth")), S("default")), &depth));
    CHECK_EQ(depth, 128);
}
