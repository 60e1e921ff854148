/*
 * A hash map from byte strings to pointers, keyed with a secret seed, with a ceiling on its entries.
 *
 * Memory: 24 bytes a slot at a load of at most 3/4, plus a copy of each key. Keys compare in full, never by hash alone.
 * The values are borrowed: whoever put them frees them. Threads: one owner at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct map_slot;

struct map {
    struct map_slot *slots;
    size_t n_slots;
    size_t n;
    size_t max; /* entries */
    uint64_t seed;
};

void map_init(struct map *m, size_t max);
void map_done(struct map *m); /* frees keys and slots, not the values */

/* Sets the value of `key` (copied); `value` is not NULL. ERR_LIMIT: full; ERR_DUPLICATE: the key is there already. */
must_use enum err map_add(struct map *m, struct slice key, void *value);
void *map_find(const struct map *m, struct slice key); /* NULL when there is none */
void *map_remove(struct map *m, struct slice key);     /* gives the value back; NULL when there was none */

/* Walks: `*at` begins as 0; gives the next value or NULL. Nothing may be added or removed on the way. */
void *map_next(const struct map *m, size_t *at, struct slice *ret_key);

/* A number as a key, in a buffer of the caller's. */
#define MAP_KEY(number) ((struct slice){ (const char *)&(number), sizeof(number) })
