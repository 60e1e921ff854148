#include "gateway/schema_cache.h"

#include "http/headers.h"
#include "mcp/envelope.h"
#include "support/fake_upstream.h"
#include "support/test.h"

#define TOOL(name, header)                                                                                             \
    "{\"name\":\"" name "\",\"inputSchema\":{\"type\":\"object\",\"properties\":{\"env\":{\"type\":\"string\","        \
    "\"x-mcp-header\":\"" header "\"}}}}"

static const struct envelope ada = { .era = ERA_MODERN, .principal = S("ada") };
static const struct envelope bob = { .era = ERA_MODERN, .principal = S("bob") };

static struct schema_cache cache;

static void learn(const struct envelope *who, const char *list)
{
    auto_free(json) json = fake_json(list);

    schema_cache_learn(&cache, who, json_root(json));
}

/* Calls the tool with env "prod" and this header, "Name: value" or NULL. */
static enum err check(const struct envelope *who, const char *tool, struct slice name, struct slice value)
{
    struct http_headers headers;
    struct arena arena;
    auto_buf text;
    auto_free(json) params = NULL;

    arena_init(&arena, 8192);
    http_headers_init(&headers, &arena);
    if (name.len > 0)
        CHECK_OK(http_headers_add(&headers, name, value));
    buf_init(&text, 1000);
    buf_printf(&text, "{\"name\":\"%s\",\"arguments\":{\"env\":\"prod\"}}", tool);
    buf_putc(&text, '\0');
    params = fake_json(text.ptr);
    enum err e = schema_cache_check(&cache, who, json_root(params), &headers);
    arena_done(&arena);
    return e;
}

TEST(what_is_annotated_in_a_list_is_checked_in_calls)
{
    schema_cache_init(&cache);
    CHECK_OK(check(&ada, "deploy", NO_SLICE, NO_SLICE)); /* not seen yet */
    learn(&ada, "{\"tools\":[" TOOL("deploy", "Env") ",{\"name\":\"plain\",\"inputSchema\":{\"type\":\"object\"}}]}");
    CHECK_EQ(cache.tools.n, 1);
    CHECK_OK(check(&ada, "deploy", S("Mcp-Param-Env"), S("prod")));
    CHECK_OK(check(&ada, "deploy", S("mcp-param-env"), S("=?base64?cHJvZA==?=")));
    CHECK_ERR(check(&ada, "deploy", S("Mcp-Param-Env"), S("test")), ERR_INVALID);
    CHECK_ERR(check(&ada, "deploy", NO_SLICE, NO_SLICE), ERR_INVALID);
    CHECK_OK(check(&ada, "plain", NO_SLICE, NO_SLICE));
    schema_cache_done(&cache);
}

TEST(what_one_learns_is_not_known_of_another)
{
    schema_cache_init(&cache);
    learn(&ada, "{\"tools\":[" TOOL("deploy", "Env") "]}");
    CHECK_OK(check(&bob, "deploy", S("Mcp-Param-Env"), S("test")));
    schema_cache_done(&cache);
}

TEST(a_newer_list_counts)
{
    schema_cache_init(&cache);
    learn(&ada, "{\"tools\":[" TOOL("deploy", "Env") "]}");
    learn(&ada, "{\"tools\":[" TOOL("deploy", "Stage") "]}");
    CHECK_EQ(cache.tools.n, 1);
    CHECK_OK(check(&ada, "deploy", S("Mcp-Param-Stage"), S("prod")));
    learn(&ada, "{\"tools\":[{\"name\":\"deploy\",\"inputSchema\":{\"type\":\"object\"}}]}");
    CHECK_EQ(cache.tools.n, 0);
    learn(&ada, "{\"tools\":[" TOOL("deploy", "Env") "]}");
    schema_cache_forget(&cache);
    CHECK_OK(check(&ada, "deploy", NO_SLICE, NO_SLICE));
    schema_cache_done(&cache);
}

TEST(an_annotation_that_is_not_valid_is_not_checked)
{
    schema_cache_init(&cache);
    learn(&ada, "{\"tools\":[" TOOL("deploy", "no token") ",7,{}]}");
    learn(&ada, "{\"tools\":7}");
    learn(&ada, "[]");
    CHECK_EQ(cache.tools.n, 0);
    schema_cache_done(&cache);
}

TEST(a_cache_that_is_full_learns_anew)
{
    schema_cache_init(&cache);
    for (unsigned i = 0; i <= SCHEMA_CACHE_MAX; i++) {
        auto_buf list;
        buf_init(&list, 1000);
        buf_printf(&list, "{\"tools\":[" TOOL("t%u", "Env") "]}", i);
        buf_putc(&list, '\0');
        learn(&ada, list.ptr);
    }
    CHECK_EQ(cache.tools.n, 1);
    CHECK_ERR(check(&ada, "t4096", NO_SLICE, NO_SLICE), ERR_INVALID);
    CHECK_OK(check(&ada, "t0", NO_SLICE, NO_SLICE));
    schema_cache_done(&cache);
}
