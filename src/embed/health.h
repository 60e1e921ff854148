/*
 * /health and /healthz, which say that the program serves and nothing else.
 *
 * Memory: the routes borrow the loop. Threads: the loop's.
 */
#pragma once

#include <stddef.h>

#include "server/server.h"

#define HEALTH_ROUTES 2u

/* Puts HEALTH_ROUTES routes at `routes`. */
void health_routes(struct loop *loop, struct route *routes);
