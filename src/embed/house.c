#include "embed/house.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"
#include "embed/health.h"
#include "gateway/gateway.h"
#include "loop/loop.h"
#include "loop/signals.h"
#include "net/listener.h"
#include "obs/log.h"

#define BACKLOG        1024
#define ADDRESSES_MAX  64u
#define LINE_MAX_BYTES 4096u

struct house {
    struct op op;
    enum { HOUSE_OPEN, HOUSE_DRAINING } state;
    const struct house_options *o;
    struct server *server;
    struct signals *signals;
};

static void close_house(struct house *h)
{
    LOG(h->o->log, INFO, "house.closed");
    loop_stop(h->o->loop);
}

static enum err house_op_run(struct op *op)
{
    struct house *h = container_of(op, struct house, op);
    int signal;

    switch (h->state) {
    case HOUSE_OPEN:
        TRY(signals_wait(h->signals, op, &signal));
        LOG(h->o->log, INFO, "house.draining", F("signal", signal));
        gateway_drain(h->o->gateway);
        server_drain(h->server, h->o->drain_ms);
        h->state = HOUSE_DRAINING;
        FALLTHROUGH;

    case HOUSE_DRAINING:
        if (signals_wait(h->signals, op, &signal) == OK || server_drained(h->server, op) == OK) {
            close_house(h);
            return OK;
        }
        return WAIT;
    }
    UNREACHABLE();
}

static void house_release(struct op *op)
{
    (void)op; /* house_run frees what it made */
}

/* "127.0.0.1:8080", or the path of a unix socket as a URL has it. */
static void print_where(const struct listener *l, struct slice path)
{
    auto_buf line;

    buf_init(&line, LINE_MAX_BYTES);
    buf_put(&line, S("listening on "));
    if (listener_address(l)->kind != ADDRESS_UNIX)
        buf_put(&line, S("http://"));
    address_format(listener_address(l), &line);
    buf_put(&line, path);
    buf_putc(&line, '\n');
    (void)fwrite(line.ptr, 1, line.len, stdout);
}

static void print_endpoints(const struct house *h, const struct listener *l)
{
    struct slice path;
    size_t at = 0;

    while ((path = gateway_next_path(h->o->gateway, &at)).ptr != NULL)
        print_where(l, path);
}

/* All addresses or none, and only then a word on stdout. */
static enum err open_listeners(struct house *h, size_t *reterr_address)
{
    const struct listener_options options = {
        .backlog = BACKLOG,
        .stream = server_stream_options(&h->o->limits),
    };
    struct listener *opened[ADDRESSES_MAX];
    enum err e = OK;
    size_t n = 0;

    if (h->o->n_addresses > ADDRESSES_MAX) {
        *reterr_address = ADDRESSES_MAX;
        return ERR_LIMIT;
    }
    while (n < h->o->n_addresses && e == OK) {
        *reterr_address = n;
        e = listener_new(h->o->loop, &h->o->addresses[n], &options, &opened[n]);
        n += e == OK ? 1 : 0;
    }
    for (size_t i = 0; i < n && e != OK; i++)
        listener_free(opened[i]);
    if (e != OK)
        return e;
    for (size_t i = 0; i < n; i++)
        print_endpoints(h, opened[i]);
    for (size_t i = 0; i < n; i++)
        server_listen(h->server, opened[i]);
    return OK;
}

static enum err open_house(struct house *h, struct route *routes, size_t n_routes, size_t *reterr_address)
{
    const struct server_options options = {
        .limits = h->o->limits,
        .hosts = h->o->hosts,
        .routes = routes,
        .n_routes = n_routes,
    };

    health_routes(h->o->loop, routes);
    CHECK(gateway_routes(h->o->gateway, h->o->body_bytes, routes + HEALTH_ROUTES, n_routes - HEALTH_ROUTES) ==
          n_routes - HEALTH_ROUTES);
    *reterr_address = SIZE_MAX;
    TRY(server_new(h->o->loop, h->o->log, &options, &h->server));
    TRY(signals_new(h->o->loop, &h->signals));
    return open_listeners(h, reterr_address);
}

enum err house_run(const struct house_options *options, size_t *reterr_address)
{
    struct house h = { .op = { .run = house_op_run, .release = house_release }, .o = options };
    size_t n_routes = HEALTH_ROUTES + gateway_routes(options->gateway, options->body_bytes, NULL, 0);
    struct route *routes = mem_zalloc(n_routes, sizeof(*routes));

    enum err e = open_house(&h, routes, n_routes, reterr_address);
    if (e == OK) {
        (void)fflush(stdout);
        LOG(options->log, INFO, "house.open", F("listeners", (uint64_t)options->n_addresses));
        op_start(&h.op, options->loop, NULL);
        loop_run(options->loop);
        op_cancel(&h.op);
    }
    server_free(h.server);
    signals_free(h.signals);
    free(routes);
    return e;
}
