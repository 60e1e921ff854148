/*
 * Finding a name that an object has twice, in linear time whatever the object.
 */
#include "base/map.h"
#include "json/json_internal.h"

#define N_COMPARED_DIRECTLY 16 /* up to here comparing each with each is quicker than a map */

static struct slice find_in_small(const struct json_value *object)
{
    struct slice names[N_COMPARED_DIRECTLY];
    size_t n = 0;

    json_each_member(m, object) {
        for (size_t i = 0; i < n; i++)
            if (slice_eq(names[i], m.name))
                return m.name;
        names[n++] = m.name;
    }
    return NO_SLICE;
}

struct slice json_find_duplicate(const struct json_value *object)
{
    if (!json_is_object(object))
        return NO_SLICE;
    if (json_size(object) <= N_COMPARED_DIRECTLY)
        return find_in_small(object);

    struct map seen;
    struct slice found = NO_SLICE;
    map_init(&seen, json_size(object));
    json_each_member(m, object) {
        if (map_add(&seen, m.name, &seen) != OK) {
            found = m.name;
            break;
        }
    }
    map_done(&seen);
    return found;
}

struct slice json_find_duplicate_below(const struct json_value *value)
{
    if (!json_is_object(value) && !json_is_array(value))
        return NO_SLICE;

    /* A document is one array of values, each followed by what it contains: a walk needs no stack. */
    yyjson_val *end = unsafe_yyjson_get_next(json_val(value));
    for (yyjson_val *val = json_val(value); val < end; val++) {
        struct slice found = json_find_duplicate(json_value_of(val));
        if (found.ptr != NULL)
            return found;
    }
    return NO_SLICE;
}
