#include "gateway/schema_cache.h"

#include "base/buf.h"
#include "http/headers.h"
#include "mcp/envelope.h"
#include "mcp/param.h"
#include "json/json.h"

#define KEY_MAX (ENVELOPE_PRINCIPAL_MAX + 1024u)

void schema_cache_init(struct schema_cache *c)
{
    map_init(&c->tools, SCHEMA_CACHE_MAX);
}

void schema_cache_done(struct schema_cache *c)
{
    size_t at = 0;

    for (struct param_map *tool; (tool = map_next(&c->tools, &at, NULL)) != NULL;)
        param_map_free(tool);
    map_done(&c->tools);
}

void schema_cache_forget(struct schema_cache *c)
{
    schema_cache_done(c); /* a map that is done may be used again */
}

/* Principal and tool, compared in full (decision 26): the NUL between them stands in neither. */
static void put_key(struct buf *to, const struct envelope *envelope, struct slice tool)
{
    buf_put(to, envelope->principal);
    buf_putc(to, '\0');
    buf_put(to, tool);
}

static void learn_tool(struct schema_cache *c, const struct envelope *envelope, const struct json_value *tool)
{
    struct param_map *map;
    auto_buf key;

    buf_init(&key, KEY_MAX);
    put_key(&key, envelope, json_get_string(tool, S("name")));
    if (buf_ok(&key) != OK)
        return;
    param_map_free(map_remove(&c->tools, buf_slice(&key)));
    if (param_map_new(json_get(tool, S("inputSchema")), &map) != OK) /* nothing annotated, or not validly so */
        return;
    if (c->tools.n >= SCHEMA_CACHE_MAX)
        schema_cache_forget(c);
    if (map_add(&c->tools, buf_slice(&key), map) != OK)
        param_map_free(map);
}

void schema_cache_learn(struct schema_cache *c, const struct envelope *envelope, const struct json_value *result)
{
    json_each_element(tool, json_get(result, S("tools")))
        learn_tool(c, envelope, tool.value);
}

static struct slice find_header(void *headers, struct slice name)
{
    return http_headers_find(headers, name);
}

enum err schema_cache_check(const struct schema_cache *c, const struct envelope *envelope,
                            const struct json_value *params, struct http_headers *headers)
{
    auto_buf key;

    buf_init(&key, KEY_MAX);
    put_key(&key, envelope, json_get_string(params, S("name")));
    if (buf_ok(&key) != OK)
        return OK;
    const struct param_map *map = map_find(&c->tools, buf_slice(&key));
    return map == NULL ? OK : param_map_check(map, json_get(params, S("arguments")), find_header, headers);
}
