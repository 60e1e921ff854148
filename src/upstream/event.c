#include "upstream/event.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "json/json.h"

struct event *event_new(enum event_kind kind, struct json *json, const struct json_value *value, size_t bytes)
{
    struct event *e = mem_zalloc(1, sizeof(*e));

    list_init(&e->link);
    e->kind = kind;
    e->json = json;
    e->value = value;
    e->bytes = bytes;
    return e;
}

struct event *event_of_failure(enum err failure)
{
    struct event *e = event_new(EVENT_FAILURE, NULL, NULL, 0);

    e->failure = failure;
    return e;
}

void event_free(struct event *e)
{
    if (e == NULL)
        return;
    list_remove(&e->link);
    json_free(e->json);
    free(e);
}

void event_queue_init(struct event_queue *q, size_t max_bytes)
{
    *q = (struct event_queue){ .max_bytes = max_bytes };
    list_init(&q->events);
}

static struct event *take(struct event_queue *q, struct list *entry)
{
    struct event *e = container_of(entry, struct event, link);

    list_remove(entry);
    q->n--;
    q->bytes -= e->bytes;
    return e;
}

void event_queue_done(struct event_queue *q)
{
    slot_clear(&q->changed);
    if (q->n == 0)
        return; /* it may never have been made */
    list_each(entry, following, &q->events)
        event_free(take(q, entry));
}

/* The last event is always taken: it is the one answer awaited, and its size was limited where it was read. */
enum err event_queue_push(struct event_queue *q, struct event *e)
{
    if (!event_is_last(e) && (q->n >= EVENTS_MAX || e->bytes > q->max_bytes - min_u64(q->bytes, q->max_bytes))) {
        event_free(e);
        return ERR_LIMIT;
    }
    list_append(&q->events, &e->link);
    q->n++;
    q->bytes += e->bytes;
    slot_wake(&q->changed);
    return OK;
}

unsigned event_queue_make_room(struct event_queue *q, size_t bytes)
{
    unsigned n_dropped = 0;

    list_each(entry, following, &q->events) {
        if (q->n < EVENTS_MAX && q->bytes + bytes <= q->max_bytes)
            break;
        event_free(take(q, entry));
        n_dropped++;
    }
    return n_dropped;
}

enum err event_queue_next(struct event_queue *q, struct op *op, struct event **ret)
{
    if (list_is_empty(&q->events))
        return op_wait(op, &q->changed);
    *ret = take(q, q->events.next);
    return OK;
}
