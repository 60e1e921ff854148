/*
 * Reading documents: what a value is, its members, its elements, its text.
 */
#include "json/json.h"

#include "json/json_internal.h"

bool json_is_object(const struct json_value *value)
{
    return yyjson_is_obj(json_val(value));
}

bool json_is_array(const struct json_value *value)
{
    return yyjson_is_arr(json_val(value));
}

bool json_is_string(const struct json_value *value)
{
    return yyjson_is_str(json_val(value));
}

bool json_is_number(const struct json_value *value)
{
    return yyjson_is_raw(json_val(value));
}

bool json_is_bool(const struct json_value *value)
{
    return yyjson_is_bool(json_val(value));
}

bool json_is_null(const struct json_value *value)
{
    return yyjson_is_null(json_val(value));
}

bool json_is_true(const struct json_value *value)
{
    return yyjson_is_true(json_val(value));
}

const struct json_value *json_get(const struct json_value *object, struct slice name)
{
    json_each_member(m, object)
        if (slice_eq(m.name, name))
            return m.value;
    return NULL;
}

struct slice json_string(const struct json_value *value)
{
    return json_is_string(value) ? json_val_text(json_val(value)) : NO_SLICE;
}

struct slice json_get_string(const struct json_value *object, struct slice name)
{
    return json_string(json_get(object, name));
}

bool json_string_is(const struct json_value *value, struct slice text)
{
    return json_is_string(value) && slice_eq(json_string(value), text);
}

struct slice json_number_text(const struct json_value *value)
{
    return json_is_number(value) ? json_val_text(json_val(value)) : NO_SLICE;
}

size_t json_size(const struct json_value *value)
{
    return json_is_object(value) || json_is_array(value) ? unsafe_yyjson_get_len(json_val(value)) : 0;
}

struct json_members json_members(const struct json_value *object)
{
    if (!json_is_object(object) || json_size(object) == 0)
        return (struct json_members){ .n_left = 0 };
    return (struct json_members){
        .next = unsafe_yyjson_get_first(json_val(object)),
        .n_left = json_size(object),
    };
}

bool json_next_member(struct json_members *m)
{
    if (m->n_left == 0)
        return false;

    yyjson_val *name = json_val(m->next);
    m->name = json_val_text(name);
    m->value = json_value_of(name + 1);
    m->next = unsafe_yyjson_get_next(name + 1);
    m->n_left--;
    return true;
}

struct json_elements json_elements(const struct json_value *array)
{
    if (!json_is_array(array) || json_size(array) == 0)
        return (struct json_elements){ .n_left = 0 };
    return (struct json_elements){
        .next = unsafe_yyjson_get_first(json_val(array)),
        .n_left = json_size(array),
    };
}

bool json_next_element(struct json_elements *e)
{
    if (e->n_left == 0)
        return false;

    e->value = e->next;
    e->next = unsafe_yyjson_get_next(json_val(e->value));
    e->n_left--;
    return true;
}
