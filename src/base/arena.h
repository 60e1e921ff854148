/*
 * Request-long memory: many small pieces, freed all at once, with a ceiling.
 *
 * Memory: blocks of at least 4 KiB, at most `max` bytes in all. arena_reset keeps the first block for the next request.
 * Threads: one owner at a time.
 */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/slice.h"

struct arena_block;

struct arena {
    struct arena_block *first;
    struct arena_block *last;
    size_t used; /* bytes of all blocks */
    size_t max;
};

void arena_init(struct arena *a, size_t max);
void arena_reset(struct arena *a);
void arena_done(struct arena *a);

must_use void *arena_alloc(struct arena *a, size_t size); /* aligned and zeroed; NULL when the ceiling is reached */

/* Gives a copy (with a NUL after it) that lives as long as the arena; NULL pointer when the ceiling is reached. */
must_use struct slice arena_dup(struct arena *a, struct slice s);
