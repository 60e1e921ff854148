#include "upstream/upstream.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "json/json.h"

#define SESSION_EVENT_BYTES (256u * 1024) /* unread events of one session (security 1.5, unsent data) */
#define ENVELOPE_BYTES      (128u * 1024) /* a session's copy of its envelope; the front caps its parts lower */
#define LOOP_SHIFT          40            /* ids carry the loop's number above this bit (decision 31a) */

void upstream_init(struct upstream *u, const struct upstream_type *type, struct slice name, struct loop *loop,
                   struct log *log)
{
    *u = (struct upstream){ .type = type, .name = mem_strdup(name), .loop = loop, .log = log };
}

void upstream_session_init(struct upstream_session *s, struct upstream *u, const struct envelope *envelope)
{
    struct envelope lasting = *envelope; /* what one request says for itself alone does not outlive it */

    lasting.progress_token = lasting.traceparent = lasting.tracestate = lasting.baggage = NO_SLICE;
    s->upstream = u;
    s->state = UPSTREAM_OPENING;
    list_init(&s->exchanges);
    arena_init(&s->arena, ENVELOPE_BYTES);
    CHECK(envelope_copy(&lasting, &s->arena, &s->envelope) == OK);
    event_queue_init(&s->events, SESSION_EVENT_BYTES);
    u->n_sessions++;
}

void upstream_session_done(struct upstream_session *s)
{
    CHECK(list_is_empty(&s->exchanges) && s->n_holders == 0);
    slot_clear(&s->opened);
    event_queue_done(&s->events);
    json_free(s->server_json);
    arena_done(&s->arena);
    s->upstream->n_sessions--;
}

void upstream_session_opened(struct upstream_session *s, enum err result, struct json *json,
                             const struct json_value *server)
{
    json_free(s->server_json);
    s->server_json = json;
    s->server = server;
    s->failure = result;
    s->state = result == OK ? UPSTREAM_READY : UPSTREAM_FAILED;
    slot_wake(&s->opened);
}

uint64_t upstream_next_id(struct upstream *u)
{
    return (uint64_t)loop_number(u->loop) << LOOP_SHIFT | ++u->n_started;
}

struct exchange *upstream_session_find(struct upstream_session *s, uint64_t id)
{
    list_each(entry, following, &s->exchanges) {
        struct exchange *ex = container_of(entry, struct exchange, link);
        if (ex->id == id)
            return ex;
    }
    return NULL;
}

void upstream_session_push(struct upstream_session *s, struct event *e)
{
    (void)event_queue_make_room(&s->events, e->bytes);
    (void)!event_queue_push(&s->events, e); /* one larger than the whole queue is dropped */
}

void upstream_free(struct upstream *u)
{
    if (u == NULL)
        return;
    CHECK(u->n_sessions == 0);
    free(TAKE(u->name));
    u->type->free(u);
}

enum err upstream_open(struct upstream *u, const struct envelope *envelope, struct upstream_session **ret)
{
    return u->type->open(u, envelope, ret);
}

void upstream_close(struct upstream_session *s)
{
    if (s == NULL)
        return;
    list_each(entry, following, &s->exchanges) {
        struct exchange *ex = container_of(entry, struct exchange, link);
        s->upstream->type->cancel(s, ex);
        exchange_fail(ex, ERR_CANCELLED);
    }
    s->is_closed = true;
    if (s->n_holders == 0)
        s->upstream->type->close(s);
}

void upstream_hold(struct upstream_session *s)
{
    s->n_holders++;
}

void upstream_release(struct upstream_session *s)
{
    if (s == NULL)
        return;
    CHECK(s->n_holders > 0);
    if (--s->n_holders == 0 && s->is_closed)
        s->upstream->type->close(s);
}

enum err upstream_ready(struct upstream_session *s, struct op *op)
{
    switch (s->state) {
    case UPSTREAM_OPENING:
        return op_wait(op, &s->opened);
    case UPSTREAM_READY:
        return OK;
    case UPSTREAM_FAILED:
        return s->failure;
    }
    UNREACHABLE();
}

void upstream_start(struct upstream_session *s, struct exchange *ex)
{
    struct upstream *u = s->upstream;

    CHECK(ex->session == NULL && !ex->finished);
    ex->id = upstream_next_id(u);
    ex->session = s;
    list_append(&s->exchanges, &ex->link);
    if (s->is_closed)
        exchange_fail(ex, ERR_CLOSED);
    else
        u->type->start(s, ex);
}

void upstream_answer(struct upstream_session *s, uint64_t question, struct slice result, struct slice error)
{
    if (!s->is_closed)
        s->upstream->type->answer(s, question, result, error);
}

void upstream_notify(struct upstream_session *s, struct slice method, const struct json_value *params)
{
    if (!s->is_closed)
        s->upstream->type->notify(s, method, params);
}

enum err upstream_session_next(struct upstream_session *s, struct op *op, struct event **ret)
{
    return event_queue_next(&s->events, op, ret);
}
