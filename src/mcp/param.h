/*
 * Arguments that travel in headers: `x-mcp-header` in a tool's input schema names an Mcp-Param-* header that mirrors
 * the argument (T-58 to T-61, U-05, U-08).
 *
 * Memory: a map keeps copies of what it needs from the schema, at most PARAM_MAX_BYTES. Threads: immutable.
 */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "json/json.h"

#define PARAM_MAX       64u          /* annotations of one tool */
#define PARAM_MAX_BYTES (64u * 1024) /* of their names and paths */

struct param_map; /* which arguments of one tool travel in headers */

/*
 * Gives the map of an input schema.
 *
 *   ERR_NOT_FOUND  nothing is annotated
 *   ERR_INVALID    an annotation breaks T-59: not a token, given twice, not on a string, an integer or a boolean, or not
 *                  reachable by `properties` alone. Such a tool of a modern upstream is dropped from its list.
 *   ERR_LIMIT      more annotations than PARAM_MAX, or larger than PARAM_MAX_BYTES
 */
must_use enum err param_map_new(const struct json_value *input_schema, struct param_map **ret);
void param_map_free(struct param_map *map); /* takes; NULL is fine */
DEFINE_AUTO_FREE(param_map)

/* Finds the value of a header, ignoring the case of its name. NO_SLICE: absent. */
typedef struct slice (*param_header_fn)(void *context, struct slice header_name);

/*
 * Do the headers say what the arguments say? ERR_INVALID: one is missing, differs, cannot be decoded, or is there while
 * its argument is absent or null (-32020). Integers compare by value. An argument of a type that cannot be mirrored is
 * passed over: whoever checks the parameters refuses it.
 */
must_use enum err param_map_check(const struct param_map *map, const struct json_value *arguments, param_header_fn find,
                                  void *context);

/* The annotations one by one, below param_map_size: the whole name of the header, "Mcp-Param-Env". */
size_t param_map_size(const struct param_map *map);
struct slice param_map_header(const struct param_map *map, size_t i);

/*
 * Appends the value that header has for these arguments. ERR_NOT_FOUND: the argument is absent or null, so send no
 * header; ERR_INVALID: it cannot be mirrored (another type, or an integer beyond 2^53-1); ERR_LIMIT: `to` is full.
 */
must_use enum err param_map_encode(const struct param_map *map, size_t i, const struct json_value *arguments,
                                   struct buf *to);
