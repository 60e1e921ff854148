/*
 * What is wrong with a configuration: all of it, each with its place, in the order of the text.
 *
 *     gatehouse.yaml:3:5: unknown key "body_byte"; did you mean "body_bytes"?
 *     GATEHOUSE_LIMITS_BODY_BYTES: "many" is not a size such as 64KiB
 *
 * Memory: at most PROBLEMS_MAX messages; what comes after is counted. Threads: one owner.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"

#define PROBLEMS_MAX 100u

/* Where a value stands. `origin` is a file, a flag or a variable; borrowed. Line 0: it has no lines. */
struct place {
    const char *origin;
    unsigned line;
    unsigned column;
};

struct problem {
    char *origin;
    unsigned line;
    unsigned column;
    char *text;
};

struct problems {
    struct problem *items;
    size_t n;
    size_t n_more; /* beyond PROBLEMS_MAX */
};

void problems_done(struct problems *p); /* frees; a zeroed one is fine */

/* Adds one message; copies what it is given. Text from outside goes through problem_quote, to stay on its line. */
void problem_add(struct problems *p, struct place place, const char *format, ...) format_like(3, 4);

/* `text` between double quotes, escaped as in the log and cut where it gets long; gives a buffer to be done with. */
struct buf problem_quote(struct slice text);

static inline bool problems_any(const struct problems *p)
{
    return p->n > 0;
}

/* Appends all messages, one a line: by origin in the order of their first appearance, then by line and column. */
void problems_print(const struct problems *p, struct buf *ret);
