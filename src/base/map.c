#include "base/map.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/random.h"

#define FIRST_SLOTS 16u

/* Open addressing with linear probing; removal moves later entries of the run back, so there are no tombstones. */
struct map_slot {
    struct slice key;
    void *value; /* NULL: free slot */
};

void map_init(struct map *m, size_t max)
{
    *m = (struct map){ .max = max, .seed = random_u64() };
}

void map_done(struct map *m)
{
    for (size_t i = 0; i < m->n_slots; i++)
        free((void *)(uintptr_t)m->slots[i].key.ptr);
    free(m->slots);
    *m = (struct map){ .max = m->max, .seed = m->seed };
}

static size_t home_of(const struct map *m, struct slice key)
{
    return (size_t)slice_hash(key, m->seed) & (m->n_slots - 1);
}

/* The key's slot, or the free one where it belongs. */
static struct map_slot *probe(const struct map *m, struct slice key)
{
    size_t i = home_of(m, key);

    while (m->slots[i].value != NULL && !slice_eq(m->slots[i].key, key))
        i = (i + 1) & (m->n_slots - 1);
    return &m->slots[i];
}

static void grow(struct map *m)
{
    struct map old = *m;

    m->n_slots = old.n_slots > 0 ? old.n_slots * 2 : FIRST_SLOTS;
    m->slots = mem_zalloc(m->n_slots, sizeof(struct map_slot));
    for (size_t i = 0; i < old.n_slots; i++)
        if (old.slots[i].value != NULL)
            *probe(m, old.slots[i].key) = old.slots[i];
    free(old.slots);
}

enum err map_add(struct map *m, struct slice key, void *value)
{
    if (map_find(m, key) != NULL)
        return ERR_DUPLICATE;
    if (m->n >= m->max)
        return ERR_LIMIT;
    if ((m->n + 1) * 4 > m->n_slots * 3)
        grow(m);
    *probe(m, key) = (struct map_slot){ mem_dup(key), value };
    m->n++;
    return OK;
}

void *map_find(const struct map *m, struct slice key)
{
    return m->n_slots == 0 ? NULL : probe(m, key)->value;
}

void *map_remove(struct map *m, struct slice key)
{
    if (m->n_slots == 0)
        return NULL;

    struct map_slot *slot = probe(m, key);
    void *value = slot->value;
    if (value == NULL)
        return NULL;
    free((void *)(uintptr_t)slot->key.ptr);
    *slot = (struct map_slot){ 0 };
    m->n--;

    size_t hole = (size_t)(slot - m->slots);
    for (size_t i = (hole + 1) & (m->n_slots - 1); m->slots[i].value != NULL; i = (i + 1) & (m->n_slots - 1)) {
        size_t home = home_of(m, m->slots[i].key);
        bool may_move = ((i - home) & (m->n_slots - 1)) >= ((i - hole) & (m->n_slots - 1));
        if (may_move) {
            m->slots[hole] = m->slots[i];
            m->slots[i] = (struct map_slot){ 0 };
            hole = i;
        }
    }
    return value;
}

void *map_next(const struct map *m, size_t *at, struct slice *ret_key)
{
    while (*at < m->n_slots) {
        const struct map_slot *slot = &m->slots[(*at)++];
        if (slot->value != NULL) {
            if (ret_key != NULL)
                *ret_key = slot->key;
            return slot->value;
        }
    }
    return NULL;
}
