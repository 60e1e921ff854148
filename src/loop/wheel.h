/*
 * A timing wheel: many deadlines, of which most are called off before they come, at a constant price each.
 *
 * Two rings of buckets: waits below a second are kept in ticks of 10 ms, longer ones in ticks of 250 ms. A deadline is
 * rounded up to its tick: it comes late by less than a tick and never early. A wait longer than the ring goes around is
 * looked at once per round. Pure: time is an argument; it never goes back.
 *
 * Memory: 16 bytes a bucket; entries are embedded in what waits. Threads: one owner.
 */
#pragma once

#include <stdint.h>

#include "base/clock.h"
#include "base/list.h"

#define WHEEL_FINE_TICK_NS   (10 * NS_PER_MS)
#define WHEEL_COARSE_TICK_NS (250 * NS_PER_MS)
#define WHEEL_FINE_BUCKETS   128u /* 1.28 s around */
#define WHEEL_COARSE_BUCKETS 512u /* 128 s around */

struct wheel_entry {
    struct list link;
    uint64_t tick; /* of its ring */
};

struct wheel_ring {
    struct list *buckets;
    uint64_t tick_ns;
    uint64_t n_buckets;
    uint64_t tick; /* everything up to this one has expired */
};

struct wheel {
    struct wheel_ring fine;
    struct wheel_ring coarse;
    uint64_t next_ns; /* nothing expires before this; UINT64_MAX: nothing is there */
    struct list fine_buckets[WHEEL_FINE_BUCKETS];
    struct list coarse_buckets[WHEEL_COARSE_BUCKETS];
};

void wheel_init(struct wheel *w, uint64_t now_ns);

/* Borrows the entry until it expires or is removed. It must be in no wheel. */
void wheel_add(struct wheel *w, struct wheel_entry *entry, uint64_t now_ns, uint64_t after_ns);
void wheel_remove(struct wheel_entry *entry); /* harmless when it is in none, once list_init was called on its link */

/* Takes out all that is due and tells `expired` of each, which may add entries but remove none but itself. */
void wheel_advance(struct wheel *w, uint64_t now_ns, void (*expired)(struct wheel_entry *entry));
