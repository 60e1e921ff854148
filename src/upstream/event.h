/*
 * What an upstream says on behalf of one exchange or of a whole upstream session: an event, and a bounded queue of them.
 *
 * An event owns the JSON document its values point into. Events are neutral: they carry params, result or error objects
 * as the upstream wrote them; the front edge finds the words of the client's era (mcp/compose.h).
 *
 * Memory: one heap block an event plus its document; a queue holds at most EVENTS_MAX events and `max_bytes` of text.
 * Threads: an event and its queue live on one loop.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/list.h"
#include "base/slice.h"
#include "loop/op.h"

struct json;
struct json_value;

#define EVENTS_MAX 1024u /* in one queue */

enum event_kind {
    EVENT_PROGRESS,       /* `value`: params of notifications/progress; its token is not the client's yet */
    EVENT_LOG,            /* `value`: params of notifications/message */
    EVENT_NOTIFICATION,   /* `method`, `value`: any other notification: list changed, resource updated, acknowledged */
    EVENT_QUESTION,       /* `method`, `value`, `question`: a request to the client in the middle of the call */
    EVENT_INPUT_REQUIRED, /* last; `value`: the result with inputRequests and requestState (the upstream's own) */
    EVENT_RESULT,         /* last; `value`: the result object */
    EVENT_ERROR,          /* last; `value`: the error object of the upstream */
    EVENT_FAILURE,        /* last; `failure`: no answer came, and why */
};

struct event {
    struct list link;
    enum event_kind kind;
    enum err failure;
    uint64_t question;              /* what to name in upstream_answer() */
    struct slice method;            /* inside `json`, or static */
    const struct json_value *value; /* inside `json`; may be NULL */
    struct json *json;              /* owned; may be NULL */
    size_t bytes;                   /* of text, for the queue's limit */
};

/* Gives an event. Takes `json`; `value` points into it. */
struct event *event_new(enum event_kind kind, struct json *json, const struct json_value *value, size_t bytes);
struct event *event_of_failure(enum err failure);
void event_free(struct event *e); /* takes; NULL is fine */
DEFINE_AUTO_FREE(event)

static inline bool event_is_last(const struct event *e)
{
    return e->kind >= EVENT_INPUT_REQUIRED;
}

struct event_queue {
    struct list events;
    size_t n;
    size_t bytes;
    size_t max_bytes;
    struct slot changed;
};

void event_queue_init(struct event_queue *q, size_t max_bytes);
void event_queue_done(struct event_queue *q); /* frees what is queued, wakes nobody */

/* Takes the event and wakes who waits. ERR_LIMIT: the queue is full and the event was freed. */
must_use enum err event_queue_push(struct event_queue *q, struct event *e);

/* Drops the oldest events until `bytes` more fit: for queues whose reader may be away. Gives how many were dropped. */
unsigned event_queue_make_room(struct event_queue *q, size_t bytes);

/* Gives the oldest event, or WAIT: `op` is woken when there is one. */
must_use enum err event_queue_next(struct event_queue *q, struct op *op, struct event **ret);
