/*
 * An endpoint: a path that clients call, the upstream behind it, and the upstream sessions that clients share.
 *
 * Modern clients and legacy clients without a session id share one upstream session per principal and era: they say
 * everything anew with each request, so nothing of theirs is kept (design 5, decision 4).
 *
 * Memory: the shared sessions are bounded by ENDPOINT_SHARED_MAX. Threads: one loop.
 */
#pragma once

#include "base/map.h"
#include "gateway/schema_cache.h"
#include "upstream/upstream.h"

struct gateway;

#define ENDPOINT_SHARED_MAX 1000u

struct endpoint {
    struct gateway *gateway;      /* borrowed */
    struct slice path;            /* "/mcp", owned */
    struct slice path_with_slash; /* "/mcp/", owned: served too, without a redirect */
    struct upstream *upstream;    /* owned */
    struct map shared;            /* by era and principal: struct upstream_session */
    struct schema_cache schemas;
};

struct endpoint *endpoint_new(struct gateway *gateway, struct slice path,
                              struct upstream *upstream); /* takes upstream */
void endpoint_free(struct endpoint *e);                   /* takes; no call is in flight; NULL is fine */

/* As upstream_open; when the server has no room, the upstream session of an idle client makes some (session.h). */
must_use enum err endpoint_open(struct endpoint *e, const struct envelope *envelope, struct upstream_session **ret);

/* The open upstream session for requests with this envelope; a lost one is opened again. */
must_use enum err endpoint_upstream(struct endpoint *e, const struct envelope *envelope, struct upstream_session **ret);

/* A notification of this method came from the upstream: what was learned from lists may be out of date. */
void endpoint_heard(struct endpoint *e, struct slice method);
