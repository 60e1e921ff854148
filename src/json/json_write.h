/*
 * Writing JSON into a buffer: whole values, single strings, objects with some members changed, and new ones.
 *
 * Output is compact. Numbers are written as they were read. Texts marked raw are JSON already and are put as they are.
 * Nothing here fails by itself: a buffer that is full remembers it, and buf_ok() at the end of a message tells.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "json/json.h"

void json_put(struct buf *to, const struct json_value *value); /* NULL puts null */
void json_put_string(struct buf *to, struct slice text);       /* valid UTF-8; quotes and escapes it */

/* A change of one member: its new value as JSON, put where the old one was, or last if there was none. */
struct json_edit {
    struct slice name;
    struct slice raw; /* NO_SLICE takes the member away */
};

/* Puts `object` (NULL, or not an object: an empty one) with these members replaced, removed or added. */
void json_put_edited(struct buf *to, const struct json_value *object, const struct json_edit *edits, size_t n_edits);

/*
 * Builds objects and arrays and sets the commas:
 *
 *     struct json_writer w = json_writer(to);
 *     json_begin_object(&w);
 *     json_set_string(&w, S("name"), name);
 *     json_name(&w, S("sizes"));
 *     json_begin_array(&w);
 *     json_add_u64(&w, 3);
 *     json_end_array(&w);
 *     json_end_object(&w);
 *
 * `set` is a member of the object at hand; `add` an element of the array at hand, or the value after json_name.
 */
struct json_writer {
    struct buf *to;
    bool comma; /* one is due before the next name or element */
};

struct json_writer json_writer(struct buf *to);

void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_name(struct json_writer *w, struct slice name);

void json_add_string(struct json_writer *w, struct slice text);
void json_add_u64(struct json_writer *w, uint64_t n);
void json_add_i64(struct json_writer *w, int64_t n);
void json_add_bool(struct json_writer *w, bool b);
void json_add_raw(struct json_writer *w, struct slice raw);
void json_add_value(struct json_writer *w, const struct json_value *value);

void json_set_string(struct json_writer *w, struct slice name, struct slice text);
void json_set_u64(struct json_writer *w, struct slice name, uint64_t n);
void json_set_i64(struct json_writer *w, struct slice name, int64_t n);
void json_set_bool(struct json_writer *w, struct slice name, bool b);
void json_set_raw(struct json_writer *w, struct slice name, struct slice raw);
void json_set_value(struct json_writer *w, struct slice name, const struct json_value *value);
