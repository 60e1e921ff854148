#include "mcp/param.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "mcp/header_value.h"
#include "mcp/param_internal.h"

#define MAX_VALUE_BYTES (64u * 1024)             /* of one header value, decoded */
#define MAX_SAFE        ((INT64_C(1) << 53) - 1) /* integers up to here are the same in every language (T-61) */

static const struct json_value *argument_of(const struct param *param, const struct json_value *arguments)
{
    const struct json_value *value = arguments;

    for (size_t i = 0; i < param->n_path; i++)
        value = json_get(value, param->path[i]);
    return json_is_null(value) ? NULL : value;
}

static bool can_be_mirrored(const struct json_value *value)
{
    int64_t n;

    return json_is_string(value) || json_is_bool(value) || json_integer(value, &n) == OK;
}

static struct slice bool_text(const struct json_value *value)
{
    return json_is_true(value) ? S("true") : S("false");
}

/* "1.0" is the number 1 (T-61). */
static bool is_integer_text(struct slice text, int64_t expected)
{
    const struct json_limits limits = { .max_depth = 1, .max_nodes = 1, .max_number_len = 64 };
    auto_free(json) json = NULL;
    struct err_at at;
    int64_t n;

    return json_parse(text, &limits, &json, &at) == OK && json_integer(json_root(json), &n) == OK && n == expected;
}

static bool is_said(const struct json_value *value, struct slice text)
{
    int64_t n;

    if (json_is_string(value))
        return slice_eq(text, json_string(value));
    if (json_is_bool(value))
        return slice_eq(text, bool_text(value));
    return json_integer(value, &n) == OK && n >= -MAX_SAFE && n <= MAX_SAFE && is_integer_text(text, n);
}

static enum err check_one(const struct json_value *value, struct slice header)
{
    struct slice text;
    struct arena arena;

    if (value == NULL) /* absent or null: no header is expected (T-60) */
        return header.ptr == NULL ? OK : ERR_INVALID;
    if (!can_be_mirrored(value))
        return OK;
    if (header.ptr == NULL)
        return ERR_INVALID;

    arena_init(&arena, MAX_VALUE_BYTES);
    bool said = header_value_decode(header, &arena, &text) == OK && is_said(value, text);
    arena_done(&arena);
    return said ? OK : ERR_INVALID;
}

enum err param_map_check(const struct param_map *map, const struct json_value *arguments, param_header_fn find,
                         void *context)
{
    for (size_t i = 0; i < map->n; i++)
        TRY(check_one(argument_of(&map->list[i], arguments), find(context, map->list[i].header)));
    return OK;
}

size_t param_map_size(const struct param_map *map)
{
    return map->n;
}

struct slice param_map_header(const struct param_map *map, size_t i)
{
    return map->list[i].header;
}

static enum err put_integer(const struct json_value *value, struct buf *to)
{
    int64_t n;

    if (json_integer(value, &n) != OK || n < -MAX_SAFE || n > MAX_SAFE)
        return ERR_INVALID;
    buf_printf(to, "%lld", (long long)n);
    return buf_ok(to);
}

enum err param_map_encode(const struct param_map *map, size_t i, const struct json_value *arguments, struct buf *to)
{
    const struct json_value *value = argument_of(&map->list[i], arguments);

    if (value == NULL)
        return ERR_NOT_FOUND;
    if (json_is_string(value))
        header_value_put(to, json_string(value));
    else if (json_is_bool(value))
        buf_put(to, bool_text(value));
    else
        return put_integer(value, to);
    return buf_ok(to);
}

void param_map_free(struct param_map *map)
{
    if (map == NULL)
        return;
    arena_done(&map->arena);
    free(map);
}
