/*
 * How a struct json_value is a yyjson_val, for the files of this folder.
 */
#pragma once

#include <stdint.h>

#include <yyjson.h>

#include "base/slice.h"
#include "json/json.h"

/* The library has no const accessors, and none of those used here writes. */
static inline yyjson_val *json_val(const struct json_value *value)
{
    return (yyjson_val *)(uintptr_t)value;
}

static inline const struct json_value *json_value_of(const yyjson_val *val)
{
    return (const struct json_value *)(const void *)val;
}

static inline struct slice json_val_text(yyjson_val *val) /* of a string or a raw number */
{
    return (struct slice){ unsafe_yyjson_get_str(val), unsafe_yyjson_get_len(val) };
}
