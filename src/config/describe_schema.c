#include <string.h>

#include "base/check.h"
#include "config/describe.h"
#include "config/options.h"
#include "obs/log_line.h"

/* What any scalar may be instead: a text with a variable in it. */
#define A_VARIABLE  "\\\\$\\\\{.+\\\\}"
#define OR_VARIABLE "|.*" A_VARIABLE ".*"

#define SCALAR_TYPES "[\"string\",\"number\",\"boolean\"]" /* YAML takes 8080 and true for more than texts */

/* Rows of the table from `first` to before `end`. They are sorted, so those of one section stand together. */
struct rows {
    size_t first;
    size_t end;
};

/* The part of a row's path at `depth`, or NO_SLICE. */
static struct slice part_at(size_t row, unsigned depth)
{
    struct slice rest = options_at(row)->path;
    struct slice part = NO_SLICE;

    for (unsigned i = 0; i <= depth; i++)
        if (!slice_next(&rest, '.', &part))
            return NO_SLICE;
    return part;
}

static void put_text(struct buf *b, const char *key, struct slice text)
{
    buf_printf(b, ",\"%s\":\"", key);
    log_escape(b, text);
    buf_putc(b, '"');
}

static void put_number_type(struct buf *b, const struct option *option)
{
    uint64_t low = 0;
    uint64_t high = 0;

    CHECK(option_number(option, option->low, &low) == OK && option_number(option, option->high, &high) == OK);
    if (option->kind == OPTION_DURATION)
        buf_put(b, S("\"type\":\"string\",\"pattern\":\"^([0-9_]+ ?(ms|s|m|h|d)" OR_VARIABLE ")$\""));
    else
        buf_printf(
            b, "\"type\":[\"integer\",\"string\"],\"minimum\":%llu,\"maximum\":%llu,\"pattern\":\"^([0-9_]+%s%s)$\"",
            (unsigned long long)low, (unsigned long long)high, option->kind == OPTION_BYTES ? " ?(B|KiB|MiB|GiB)?" : "",
            OR_VARIABLE);
}

static void put_choice_type(struct buf *b, const struct option *option)
{
    struct slice name;
    unsigned value;
    bool is_first = true;

    buf_put(b, S("\"type\":\"string\",\"anyOf\":[{\"enum\":["));
    for (size_t at = 0; option_next_choice(option, &at, &name, &value); is_first = false)
        buf_printf(b, "%s\"%.*s\"", is_first ? "" : ",", SLICE_ARGS(name));
    buf_put(b, S("]},{\"pattern\":\"" A_VARIABLE "\"}]"));
}

static void put_type(struct buf *b, const struct option *option)
{
    switch (option->kind) {
    case OPTION_COUNT:
    case OPTION_BYTES:
    case OPTION_DURATION:
        put_number_type(b, option);
        return;
    case OPTION_CHOICE:
        put_choice_type(b, option);
        return;
    case OPTION_PATH:
        buf_put(b, S("\"type\":\"string\",\"minLength\":1"));
        return;
    case OPTION_URL:
        buf_put(b, S("\"type\":\"string\",\"pattern\":\"^(https?://.+" OR_VARIABLE ")$\""));
        return;
    case OPTION_LISTENERS:
    case OPTION_ORIGINS:
    case OPTION_VARIABLES:
        buf_put(b, S("\"type\":[\"array\",\"string\"],\"items\":{\"type\":\"string\"},\"uniqueItems\":true"));
        return;
    case OPTION_WORDS:
        buf_put(b, S("\"type\":[\"array\",\"string\"],\"items\":{\"type\":" SCALAR_TYPES "},\"minItems\":1"));
        return;
    case OPTION_VALUES:
        buf_put(b, S("\"type\":\"object\",\"additionalProperties\":{\"type\":" SCALAR_TYPES "}"));
        return;
    }
    UNREACHABLE();
}

static void put_setting(struct buf *b, const struct option *option)
{
    uint64_t number;

    buf_putc(b, '{');
    put_type(b, option);
    put_text(b, "description", option->sentence);
    if (option->kind == OPTION_COUNT && option_number(option, option->default_text, &number) == OK)
        buf_printf(b, ",\"default\":%llu", (unsigned long long)number);
    else if (option->default_text.len > 0)
        put_text(b, "default", option->default_text);
    buf_putc(b, '}');
}

static void put_object(struct buf *b, struct rows rows, unsigned depth);

/* The rows that begin with the same parts as the first of them, up to `depth`. */
static struct rows group(struct rows rows, unsigned depth)
{
    struct rows same = { rows.first, rows.first + 1 };

    while (same.end < rows.end && slice_eq(part_at(same.end, depth), part_at(rows.first, depth)))
        same.end++;
    return same;
}

static void put_member(struct buf *b, struct rows rows, unsigned depth)
{
    if (part_at(rows.first, depth + 1).ptr == NULL)
        put_setting(b, options_at(rows.first));
    else
        put_object(b, rows, depth + 1);
}

static void put_properties(struct buf *b, struct rows rows, unsigned depth)
{
    buf_put(b, S("\"additionalProperties\":false,\"properties\":{"));
    for (struct rows same; rows.first < rows.end; rows.first = same.end) {
        same = group(rows, depth);
        buf_printf(b, "\"%.*s\":", SLICE_ARGS(part_at(same.first, depth)));
        put_member(b, same, depth);
        if (same.end < rows.end)
            buf_putc(b, ',');
    }
    buf_putc(b, '}');
}

/* All there is below one section; below "servers", names are free and what they stand for is the same. */
static void put_object(struct buf *b, struct rows rows, unsigned depth)
{
    buf_put(b, depth == 0 ? S("\"type\":\"object\",") : S("{\"type\":[\"object\",\"null\"],"));
    if (slice_eq(part_at(rows.first, depth), S("*"))) {
        buf_put(b, S("\"propertyNames\":{\"pattern\":\"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$\"},"
                     "\"additionalProperties\":{\"type\":\"object\","
                     "\"oneOf\":[{\"required\":[\"command\"]},{\"required\":[\"url\"]}],"));
        put_properties(b, rows, depth + 1);
        buf_putc(b, '}');
    } else {
        put_properties(b, rows, depth);
    }
    if (depth > 0)
        buf_putc(b, '}');
}

void describe_schema(struct buf *b)
{
    buf_put(b, S("{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
                 "\"title\":\"Configuration of Gatehouse\","));
    put_object(b, (struct rows){ 0, options_count() }, 0);
    buf_put(b, S("}\n"));
}
