/*
 * The nearest known word: what somebody probably meant who wrote another.
 *
 * Pure. Nearness is the optimal string alignment distance: insertions, deletions, substitutions and swapped neighbours
 * cost one each, letters compare without case, and "-" equals "_".
 */
#pragma once

#include <stddef.h>

#include "base/slice.h"

/* Edits between two words; words beyond 64 bytes are far from everything (SIZE_MAX). */
size_t nearest_distance(struct slice a, struct slice b);

/* Collects the nearest of several candidates. */
struct nearest {
    struct slice wanted;
    struct slice best; /* NO_SLICE: nothing is near enough to be worth a suggestion */
    size_t distance;
};

struct nearest nearest_to(struct slice wanted);
void nearest_offer(struct nearest *n, struct slice candidate); /* borrowed as long as `n` is used */
