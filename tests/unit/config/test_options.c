#include "config/options.h"

#include "config/value.h"
#include "support/test.h"

TEST(the_table_is_sorted_and_unique)
{
    for (size_t i = 1; i < options_count(); i++)
        CHECK(slice_cmp(options_at(i - 1)->path, options_at(i)->path) < 0);
}

TEST(every_default_is_in_range)
{
    for (size_t i = 0; i < options_count(); i++) {
        const struct option *o = options_at(i);
        uint64_t low, high, n;
        if (o->kind > OPTION_DURATION)
            continue;
        CHECK_OK(option_number(o, o->low, &low));
        CHECK_OK(option_number(o, o->high, &high));
        CHECK_OK(option_number(o, o->default_text, &n));
        CHECK(low <= n && n <= high);
    }
}

TEST(every_setting_is_described_by_sentences)
{
    for (size_t i = 0; i < options_count(); i++) {
        struct slice s = options_at(i)->sentence;
        CHECK(s.len > 20 && slice_ends(s, S(".")) && s.ptr[0] >= 'A' && s.ptr[0] <= 'Z');
    }
}

TEST(no_two_settings_share_a_variable)
{
    for (size_t i = 0; i < options_count(); i++)
        for (size_t j = 0; j < i; j++) {
            auto_buf a = { 0 };
            auto_buf b = { 0 };
            buf_init(&a, 256);
            buf_init(&b, 256);
            option_variable(options_at(i), &a);
            option_variable(options_at(j), &b);
            CHECK(a.len == 0 || !slice_eq(buf_slice(&a), buf_slice(&b)));
        }
}

TEST(settings_are_found_by_their_paths)
{
    struct slice server;

    CHECK(options_find(S("limits.body_bytes"), &server)->kind == OPTION_BYTES);
    CHECK(server.ptr == NULL);
    CHECK(options_find(S("servers.git-hub.url"), &server)->kind == OPTION_URL);
    CHECK_SLICE(server, "git-hub");
    CHECK(options_find(S("limits"), &server) == NULL);
    CHECK(options_find(S("limits.body_bytes.x"), &server) == NULL);
    CHECK(options_find(S("limits."), &server) == NULL);
    CHECK(options_find(S(""), &server) == NULL);
    CHECK(options_find(S("servers.url"), &server) == NULL);
}

TEST(sections_are_what_lies_above_settings)
{
    CHECK(options_is_section(S("limits")));
    CHECK(options_is_section(S("servers")));
    CHECK(options_is_section(S("servers.any")));
    CHECK(!options_is_section(S("limits.body_bytes")));
    CHECK(!options_is_section(S("limit")));
    CHECK(!options_is_section(S("listen")));
}

TEST(a_key_is_found_in_the_section_where_it_belongs)
{
    CHECK_SLICE(options_elsewhere(S("body_bytes"), S("")), "limits.body_bytes");
    CHECK_SLICE(options_elsewhere(S("level"), S("limits")), "log.level");
    CHECK(options_elsewhere(S("body_bytes"), S("limits")).ptr == NULL);
    CHECK(options_elsewhere(S("bytes"), S("")).ptr == NULL);
}

TEST(variables_are_named_after_the_paths)
{
    struct slice server;
    auto_buf b = { 0 };

    buf_init(&b, 100);
    option_variable(options_find(S("limits.body_bytes"), &server), &b);
    CHECK_SLICE(buf_slice(&b), "GATEHOUSE_LIMITS_BODY_BYTES");
    buf_clear(&b);
    option_variable(options_find(S("servers.x.url"), &server), &b);
    CHECK_EQ(b.len, 0);
}

TEST(choices_leave_out_the_one_that_cannot_be_written)
{
    struct slice server, name;
    unsigned value;
    size_t at = 0;
    const struct option *format = options_find(S("log.format"), &server);

    CHECK(option_next_choice(format, &at, &name, &value));
    CHECK_SLICE(name, "json");
    CHECK_EQ(value, 1);
    CHECK(option_next_choice(format, &at, &name, &value));
    CHECK_SLICE(name, "text");
    CHECK(!option_next_choice(format, &at, &name, &value));
}
