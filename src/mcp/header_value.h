/*
 * Header values that mirror parts of a message: `Mcp-Name`, `Mcp-Param-*` (T-57, T-58).
 *
 * What plain text cannot carry travels as "=?base64?" + standard Base64 of UTF-8 + "?=". The markers are exact and
 * lower-case; half a marker is a literal. Pure functions.
 */
#pragma once

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * Gives the value that was meant: trimmed, decoded if it wears the markers (then it lives in the arena).
 * ERR_SYNTAX: a byte outside printable ASCII, or wrong Base64; ERR_UTF8: the decoded bytes are not UTF-8;
 * ERR_LIMIT: the arena is full.
 */
must_use enum err header_value_decode(struct slice raw, struct arena *arena, struct slice *ret);

/* Appends the spelling of `value` (UTF-8) that header_value_decode gives back, plain where possible. */
void header_value_put(struct buf *to, struct slice value);
