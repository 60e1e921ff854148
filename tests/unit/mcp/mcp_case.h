/*
 * What the tests of this folder share: messages and values from a text, kept until the test's process ends.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "mcp/message.h"
#include "support/test.h"
#include "json/json.h"

/* The tests run one per process, so that what these leave to the end of it is in nobody's way. */
static struct json *documents[64];
static size_t n_documents;
static struct arena arena;

__attribute__((destructor)) static void free_documents(void)
{
    while (n_documents > 0)
        json_free(documents[--n_documents]);
    arena_done(&arena);
}

static inline struct arena *test_arena(void)
{
    if (arena.max == 0)
        arena_init(&arena, 1u << 20);
    return &arena;
}

static inline const struct json_value *value_of(const char *text)
{
    struct json *json = NULL;
    struct err_at at;

    CHECK(n_documents < N_ELEMENTS(documents));
    CHECK_OK(json_parse(slice_of(text), &JSON_LIMITS_MCP, &json, &at));
    documents[n_documents++] = json;
    return json_root(json);
}

static inline struct rpc rpc_of(const char *text)
{
    struct rpc rpc;

    CHECK_OK(rpc_parse(value_of(text), test_arena(), &rpc));
    return rpc;
}
