/*
 * Do a tool's arguments fit its input schema, as far as a handler must be able to rely on?
 *
 * Looked at: `required`, and the `type` of each property that is there. The rest of JSON Schema is for the model and
 * for handlers that care. Pure.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"

struct json_value;

/* False: `why` got a sentence the model can act upon. Arguments that are absent count as {}. */
must_use bool schema_fits(const struct json_value *schema, const struct json_value *arguments, struct buf *why);
