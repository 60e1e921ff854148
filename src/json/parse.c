/*
 * From text to document: a pass that checks the limits, then the library.
 */
#include <stdlib.h>

#include <yyjson.h>

#include "base/check.h"
#include "base/utf8.h"
#include "json/json.h"
#include "json/json_internal.h"

#define READ_FLAGS (YYJSON_READ_INSITU | YYJSON_READ_NUMBER_AS_RAW)

/* The text stands behind the struct, because the library unescapes strings in place. */
struct json {
    yyjson_doc *doc;
    char text[];
};

static bool is_in_number(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static bool is_in_literal(char c)
{
    return c >= 'a' && c <= 'z';
}

/* The index behind the string that starts at `i`, or the end of the text if it never ends. */
static size_t skip_string(struct slice text, size_t i)
{
    for (i++; i < text.len && text.ptr[i] != '"'; i++)
        if (text.ptr[i] == '\\')
            i++;
    return i < text.len ? i + 1 : text.len;
}

/*
 * Counts what the text would become, without caring whether it is JSON: that is for the library to say. Text that is
 * wrong may be counted wrongly, but never as less than the library would allocate before it notices.
 */
static enum err check_limits(struct slice text, const struct json_limits *limits, size_t *reterr_offset)
{
    uint32_t depth = 0;
    uint32_t n_nodes = 0;
    size_t i = 0;

    while (i < text.len) {
        size_t start = i;
        char c = text.ptr[i];
        *reterr_offset = start;

        if (c == '"') {
            i = skip_string(text, i);
        } else if (c == '{' || c == '[') {
            if (++depth > limits->max_depth)
                return ERR_DEPTH;
            i++;
        } else if (c == '}' || c == ']') {
            depth -= depth > 0;
            i++;
            continue;
        } else if ((c >= '0' && c <= '9') || c == '-') {
            while (i < text.len && is_in_number(text.ptr[i]))
                i++;
            if (i - start > limits->max_number_len)
                return ERR_NUMBER;
        } else if (is_in_literal(c)) {
            while (i < text.len && is_in_literal(text.ptr[i]))
                i++;
        } else {
            i++;
            continue;
        }
        if (++n_nodes > limits->max_nodes)
            return ERR_NODES;
    }
    return OK;
}

static struct err_at at_offset(struct slice text, size_t offset)
{
    struct err_at at = { .offset = offset, .line = 1, .column = 1 };

    for (size_t i = 0; i < offset && i < text.len; i++) {
        at.column++;
        if (text.ptr[i] == '\n') {
            at.line++;
            at.column = 1;
        }
    }
    return at;
}

enum err json_parse(struct slice text, const struct json_limits *limits, struct json **ret, struct err_at *reterr_at)
{
    CHECK(limits->max_depth <= JSON_DEPTH_CEILING);
    *reterr_at = (struct err_at){ .line = 1, .column = 1 };

    if (!utf8_is_valid(text))
        return ERR_UTF8;
    size_t offset = 0;
    enum err e = check_limits(text, limits, &offset);
    if (e != OK) {
        *reterr_at = at_offset(text, offset);
        return e;
    }
    if (text.len == 0)
        return ERR_SYNTAX;

    struct json *json = malloc(sizeof(*json) + text.len + YYJSON_PADDING_SIZE);
    if (json == NULL)
        return ERR_MEMORY;
    memcpy(json->text, text.ptr, text.len);
    memset(json->text + text.len, 0, YYJSON_PADDING_SIZE);

    yyjson_read_err error;
    json->doc = yyjson_read_opts(json->text, text.len, READ_FLAGS, NULL, &error);
    if (json->doc == NULL) {
        free(json);
        if (error.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
            return ERR_MEMORY;
        *reterr_at = at_offset(text, error.pos);
        return ERR_SYNTAX;
    }
    *ret = json;
    return OK;
}

void json_free(struct json *json)
{
    if (json == NULL)
        return;
    yyjson_doc_free(json->doc);
    free(json);
}

const struct json_value *json_root(const struct json *json)
{
    return json == NULL ? NULL : json_value_of(yyjson_doc_get_root(json->doc));
}
