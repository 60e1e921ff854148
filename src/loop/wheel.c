#include "loop/wheel.h"

#include "base/check.h"
#include "base/num.h"

static void init_ring(struct wheel_ring *r, struct list *buckets, uint64_t n_buckets, uint64_t tick_ns, uint64_t now_ns)
{
    for (uint64_t i = 0; i < n_buckets; i++)
        list_init(&buckets[i]);
    r->buckets = buckets;
    r->n_buckets = n_buckets;
    r->tick_ns = tick_ns;
    r->tick = now_ns / tick_ns;
}

void wheel_init(struct wheel *w, uint64_t now_ns)
{
    init_ring(&w->fine, w->fine_buckets, WHEEL_FINE_BUCKETS, WHEEL_FINE_TICK_NS, now_ns);
    init_ring(&w->coarse, w->coarse_buckets, WHEEL_COARSE_BUCKETS, WHEEL_COARSE_TICK_NS, now_ns);
    w->next_ns = UINT64_MAX;
}

static struct list *bucket_of(const struct wheel_ring *r, uint64_t tick)
{
    return &r->buckets[tick % r->n_buckets];
}

void wheel_add(struct wheel *w, struct wheel_entry *entry, uint64_t now_ns, uint64_t after_ns)
{
    struct wheel_ring *r = after_ns < NS_PER_S ? &w->fine : &w->coarse;
    uint64_t longest_ns = UINT64_MAX / 2; /* centuries: far from any overflow below */
    uint64_t at_ns = now_ns + min_u64(after_ns, longest_ns);

    entry->tick = max_u64(div_up(at_ns, r->tick_ns), r->tick + 1);
    list_append(bucket_of(r, entry->tick), &entry->link);
    w->next_ns = min_u64(w->next_ns, entry->tick * r->tick_ns);
}

void wheel_remove(struct wheel_entry *entry)
{
    list_remove(&entry->link);
}

static void advance_ring(struct wheel_ring *r, uint64_t now_ns, void (*expired)(struct wheel_entry *entry))
{
    uint64_t now_tick = now_ns / r->tick_ns;

    if (now_tick <= r->tick)
        return;
    uint64_t first = r->tick + 1;
    uint64_t n = min_u64(now_tick - r->tick, r->n_buckets);

    r->tick = now_tick; /* first, so that an entry that `expired` adds lands behind it */
    for (uint64_t i = 0; i < n; i++) {
        list_each(at, following, bucket_of(r, first + i)) {
            struct wheel_entry *entry = container_of(at, struct wheel_entry, link);
            if (entry->tick > now_tick) /* a later round */
                continue;
            list_remove(&entry->link);
            expired(entry);
        }
    }
}

/* The first tick with anything in its bucket, perhaps for a later round only: then we look once too often. */
static uint64_t ring_next_ns(const struct wheel_ring *r)
{
    for (uint64_t tick = r->tick + 1; tick <= r->tick + r->n_buckets; tick++)
        if (!list_is_empty(bucket_of(r, tick)))
            return tick * r->tick_ns;
    return UINT64_MAX;
}

void wheel_advance(struct wheel *w, uint64_t now_ns, void (*expired)(struct wheel_entry *entry))
{
    if (now_ns < w->next_ns)
        return;
    advance_ring(&w->fine, now_ns, expired);
    advance_ring(&w->coarse, now_ns, expired);
    w->next_ns = min_u64(ring_next_ns(&w->fine), ring_next_ns(&w->coarse));
}
