#include "gateway/listen.h"

#include <stdlib.h>

#include "base/mem.h"
#include "gateway/endpoint.h"
#include "gateway/gateway_internal.h"
#include "gateway/http_outlet.h"
#include "gateway/question.h"
#include "gateway/session_event.h"
#include "server/request.h"
#include "json/json.h"

struct listen {
    struct op op; /* first: the connection frees the block by it */
    struct endpoint *endpoint;
    struct session *session;
    struct http_outlet outlet;
    struct list questions; /* put on this stream and unanswered */
    struct timer beat;
    struct list link; /* among the gateway's streams */
    bool is_listener; /* the session's events come here */
};

static void put_event(struct listen *l, struct event *e)
{
    auto_buf json = { 0 };

    buf_init(&json, OUTLET_MESSAGE_MAX);
    if (session_event_put(l->session, &l->questions, e, &json) == OK)
        (void)outlet_message(&l->outlet.outlet, buf_slice(&json));
}

static enum err pass_events(struct listen *l)
{
    struct upstream_session *upstream;
    struct event *e;

    TRY(session_upstream(l->session, &upstream));
    for (;;) {
        TRY(outlet_room(&l->outlet.outlet, &l->op));
        TRY(upstream_session_next(upstream, &l->op, &e));
        put_event(l, e);
    }
}

static enum err listen_run(struct op *op)
{
    struct listen *l = container_of(op, struct listen, op);

    TRY(http_outlet_open(&l->outlet));
    if (l->endpoint->gateway->is_draining || l->session->ended) {
        outlet_end(&l->outlet.outlet);
        return OK;
    }
    enum err gone = outlet_gone(&l->outlet.outlet, op);
    if (gone != WAIT)
        return gone;

    question_forget_answered(&l->questions);
    if (!timer_pending(&l->beat)) {
        if (timer_wait(&l->beat, op) == OK)
            outlet_beat(&l->outlet.outlet);
        timer_start(&l->beat, op->loop, l->endpoint->gateway->options.heartbeat_ms);
    }
    (void)timer_wait(&l->beat, op);

    if (!l->session->has_listener) /* looked at on every beat: the stream that was served may have ended */
        l->is_listener = l->session->has_listener = true;
    return l->is_listener ? pass_events(l) : WAIT;
}

static void listen_release(struct op *op)
{
    struct listen *l = container_of(op, struct listen, op);

    timer_stop(&l->beat);
    question_forget_all(&l->questions);
    if (l->is_listener)
        l->session->has_listener = false;
    list_remove(&l->link);
    session_release(TAKE(l->session));
}

struct op *listen_start(struct endpoint *endpoint, struct session *session, struct request *request,
                        struct reply *reply, struct op *waiter)
{
    struct listen *l = mem_zalloc(1, sizeof(*l));

    l->op.run = listen_run;
    l->op.release = listen_release;
    l->endpoint = endpoint;
    l->session = session;
    list_init(&l->questions);
    http_outlet_init(&l->outlet, reply, false, true);
    list_append(&endpoint->gateway->streams, &l->link);
    request_forget(request); /* it lives long and needs no more of it */
    op_start(&l->op, endpoint->gateway->options.loop, waiter);
    return &l->op;
}

void listen_wake_all(struct list *streams)
{
    list_each(entry, following, streams)
        op_wake(&container_of(entry, struct listen, link)->op);
}
