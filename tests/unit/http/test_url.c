#include "http/url.h"

#include "support/test.h"

static struct arena arena;

static enum err parse(const char *text, struct url *ret)
{
    arena_done(&arena);
    arena_init(&arena, 64 << 10);
    return url_parse(slice_of(text), &arena, ret);
}

TEST(urls_are_taken_apart)
{
    static const struct {
        const char *text, *host, *authority, *target;
        unsigned port;
        bool is_https, is_ipv6;
    } rows[] = {
        { "http://Example.COM", "example.com", "example.com", "/", 80, false, false },
        { "https://example.com/", "example.com", "example.com", "/", 443, true, false },
        { "HTTPS://example.com:443/mcp", "example.com", "example.com", "/mcp", 443, true, false },
        { "http://example.com:443/mcp?a=b", "example.com", "example.com:443", "/mcp?a=b", 443, false, false },
        { "http://127.0.0.1:8080?x", "127.0.0.1", "127.0.0.1:8080", "/?x", 8080, false, false },
        { "http://[2001:DB8::1]:80/", "2001:db8::1", "[2001:db8::1]", "/", 80, false, true },
        { "https://[::1]:8443/a%2Fb/../c", "::1", "[::1]:8443", "/a%2Fb/../c", 8443, true, true },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct url url;
        CHECK_OK(parse(rows[i].text, &url));
        CHECK_SLICE(url.host, rows[i].host);
        CHECK_SLICE(url.authority, rows[i].authority);
        CHECK_SLICE(url.target, rows[i].target);
        CHECK_EQ(url.port, rows[i].port);
        CHECK_EQ(url.is_https, rows[i].is_https);
        CHECK_EQ(url.is_ipv6, rows[i].is_ipv6);
    }
    arena_done(&arena);
}

TEST(path_and_query_are_told_apart)
{
    struct url url;

    CHECK_OK(parse("http://x/a/b?c?d", &url));
    CHECK_SLICE(url.path, "/a/b");
    CHECK_SLICE(url.query, "c?d");
    CHECK_OK(parse("http://x/a", &url));
    CHECK(url.query.ptr == NULL);
    arena_done(&arena);
}

TEST(anything_else_is_refused)
{
    static const char *const wrong[] = {
        "",
        "example.com",
        "//example.com",
        "ftp://example.com",
        "http:/example.com",
        "http://",
        "http:///x",
        "http://:80/",
        "http://u@example.com",
        "http://u:p@example.com/",
        "http://a b/",
        "http://a/b c",
        "http://a/#x",
        "http://a\\b/",
        "http://a:0/",
        "http://a:65536/",
        "http://a:80:80/",
        "http://a:8o/",
        "http://[::1/",
        "http://[::1]x/",
        "http://[fe80::1%25lo]/",
        "http://caf\xc3\xa9/",
        "http://a/\x01",
        "javascript:alert(1)",
        "http://a%41/",
        "http://a?x#y",
        "http://..",
        " http://a",
        "http://a\t/",
        "unix:/run/x",
    };

    for (size_t i = 0; i < N_ELEMENTS(wrong); i++) {
        struct url url;
        CHECK_ERR(parse(wrong[i], &url), ERR_SYNTAX);
    }
    arena_done(&arena);
}

TEST(an_origin_is_scheme_host_and_port)
{
    struct arena two;
    struct url a, b;

    arena_init(&two, 64 << 10);
    CHECK_OK(url_parse(S("https://x/a"), &two, &a));
    CHECK_OK(url_parse(S("https://X:443/b?c"), &two, &b));
    CHECK(url_same_origin(&a, &b));
    CHECK_OK(url_parse(S("https://x:444/a"), &two, &b));
    CHECK(!url_same_origin(&a, &b));
    CHECK_OK(url_parse(S("http://x:443/a"), &two, &b));
    CHECK(!url_same_origin(&a, &b));
    arena_done(&two);
}
