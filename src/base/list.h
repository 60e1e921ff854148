/*
 * An intrusive doubly linked list: the links stand inside the things that are listed, so joining never allocates.
 *
 * A list head and an entry are both `struct list`; a head that points at itself is empty. An entry that is in no list
 * points at itself too (list_init), so leaving twice is harmless.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"

struct list {
    struct list *prev;
    struct list *next;
};

static inline void list_init(struct list *l)
{
    l->prev = l->next = l;
}

static inline bool list_is_empty(const struct list *l)
{
    return l->next == l;
}

static inline void list_append(struct list *head, struct list *entry) /* the entry must be in no list */
{
    entry->prev = head->prev;
    entry->next = head;
    head->prev->next = entry;
    head->prev = entry;
}

static inline void list_remove(struct list *entry)
{
    entry->prev->next = entry->next;
    entry->next->prev = entry->prev;
    list_init(entry);
}

/* The first entry as its struct, or NULL. */
#define list_first(head, type, member) (list_is_empty(head) ? NULL : container_of((head)->next, type, member))

/* Walks all entries; the current one may be removed or freed in the body. */
/* NOLINTBEGIN(bugprone-macro-parentheses): the two names are declared here */
#define list_each(entry, following, head)                                                                              \
    for (struct list *entry = (head)->next, *following = entry->next; entry != (head);                                 \
         entry = following, following = entry->next)
/* NOLINTEND(bugprone-macro-parentheses) */
