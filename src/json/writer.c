/*
 * Building objects and arrays: all there is to remember is whether a comma is due.
 */
#include "json/json_write.h"

struct json_writer json_writer(struct buf *to)
{
    return (struct json_writer){ .to = to };
}

static struct buf *next(struct json_writer *w)
{
    if (w->comma)
        buf_putc(w->to, ',');
    w->comma = true;
    return w->to;
}

static void begin(struct json_writer *w, char c)
{
    buf_putc(next(w), c);
    w->comma = false;
}

static void end(struct json_writer *w, char c)
{
    buf_putc(w->to, c);
    w->comma = true;
}

void json_begin_object(struct json_writer *w)
{
    begin(w, '{');
}

void json_end_object(struct json_writer *w)
{
    end(w, '}');
}

void json_begin_array(struct json_writer *w)
{
    begin(w, '[');
}

void json_end_array(struct json_writer *w)
{
    end(w, ']');
}

void json_name(struct json_writer *w, struct slice name)
{
    json_put_string(next(w), name);
    buf_putc(w->to, ':');
    w->comma = false;
}

void json_add_string(struct json_writer *w, struct slice text)
{
    json_put_string(next(w), text);
}

void json_add_u64(struct json_writer *w, uint64_t n)
{
    buf_put_u64(next(w), n);
}

void json_add_i64(struct json_writer *w, int64_t n)
{
    struct buf *to = next(w);

    if (n < 0)
        buf_putc(to, '-');
    buf_put_u64(to, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void json_add_bool(struct json_writer *w, bool b)
{
    buf_put(next(w), b ? S("true") : S("false"));
}

void json_add_raw(struct json_writer *w, struct slice raw)
{
    buf_put(next(w), raw);
}

void json_add_value(struct json_writer *w, const struct json_value *value)
{
    json_put(next(w), value);
}

void json_set_string(struct json_writer *w, struct slice name, struct slice text)
{
    json_name(w, name);
    json_add_string(w, text);
}

void json_set_u64(struct json_writer *w, struct slice name, uint64_t n)
{
    json_name(w, name);
    json_add_u64(w, n);
}

void json_set_i64(struct json_writer *w, struct slice name, int64_t n)
{
    json_name(w, name);
    json_add_i64(w, n);
}

void json_set_bool(struct json_writer *w, struct slice name, bool b)
{
    json_name(w, name);
    json_add_bool(w, b);
}

void json_set_raw(struct json_writer *w, struct slice name, struct slice raw)
{
    json_name(w, name);
    json_add_raw(w, raw);
}

void json_set_value(struct json_writer *w, struct slice name, const struct json_value *value)
{
    json_name(w, name);
    json_add_value(w, value);
}
