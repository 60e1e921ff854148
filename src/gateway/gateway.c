#include "gateway/gateway.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "crypto/keyring.h"
#include "gateway/call.h"
#include "gateway/endpoint.h"
#include "gateway/gateway_internal.h"
#include "gateway/http_front.h"
#include "gateway/listen.h"
#include "loop/loop.h"
#include "server/server.h"

#define ENDPOINTS_MAX 256u
#define SWEEP_MS      (30u * 1000)

static enum err sweeper_run(struct op *op)
{
    struct gateway *g = container_of(op, struct gateway, sweeper);

    if (timer_wait(&g->sweep, op) == OK)
        session_table_sweep(&g->sessions);
    if (!timer_pending(&g->sweep))
        timer_start(&g->sweep, g->options.loop, SWEEP_MS);
    return timer_wait(&g->sweep, op);
}

static void sweeper_release(struct op *op)
{
    timer_stop(&container_of(op, struct gateway, sweeper)->sweep);
}

enum err gateway_new(const struct gateway_options *options, struct gateway **ret)
{
    struct gateway *g = mem_zalloc(1, sizeof(*g));

    g->options = *options;
    g->keyring = options->keyring;
    if (g->keyring == NULL) {
        enum err e = keyring_ephemeral(&g->own_keyring);
        if (e != OK) {
            free(g);
            return e;
        }
        g->keyring = g->own_keyring;
    }
    const struct session_limits limits = {
        .max_sessions = options->max_sessions,
        .max_sessions_per_owner = options->max_sessions_per_principal,
        .idle_ms = options->session_idle_ms,
    };
    session_table_init(&g->sessions, g->keyring, loop_clock(options->loop), &limits);
    map_init(&g->endpoints, ENDPOINTS_MAX);
    list_init(&g->listening);
    list_init(&g->streams);
    g->sweeper.run = sweeper_run;
    g->sweeper.release = sweeper_release;
    op_start(&g->sweeper, options->loop, NULL);
    *ret = g;
    return OK;
}

void gateway_free(struct gateway *g)
{
    size_t at = 0;

    if (g == NULL)
        return;
    CHECK(list_is_empty(&g->listening) && list_is_empty(&g->streams));
    op_cancel(&g->sweeper);
    session_table_done(&g->sessions);
    for (struct endpoint *e; (e = map_next(&g->endpoints, &at, NULL)) != NULL;)
        endpoint_free(e);
    map_done(&g->endpoints);
    keyring_free(g->own_keyring);
    free(g);
}

enum err gateway_add(struct gateway *g, struct slice path, struct upstream *upstream)
{
    struct endpoint *e = endpoint_new(g, path, upstream);
    enum err added = map_add(&g->endpoints, path, e);

    if (added != OK)
        endpoint_free(e);
    return added;
}

struct endpoint *gateway_find(const struct gateway *g, struct slice path)
{
    return map_find(&g->endpoints, path);
}

size_t gateway_routes(const struct gateway *g, size_t max_body_bytes, struct route *routes, size_t max)
{
    size_t at = 0;
    size_t n = 0;

    for (struct endpoint *e; (e = map_next(&g->endpoints, &at, NULL)) != NULL;) {
        const struct slice paths[] = { e->path, e->path_with_slash };
        for (size_t i = 0; i < N_ELEMENTS(paths); i++, n++)
            if (n < max)
                routes[n] = (struct route){
                    .path = paths[i],
                    .flags = ROUTE_GET | ROUTE_POST | ROUTE_DELETE,
                    .max_body_bytes = max_body_bytes,
                    .start = http_front_start,
                    .context = e,
                };
    }
    return n;
}

struct slice gateway_next_path(const struct gateway *g, size_t *at)
{
    const struct endpoint *e = map_next(&g->endpoints, at, NULL);

    return e != NULL ? e->path : NO_SLICE;
}

void gateway_drain(struct gateway *g)
{
    g->is_draining = true;
    list_each(entry, following, &g->listening)
        op_wake(&container_of(entry, struct call, link)->op);
    listen_wake_all(&g->streams);
    session_table_wake_calls(&g->sessions);
}
