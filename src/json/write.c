/*
 * Writing values as they were read, and objects with some members changed.
 */
#include "json/json_write.h"

#include "base/check.h"
#include "json/json_internal.h"

/* What stands behind the backslash, 'u' for the long form, 0 for what needs none. */
static char escape_of(char c)
{
    switch (c) {
    case '"':
    case '\\':
        return c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return (unsigned char)c < 0x20 ? 'u' : 0;
    }
}

static void put_escaped(struct buf *to, char c, char escape)
{
    static const char hex[] = "0123456789abcdef";

    buf_putc(to, '\\');
    buf_putc(to, escape);
    if (escape == 'u') {
        buf_put(to, S("00"));
        buf_putc(to, hex[(unsigned char)c >> 4]);
        buf_putc(to, hex[c & 15]);
    }
}

void json_put_string(struct buf *to, struct slice text)
{
    size_t start = 0; /* of the run that needs no escaping */

    buf_putc(to, '"');
    for (size_t i = 0; i < text.len; i++) {
        char escape = escape_of(text.ptr[i]);
        if (escape == 0)
            continue;
        buf_put(to, (struct slice){ text.ptr + start, i - start });
        put_escaped(to, text.ptr[i], escape);
        start = i + 1;
    }
    buf_put(to, slice_from(text, start));
    buf_putc(to, '"');
}

/* A container that is being written. */
struct frame {
    size_t n_left; /* of an object: members */
    bool is_object;
    bool comma; /* one is due before the next */
};

static void put_scalar(struct buf *to, const struct json_value *value)
{
    if (json_is_string(value))
        json_put_string(to, json_string(value));
    else if (json_is_number(value))
        buf_put(to, json_number_text(value));
    else if (json_is_bool(value))
        buf_put(to, json_is_true(value) ? S("true") : S("false"));
    else
        buf_put(to, S("null"));
}

/*
 * A document is one array of values, each followed by what it contains, so the walk is a loop over it; the frames
 * remember only what has to be closed when. Their number is bounded by what json_parse lets through.
 */
void json_put(struct buf *to, const struct json_value *value)
{
    struct frame frames[JSON_DEPTH_CEILING];
    size_t depth = 0;

    for (yyjson_val *val = json_val(value);; val++) {
        const struct json_value *at = json_value_of(val);
        if (json_is_object(at) || json_is_array(at)) {
            CHECK(depth < JSON_DEPTH_CEILING);
            frames[depth] = (struct frame){ .n_left = json_size(at), .is_object = json_is_object(at) };
            buf_putc(to, frames[depth++].is_object ? '{' : '[');
        } else {
            put_scalar(to, at);
        }

        while (depth > 0 && frames[depth - 1].n_left == 0)
            buf_putc(to, frames[--depth].is_object ? '}' : ']');
        if (depth == 0 || to->failed)
            return;

        struct frame *frame = &frames[depth - 1];
        if (frame->comma)
            buf_putc(to, ',');
        frame->comma = true;
        frame->n_left--;
        if (frame->is_object) {
            val++;
            json_put_string(to, json_val_text(val));
            buf_putc(to, ':');
        }
    }
}

static const struct json_edit *find_edit(const struct json_edit *edits, size_t n_edits, struct slice name)
{
    for (size_t i = 0; i < n_edits; i++)
        if (slice_eq(edits[i].name, name))
            return &edits[i];
    return NULL;
}

void json_put_edited(struct buf *to, const struct json_value *object, const struct json_edit *edits, size_t n_edits)
{
    struct json_writer w = json_writer(to);

    json_begin_object(&w);
    json_each_member(m, object) {
        const struct json_edit *edit = find_edit(edits, n_edits, m.name);
        if (edit == NULL)
            json_set_value(&w, m.name, m.value);
        else if (edit->raw.ptr != NULL && json_get(object, m.name) == m.value) /* a second one of this name goes */
            json_set_raw(&w, m.name, edit->raw);
    }
    for (size_t i = 0; i < n_edits; i++)
        if (edits[i].raw.ptr != NULL && json_get(object, edits[i].name) == NULL)
            json_set_raw(&w, edits[i].name, edits[i].raw);
    json_end_object(&w);
}
