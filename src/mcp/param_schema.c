/*
 * Finding the annotations of an input schema, and refusing those that break the rules (T-59).
 *
 * A schema is walked in two ways. Down `properties` from the root annotations count, for there an argument is found by
 * the names on the way. Anywhere else that schemas stand, they are a mistake: nobody could say which argument is meant.
 */
#include "base/mem.h"
#include "mcp/param.h"
#include "mcp/param_internal.h"

#define ANNOTATION S("x-mcp-header")
#define MAX_PATH   32u /* objects between the root and an annotated property */

/* The way to the schema that is being looked at, borrowed from the document. */
struct path {
    struct slice names[MAX_PATH];
    size_t n;
};

/* A token of RFC 9110, section 5.6.2: what a header's name may consist of. */
static bool is_token(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_alnum && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
            return false;
    }
    return text.len > 0;
}

static bool has_mirrored_type(const struct json_value *schema)
{
    const struct json_value *type = json_get(schema, S("type"));

    return json_string_is(type, S("string")) || json_string_is(type, S("integer")) ||
           json_string_is(type, S("boolean"));
}

static bool has_header(const struct param_map *map, struct slice header)
{
    for (size_t i = 0; i < map->n; i++)
        if (slice_eq_nocase(map->list[i].header, header))
            return true;
    return false;
}

static enum err copy_path(struct param_map *map, const struct path *path, struct param *param)
{
    struct slice *names = arena_alloc(&map->arena, path->n * sizeof(*names));

    if (names == NULL)
        return ERR_LIMIT;
    for (size_t i = 0; i < path->n; i++) {
        names[i] = arena_dup(&map->arena, path->names[i]);
        if (names[i].ptr == NULL)
            return ERR_LIMIT;
    }
    param->path = names;
    param->n_path = path->n;
    return OK;
}

static enum err add(struct param_map *map, const struct json_value *schema, const struct path *path)
{
    struct slice name = json_get_string(schema, ANNOTATION);
    struct param param = { 0 };
    auto_buf header = { 0 };

    buf_init(&header, PARAM_MAX_BYTES);
    if (path->n == 0 || !is_token(name) || !has_mirrored_type(schema))
        return ERR_INVALID;
    if (map->n == PARAM_MAX)
        return ERR_LIMIT;

    buf_put(&header, S("Mcp-Param-"));
    buf_put(&header, name);
    TRY(buf_ok(&header));
    if (has_header(map, buf_slice(&header)))
        return ERR_INVALID;
    param.header = arena_dup(&map->arena, buf_slice(&header));
    if (param.header.ptr == NULL)
        return ERR_LIMIT;
    TRY(copy_path(map, path, &param));
    map->list[map->n++] = param;
    return OK;
}

static bool is_one_of(struct slice name, const struct slice *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_eq(name, names[i]))
            return true;
    return false;
}

/* Keywords whose members are named by the author: not keywords, but schemas of their own. */
static bool holds_named_schemas(struct slice keyword)
{
    static const struct slice keywords[] = {
        S("properties"), S("patternProperties"), S("$defs"), S("definitions"), S("dependentSchemas"),
    };

    return is_one_of(keyword, keywords, N_ELEMENTS(keywords));
}

/* Keywords that hold values, not schemas: what looks like an annotation there is somebody's example. */
static bool holds_values(struct slice keyword)
{
    static const struct slice keywords[] = { S("const"), S("default"), S("enum"), S("example"), S("examples") };

    return is_one_of(keyword, keywords, N_ELEMENTS(keywords));
}

/* No annotation may stand in this schema or below. As deep as the parser let the document be. */
static enum err check_none(const struct json_value *schema);

static enum err check_none_in(struct slice keyword, const struct json_value *value)
{
    if (holds_values(keyword))
        return OK;
    if (json_is_object(value) && holds_named_schemas(keyword)) {
        json_each_member(named, value)
            TRY(check_none(named.value));
        return OK;
    }
    json_each_element(element, value)
        TRY(check_none(element.value));
    return check_none(value);
}

static enum err check_none(const struct json_value *schema)
{
    json_each_member(keyword, schema) {
        if (slice_eq(keyword.name, ANNOTATION))
            return ERR_INVALID;
        TRY(check_none_in(keyword.name, keyword.value));
    }
    return OK;
}

static enum err find(struct param_map *map, const struct json_value *schema, struct path *path);

static enum err find_in_properties(struct param_map *map, const struct json_value *properties, struct path *path)
{
    json_each_member(property, properties) {
        if (path->n == MAX_PATH) {
            TRY(check_none(property.value)); /* an annotation this deep is more than anybody could mean */
            continue;
        }
        path->names[path->n++] = property.name;
        TRY(find(map, property.value, path));
        path->n--;
    }
    return OK;
}

static enum err find(struct param_map *map, const struct json_value *schema, struct path *path)
{
    json_each_member(keyword, schema) {
        if (slice_eq(keyword.name, ANNOTATION))
            TRY(add(map, schema, path));
        else if (slice_eq(keyword.name, S("properties")) && json_is_object(keyword.value))
            TRY(find_in_properties(map, keyword.value, path));
        else
            TRY(check_none_in(keyword.name, keyword.value));
    }
    return OK;
}

enum err param_map_new(const struct json_value *input_schema, struct param_map **ret)
{
    auto_free(param_map) map = mem_zalloc(1, sizeof(*map));
    struct path path = { .n = 0 };

    arena_init(&map->arena, PARAM_MAX_BYTES);
    TRY(find(map, input_schema, &path));
    if (map->n == 0)
        return ERR_NOT_FOUND;
    *ret = TAKE(map);
    return OK;
}
