#include "http/target.h"

#include "support/test.h"

static struct arena arena;

static enum err parse(const char *raw, struct target *ret)
{
    arena_done(&arena);
    arena_init(&arena, 64 << 10);
    return target_parse(slice_of(raw), S("gate.example:8080"), &arena, ret);
}

TEST(paths_are_decoded_once)
{
    static const struct {
        const char *raw, *path, *query;
    } rows[] = {
        { "/", "/", NULL },
        { "/mcp", "/mcp", NULL },
        { "/mcp/", "/mcp/", NULL },
        { "/mcp?", "/mcp", "" },
        { "/mcp?a=%2F..&b", "/mcp", "a=%2F..&b" },
        { "/a%20b", "/a b", NULL },
        { "/%6d%63%70", "/mcp", NULL },
        { "/%252e%252e/x", "/%2e%2e/x", NULL },
        { "/caf%C3%A9", "/caf\xc3\xa9", NULL },
        { "/...", "/...", NULL },
        { "/a?b?c", "/a", "b?c" },
        { "http://gate.example:8080/mcp", "/mcp", NULL },
        { "HTTP://GATE.example:8080", "/", NULL },
        { "https://gate.example:8080?x", "/", "x" },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct target target;
        CHECK_OK(parse(rows[i].raw, &target));
        CHECK_SLICE(target.path, rows[i].path);
        CHECK_EQ(target.query.ptr == NULL, rows[i].query == NULL);
        if (rows[i].query != NULL)
            CHECK_SLICE(target.query, rows[i].query);
    }
    arena_done(&arena);
}

TEST(what_can_be_read_in_two_ways_is_refused)
{
    static const char *const wrong[] = {
        "",
        "*",
        "mcp",
        "gate.example:443",
        "/a/../b",
        "/..",
        "/a/.",
        "/./a",
        "/%2e%2e/a",
        "/.%2e",
        "/%2E",
        "/a%2fb",
        "/a%2Fb",
        "/a%5cb",
        "/a\\b",
        "/a%00",
        "/a%0d%0ab",
        "/a%7f",
        "/a%",
        "/a%4",
        "/a%zz",
        "/a%g0",
        "/a b",
        "/a#b",
        "/a?b#c",
        "/a?b c",
        "/%ff",
        "/%c0%af",
        "/\x80",
        "//../a",
        "http://evil.example/",
        "http://gate.example/",
        "http://gate.example:80/",
        "http://gate.example:8080@evil.example/",
        "ftp://gate.example:8080/",
        "http:///mcp",
        "http:/mcp",
    };

    for (size_t i = 0; i < N_ELEMENTS(wrong); i++) {
        struct target target;
        CHECK_ERR(parse(wrong[i], &target), ERR_HTTP_TARGET);
    }
    arena_done(&arena);
}
