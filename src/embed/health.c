#include "embed/health.h"

#include <stdlib.h>

#include "base/mem.h"
#include "loop/op.h"
#include "server/reply.h"

struct health {
    struct op op;
    struct reply *reply;
};

static enum err health_run(struct op *op)
{
    struct health *h = container_of(op, struct health, op);

    reply_header(h->reply, S("Cache-Control"), S("no-store"));
    return reply_send(h->reply, 200, S("application/json"), S("{\"status\":\"up\"}\n"));
}

static void health_release(struct op *op)
{
    (void)op; /* holds nothing */
}

static enum err health_start(void *context, struct request *request, struct reply *reply, struct op *waiter,
                             struct op **ret)
{
    struct health *h = mem_zalloc(1, sizeof(*h));

    (void)request;
    h->op.run = health_run;
    h->op.release = health_release;
    h->reply = reply;
    op_start(&h->op, context, waiter);
    *ret = &h->op;
    return OK;
}

void health_routes(struct loop *loop, struct route *routes)
{
    static const struct slice paths[HEALTH_ROUTES] = { S("/health"), S("/healthz") };

    for (size_t i = 0; i < HEALTH_ROUTES; i++)
        routes[i] = (struct route){ .path = paths[i], .flags = ROUTE_GET, .start = health_start, .context = loop };
}
