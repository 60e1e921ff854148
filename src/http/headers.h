/*
 * Header fields of one message: an ordered list of names and values that live in an arena.
 *
 * Names compare without regard to case, values keep every byte. A field whose name holds `_` is never listed: some
 * servers read `X_User` as `X-User`, so it could pass for a field that a proxy has set (S-61).
 *
 * Memory: the list grows in the arena it was given; the bytes of names and values are borrowed. Threads: as the arena.
 */
#pragma once

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct http_header {
    struct slice name;
    struct slice value; /* without blanks at either end */
};

struct http_headers {
    struct http_header *fields;
    size_t n_fields;
    size_t size; /* fields there is room for */
    struct arena *arena;
};

void http_headers_init(struct http_headers *headers, struct arena *arena); /* borrows the arena */

/* Appends a field, borrowing both texts; one with `_` in its name is left out. ERR_LIMIT: the arena is full. */
must_use enum err http_headers_add(struct http_headers *headers, struct slice name, struct slice value);

/* The value of the first field of that name; NO_SLICE when there is none. */
struct slice http_headers_find(const struct http_headers *headers, struct slice name);

size_t http_headers_count(const struct http_headers *headers, struct slice name);

/* The value of the field of that name after *at, which starts at 0 and moves on; false: there is no other. */
bool http_headers_next(const struct http_headers *headers, struct slice name, size_t *at, struct slice *ret_value);

/* Is `token` among the comma-separated members of any field of that name, ignoring case? */
bool http_headers_has_token(const struct http_headers *headers, struct slice name, struct slice token);
