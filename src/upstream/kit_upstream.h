/*
 * Tools written in C as an upstream: the kit's events become events of exchanges, its changes those of sessions.
 *
 * Threads: one loop; the kit's handlers run on its own lane.
 */
#pragma once

#include "upstream/upstream.h"

struct kit;

/* Gives an upstream over `kit`, which is borrowed and outlives it. */
struct upstream *kit_upstream_new(struct kit *kit, struct loop *loop, struct log *log);
