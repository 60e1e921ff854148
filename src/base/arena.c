#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#define BLOCK_BYTES 4096u

struct arena_block {
    struct arena_block *next;
    size_t used;
    size_t size;
    alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *a, size_t max)
{
    *a = (struct arena){ .max = max };
}

static void free_from(struct arena_block *block)
{
    while (block != NULL) {
        struct arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_reset(struct arena *a)
{
    if (a->first == NULL)
        return;
    free_from(a->first->next);
    a->first->next = NULL;
    a->first->used = 0;
    a->last = a->first;
    a->used = a->first->size;
}

void arena_done(struct arena *a)
{
    free_from(a->first);
    arena_init(a, a->max);
}

static struct arena_block *add_block(struct arena *a, size_t size)
{
    if (size > a->max - a->used)
        return NULL;
    struct arena_block *block = malloc(sizeof(*block) + size);
    if (block == NULL)
        return NULL;
    *block = (struct arena_block){ .size = size };
    a->used += size;
    if (a->last != NULL)
        a->last->next = block;
    else
        a->first = block;
    a->last = block;
    return block;
}

void *arena_alloc(struct arena *a, size_t size)
{
    size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (rounded < size)
        return NULL;

    struct arena_block *block = a->last;
    if (block == NULL || rounded > block->size - block->used) {
        size_t left = a->max - a->used;
        block = add_block(a, rounded >= BLOCK_BYTES || left < BLOCK_BYTES ? rounded : BLOCK_BYTES);
        if (block == NULL)
            return NULL;
    }
    void *p = block->bytes + block->used;
    block->used += rounded;
    return memset(p, 0, rounded); /* here and not with the block: most of it is never handed out */
}

struct slice arena_dup(struct arena *a, struct slice s)
{
    char *copy = s.len < SIZE_MAX ? arena_alloc(a, s.len + 1) : NULL;

    if (copy == NULL)
        return NO_SLICE;
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    return (struct slice){ copy, s.len };
}
