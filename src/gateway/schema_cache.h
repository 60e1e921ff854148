/*
 * Which tool arguments travel in headers too: the x-mcp-header annotations of the tools that were listed (T-59, T-60).
 *
 * Learned from tools/list results as they pass, per principal, for a list may depend on who asks; forgotten when the
 * list changes. A tool that was not seen is not checked: the server behind us does that (T-62).
 *
 * Memory: at most SCHEMA_CACHE_MAX annotated tools of all principals; then everything is forgotten and learned anew.
 * Threads: one loop.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/map.h"
#include "base/slice.h"

struct envelope;
struct http_headers;
struct json_value;

#define SCHEMA_CACHE_MAX 4096u

struct schema_cache {
    struct map tools; /* by principal and tool name */
};

void schema_cache_init(struct schema_cache *c);
void schema_cache_done(struct schema_cache *c);

/* Learns from the result of tools/list. */
void schema_cache_learn(struct schema_cache *c, const struct envelope *envelope, const struct json_value *result);
void schema_cache_forget(struct schema_cache *c);

/* Do the Mcp-Param-* headers of this call say what its arguments say? ERR_INVALID: they do not (-32020). */
must_use enum err schema_cache_check(const struct schema_cache *c, const struct envelope *envelope,
                                     const struct json_value *params, struct http_headers *headers);
