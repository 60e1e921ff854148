/*
 * JSON documents (RFC 8259): strict parsing under limits, and reading without ever failing on an absent member.
 *
 * A document is immutable. Numbers stay the text they came as, so that ids and huge values pass through byte by byte.
 * Every accessor takes NULL as "absent", so that json_get(json_get(v, a), b) needs no checks on the way.
 *
 * Memory: one heap block for a copy of the text and one for the values, 16 bytes each; json_free gives both back. What
 * is read from a document (values, strings) is borrowed and lives as long as the document. Threads: a document may be
 * read by many.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct json;
struct json_value;

/* What is checked in a pass over the text, before anything is allocated for values. */
struct json_limits {
    uint32_t max_depth;      /* containers inside each other: at most JSON_DEPTH_CEILING */
    uint32_t max_nodes;      /* values and member names together */
    uint32_t max_number_len; /* characters of one number */
};

#define JSON_DEPTH_CEILING 256
#define JSON_LIMITS_MCP    ((struct json_limits){ .max_depth = 128, .max_nodes = 200000, .max_number_len = 64 })

/*
 * Gives the document in `text` (borrowed for the call). The length of the text is the caller's to limit.
 *
 *   ERR_UTF8                           not strict UTF-8
 *   ERR_SYNTAX                         not JSON, a byte order mark, or half a surrogate pair; *reterr_at says where
 *   ERR_DEPTH, ERR_NODES, ERR_NUMBER   above that limit
 *   ERR_MEMORY
 */
must_use enum err json_parse(struct slice text, const struct json_limits *limits, struct json **ret,
                             struct err_at *reterr_at);
void json_free(struct json *json); /* takes; NULL is fine */
DEFINE_AUTO_FREE(json)

const struct json_value *json_root(const struct json *json);

bool json_is_object(const struct json_value *value);
bool json_is_array(const struct json_value *value);
bool json_is_string(const struct json_value *value);
bool json_is_number(const struct json_value *value);
bool json_is_integer(const struct json_value *value); /* a number without fraction and exponent, of any size */
bool json_is_bool(const struct json_value *value);
bool json_is_null(const struct json_value *value); /* the literal null: an absent value is not */

/* The member of this very name, bytes compared exactly; the first of several. NULL: no such member, or no object. */
const struct json_value *json_get(const struct json_value *object, struct slice name);

/* The string's bytes, unescaped; they may hold NUL. NO_SLICE: not a string. An empty string has a pointer. */
struct slice json_string(const struct json_value *value);
struct slice json_get_string(const struct json_value *object, struct slice name);
bool json_string_is(const struct json_value *value, struct slice text); /* a string, and just this one */

/* The number as it was written. NO_SLICE: not a number. */
struct slice json_number_text(const struct json_value *value);

/* The number's value. ERR_INVALID: absent, not a number, written with fraction or exponent, or out of range. */
must_use enum err json_u64(const struct json_value *value, uint64_t *ret);
must_use enum err json_i64(const struct json_value *value, int64_t *ret);

/* As json_i64, but by value: 1.0 and 10e-1 are 1 too. */
must_use enum err json_integer(const struct json_value *value, int64_t *ret);

/* The number's value, rounded as doubles are. ERR_INVALID: absent, not a number, or beyond what a double holds. */
must_use enum err json_double(const struct json_value *value, double *ret);

bool json_is_true(const struct json_value *value); /* the literal true and nothing else */

size_t json_size(const struct json_value *value); /* members of an object, elements of an array, else 0 */

/*
 * Walks, without allocating:
 *
 *     json_each_member(m, object)
 *         use(m.name, m.value);
 */
struct json_members {
    struct slice name;
    const struct json_value *value;
    const void *next;
    size_t n_left;
};

struct json_elements {
    const struct json_value *value;
    const void *next;
    size_t n_left;
};

struct json_members json_members(const struct json_value *object); /* of anything else: empty */
bool json_next_member(struct json_members *m);
struct json_elements json_elements(const struct json_value *array);
bool json_next_element(struct json_elements *e);

/* NOLINTBEGIN(bugprone-macro-parentheses): the first name is declared here */
#define json_each_member(m, object) for (struct json_members m = json_members(object); json_next_member(&m);)
#define json_each_element(e, array) for (struct json_elements e = json_elements(array); json_next_element(&e);)
/* NOLINTEND(bugprone-macro-parentheses) */

/*
 * A name that one object has twice, in this object alone or in it and everything below; NO_SLICE: there is none. Two
 * readers of such an object may see two different values (S-78), so what decides anything is refused. Time: linear.
 */
struct slice json_find_duplicate(const struct json_value *object);
struct slice json_find_duplicate_below(const struct json_value *value);
