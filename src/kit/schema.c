#include "kit/schema.h"

#include "json/json.h"

#define SHOWN_NAME_MAX 100 /* bytes of a name in a sentence */

static bool is_of_type(const struct json_value *value, struct slice type)
{
    int64_t n;

    if (slice_eq(type, S("string")))
        return json_is_string(value);
    if (slice_eq(type, S("integer"))) /* 1.0 is one too (JSON Schema 2020-12, 6.1.1), and so is one above 2^63 */
        return json_is_integer(value) || json_integer(value, &n) == OK;
    if (slice_eq(type, S("number")))
        return json_is_number(value);
    if (slice_eq(type, S("boolean")))
        return json_is_bool(value);
    if (slice_eq(type, S("object")))
        return json_is_object(value);
    if (slice_eq(type, S("array")))
        return json_is_array(value);
    if (slice_eq(type, S("null")))
        return json_is_null(value);
    return true; /* a type we do not know forbids nothing */
}

/* `type` is absent, a name, or an array of names of which one must fit. */
static bool fits_type(const struct json_value *value, const struct json_value *type)
{
    if (json_is_string(type))
        return is_of_type(value, json_string(type));
    if (!json_is_array(type) || json_size(type) == 0)
        return true;
    json_each_element(e, type)
        if (is_of_type(value, json_string(e.value)))
            return true;
    return false;
}

static void put_type(struct buf *to, const struct json_value *type)
{
    bool first = true;

    if (json_is_string(type))
        buf_put(to, json_string(type));
    json_each_element(e, type) {
        buf_put(to, first ? S("") : S(" or "));
        buf_put(to, slice_first(json_string(e.value), SHOWN_NAME_MAX));
        first = false;
    }
}

static void put_name(struct buf *to, struct slice name)
{
    buf_put(to, S("\""));
    buf_put(to, name.len <= SHOWN_NAME_MAX ? name : S("(a long name)")); /* cutting could split a character */
    buf_put(to, S("\""));
}

bool schema_fits(const struct json_value *schema, const struct json_value *arguments, struct buf *why)
{
    json_each_element(e, json_get(schema, S("required"))) {
        if (json_is_string(e.value) && json_get(arguments, json_string(e.value)) == NULL) {
            buf_put(why, S("the argument "));
            put_name(why, json_string(e.value));
            buf_put(why, S(" is missing"));
            return false;
        }
    }

    json_each_member(property, json_get(schema, S("properties"))) {
        const struct json_value *value = json_get(arguments, property.name);
        const struct json_value *type = json_get(property.value, S("type"));
        if (value != NULL && !fits_type(value, type)) {
            buf_put(why, S("the argument "));
            put_name(why, property.name);
            buf_put(why, S(" must be of type "));
            put_type(why, type);
            return false;
        }
    }
    return true;
}
