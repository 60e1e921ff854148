/*
 * Bytes that nobody but their user may see: wiped when done, compared in constant time, impossible to log.
 *
 * The log's F() has no branch for struct secret, so logging one does not compile. Memory: a heap block of its own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/slice.h"

struct secret {
    char *ptr;
    size_t len;
};

struct secret secret_copy(struct slice bytes); /* gives */
struct secret secret_random(size_t n);         /* gives */
void secret_done(struct secret *s);            /* wipes and frees; a zeroed one is fine */

/* The bytes, for the one call that needs them. */
static inline struct slice secret_reveal(const struct secret *s)
{
    return (struct slice){ s->ptr, s->len };
}

/* Equal? Takes as long for any content of the same lengths. */
bool secret_eq(struct slice a, struct slice b);
