#include "config/value.h"

#include "support/test.h"

TEST(counts_are_digits_that_may_be_parted)
{
    uint64_t n;
    CHECK_OK(value_count(S("0"), &n));
    CHECK_EQ(n, 0);
    CHECK_OK(value_count(S("200_000"), &n));
    CHECK_EQ(n, 200000);
    CHECK_OK(value_count(S("18446744073709551615"), &n));
    CHECK_ERR(value_count(S("18446744073709551616"), &n), ERR_LIMIT);
    static const char *const bad[] = { "", "-1", "1.5", "1e3", "0x10", "_1", "1_", "1__0", " 1", "1 ", "ten", "1k" };
    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        CHECK_ERR(value_count(slice_of(bad[i]), &n), ERR_SYNTAX);
}

TEST(sizes_have_binary_units)
{
    static const struct {
        const char *text;
        uint64_t n;
    } good[] = { { "512", 512 },      { "512B", 512 },     { "64KiB", 65536 },
                 { "64 kib", 65536 }, { "4MiB", 4194304 }, { "1GiB", 1073741824 } };
    static const char *const bad[] = { "", "KiB", "4MB", "4M", "4.5MiB", "4MiB ", "4  MiB", "-4MiB" };
    uint64_t n;

    for (size_t i = 0; i < N_ELEMENTS(good); i++) {
        CHECK_OK(value_bytes(slice_of(good[i].text), &n));
        CHECK_EQ(n, good[i].n);
    }
    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        CHECK_ERR(value_bytes(slice_of(bad[i]), &n), ERR_SYNTAX);
    CHECK_ERR(value_bytes(S("17179869184GiB"), &n), ERR_LIMIT);
}

TEST(times_need_a_unit)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } good[] = { { "0s", 0 },        { "500ms", 500 },  { "10s", 10000 },
                 { "30m", 1800000 }, { "1h", 3600000 }, { "30d", 2592000000 } };
    static const char *const bad[] = { "", "10", "s", "1h30m", "1.5s", "10sec", "-1s", "1w" };
    uint64_t ms;

    for (size_t i = 0; i < N_ELEMENTS(good); i++) {
        CHECK_OK(value_duration(slice_of(good[i].text), &ms));
        CHECK_EQ(ms, good[i].ms);
    }
    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        CHECK_ERR(value_duration(slice_of(bad[i]), &ms), ERR_SYNTAX);
}

TEST(server_names_are_good_path_segments)
{
    static const char *const good[] = { "a", "files", "git-hub", "7", "x2" };
    static const char *const bad[] = { "", "Files", "a_b", "a/b", "..", "-a", "a-", "a b", "a.b", "\xc3\xbc" };

    for (size_t i = 0; i < N_ELEMENTS(good); i++)
        CHECK(value_is_server_name(slice_of(good[i])));
    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        CHECK(!value_is_server_name(slice_of(bad[i])));
    char name[64];
    memset(name, 'a', sizeof(name));
    CHECK(value_is_server_name((struct slice){ name, 63 }));
    CHECK(!value_is_server_name((struct slice){ name, 64 }));
}

TEST(variable_names_are_those_of_a_shell)
{
    CHECK(value_is_variable_name(S("HOME")));
    CHECK(value_is_variable_name(S("_x9")));
    CHECK(!value_is_variable_name(S("9x")));
    CHECK(!value_is_variable_name(S("A=B")));
    CHECK(!value_is_variable_name(S("A-B")));
    CHECK(!value_is_variable_name(S("")));
}

TEST(urls_are_plain_http_ones)
{
    struct value_url url;

    CHECK_OK(value_url(S("http://127.0.0.1:3001/mcp"), &url));
    CHECK(!url.is_https && url.is_local && url.has_path && !url.is_origin);
    CHECK_OK(value_url(S("https://tools.example"), &url));
    CHECK(url.is_https && !url.is_local && !url.has_path && url.is_origin);
    CHECK_OK(value_url(S("http://[::1]:8080/"), &url));
    CHECK(url.is_local && !url.has_path && !url.is_origin);
    CHECK_OK(value_url(S("https://tools.example/?a=b"), &url));
    CHECK(url.has_path);

    static const char *const bad[] = {
        "",           "tools.example",  "ftp://a",       "http://",     "http:///x",
        "http://a:0", "http://a:99999", "http://u:p@a/", "http://a/#f", "http://a/ b",
    };
    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        CHECK_ERR(value_url(slice_of(bad[i]), &url), ERR_SYNTAX);
}
