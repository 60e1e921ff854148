#include "kit/registry.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "kit/template.h"
#include "json/json.h"

struct shelf {
    struct entry **entries; /* in the order of their numbers */
    size_t n;
    size_t size;
    uint64_t last_number;
    struct map by_name;
};

struct registry {
    pthread_mutex_t lock; /* guards the shelves */
    struct shelf shelves[N_ENTRY_KINDS];
};

struct entry *entry_new(enum entry_kind kind, struct slice name)
{
    struct entry *e = mem_zalloc(1, sizeof(*e));

    e->kind = kind;
    e->name = mem_strdup(name);
    atomic_init(&e->refs, 1);
    return e;
}

struct entry *entry_ref(struct entry *e)
{
    atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
    return e;
}

void entry_free(struct entry *e)
{
    if (e == NULL || atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) > 1)
        return;
    free(e->name);
    free(e->json);
    free(e->mime_type);
    json_free(e->schema);
    free(e->schema_text);
    template_free(e->template);
    for (size_t i = 0; i < e->n_arguments; i++)
        free(e->arguments[i].name);
    free(e->arguments);
    free(e);
}

static void lock(struct registry *r)
{
    CHECK(pthread_mutex_lock(&r->lock) == 0);
}

static void unlock(struct registry *r)
{
    CHECK(pthread_mutex_unlock(&r->lock) == 0);
}

struct registry *registry_new(void)
{
    struct registry *r = mem_zalloc(1, sizeof(*r));

    CHECK(pthread_mutex_init(&r->lock, NULL) == 0);
    for (size_t i = 0; i < N_ENTRY_KINDS; i++)
        map_init(&r->shelves[i].by_name, REGISTRY_MAX);
    return r;
}

void registry_free(struct registry *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < N_ENTRY_KINDS; i++) {
        struct shelf *s = &r->shelves[i];
        for (size_t k = 0; k < s->n; k++)
            entry_free(s->entries[k]);
        free(s->entries);
        map_done(&s->by_name);
    }
    CHECK(pthread_mutex_destroy(&r->lock) == 0);
    free(r);
}

static void grow(struct shelf *s)
{
    if (s->n < s->size)
        return;
    s->size = s->size == 0 ? 16 : s->size * 2;

    struct entry **entries = mem_zalloc(s->size, sizeof(struct entry *));
    for (size_t i = 0; i < s->n; i++)
        entries[i] = s->entries[i];
    free(s->entries);
    s->entries = entries;
}

enum err registry_add(struct registry *r, struct entry *e)
{
    struct shelf *s = &r->shelves[e->kind];

    lock(r);
    enum err result = map_add(&s->by_name, slice_of(e->name), e);
    if (result == OK) {
        grow(s);
        e->number = ++s->last_number;
        s->entries[s->n++] = e;
    }
    unlock(r);
    if (result != OK)
        entry_free(e);
    return result;
}

/* The index of the first entry above that number. */
static size_t index_after(const struct shelf *s, uint64_t number)
{
    size_t low = 0;
    size_t high = s->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->entries[middle]->number <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void take_out(struct shelf *s, struct entry *e)
{
    size_t at = index_after(s, e->number) - 1;

    (void)map_remove(&s->by_name, slice_of(e->name)); /* gives `e` */
    s->n--;
    for (size_t i = at; i < s->n; i++)
        s->entries[i] = s->entries[i + 1];
}

enum err registry_remove(struct registry *r, enum entry_kind kind, struct slice name)
{
    struct shelf *s = &r->shelves[kind];

    lock(r);
    struct entry *e = map_find(&s->by_name, name);
    if (e != NULL)
        take_out(s, e);
    unlock(r);
    entry_free(e);
    return e != NULL ? OK : ERR_NOT_FOUND;
}

void registry_remove_completions(struct registry *r, struct slice subject_key)
{
    struct shelf *s = &r->shelves[ENTRY_COMPLETION];

    lock(r);
    for (size_t i = s->n; i-- > 0;) {
        struct entry *e = s->entries[i];
        if (slice_starts(slice_of(e->name), subject_key)) {
            take_out(s, e);
            entry_free(e);
        }
    }
    unlock(r);
}

struct entry *registry_find(struct registry *r, enum entry_kind kind, struct slice name)
{
    lock(r);
    struct entry *e = map_find(&r->shelves[kind].by_name, name);
    if (e != NULL)
        entry_ref(e);
    unlock(r);
    return e;
}

struct entry *registry_match(struct registry *r, struct slice uri, struct buf *variables)
{
    const struct shelf *s = &r->shelves[ENTRY_TEMPLATE];
    struct entry *found = NULL;

    lock(r);
    for (size_t i = 0; i < s->n && found == NULL; i++) {
        buf_clear(variables);
        if (template_match(s->entries[i]->template, uri, variables))
            found = entry_ref(s->entries[i]);
    }
    unlock(r);
    return found;
}

size_t registry_count(struct registry *r, enum entry_kind kind)
{
    lock(r);
    size_t n = r->shelves[kind].n;
    unlock(r);
    return n;
}

enum err registry_page(struct registry *r, enum entry_kind kind, uint64_t after, size_t n, struct buf *to,
                       uint64_t *ret_next)
{
    const struct shelf *s = &r->shelves[kind];
    enum err result = ERR_NOT_FOUND;

    lock(r);
    if (after <= s->last_number) {
        size_t first = index_after(s, after);
        size_t end = s->n - first > n ? first + n : s->n;
        for (size_t i = first; i < end; i++) {
            buf_put(to, i > first ? S(",") : S(""));
            buf_put(to, slice_of(s->entries[i]->json));
        }
        *ret_next = end < s->n ? s->entries[end - 1]->number : 0;
        result = OK;
    }
    unlock(r);
    return result;
}

void completion_key(struct buf *to, bool of_prompt, struct slice subject, struct slice argument)
{
    buf_put(to, of_prompt ? S("prompt\n") : S("template\n")); /* no name and no URI holds a line feed */
    buf_put(to, subject);
    buf_putc(to, '\n');
    buf_put(to, argument);
}
