/*
 * An exchange: one client request on its way to an upstream, and what comes back (design 5).
 *
 * The front edge fills in what is asked, starts the exchange on an upstream session (upstream.h) and reads its events
 * until the last one. The upstream edge pushes events and never looks at who reads them. Its id is ours, below 2^53.
 *
 *     front edge                             upstream edge
 *     exchange_init
 *     upstream_start  ───────────────────►   remembers it by ex->id
 *     exchange_next   ◄───────────────────   exchange_push … exchange_push(last event)
 *     exchange_done   ──(if unfinished)──►   forgets it, tells its server that nobody waits any more
 *
 * Memory: embedded in the front's call; what it borrows outlives it. Threads: one loop.
 */
#pragma once

#include "upstream/event.h"

struct buf;
struct envelope;
struct http_headers;
struct upstream_session;

struct exchange {
    /* What is asked: set by the front edge before the start, constant until the end, all borrowed. */
    struct slice method;
    const struct json_value *params;    /* as the client sent it; its reserved _meta is replaced on the way out */
    const struct envelope *envelope;    /* who asks, and in which era */
    struct slice input_responses;       /* JSON object: answers of a later round; empty: none */
    struct slice request_state;         /* the upstream's own state of the round before; empty: none */
    struct slice cancel_reason;         /* set before exchange_done, if the client gave one; borrowed for that call */
    const struct http_headers *headers; /* of the client's request, for Mcp-Param-* (T-62); may be NULL */

    /* What comes back. */
    struct event_queue events;
    bool finished; /* the last event was pushed: the upstream has forgotten the exchange */

    /* The upstream edge's own. */
    uint64_t id;
    struct upstream_session *session; /* NULL: not started or finished */
    struct list link;                 /* among the session's exchanges in flight */
    void *upstream_part;              /* what this kind of upstream remembers of it */
};

void exchange_init(struct exchange *ex, size_t max_queued_bytes);

/* Cancels the exchange upstream when it is still in flight, and frees its events. Harmless twice. */
void exchange_done(struct exchange *ex);

/* Gives the next event, or WAIT. After the last one it must not be called again. */
must_use enum err exchange_next(struct exchange *ex, struct op *op, struct event **ret);

/*
 * For upstream edges. Takes the event. The last event ends the exchange: it leaves the session's list, and the edge
 * must forget it before or right after. When the queue is full the exchange fails alone with ERR_LIMIT (decision 21):
 * then exchange_push returns false and the edge must forget it and tell its server to cancel.
 */
bool exchange_push(struct exchange *ex, struct event *e);
void exchange_fail(struct exchange *ex, enum err failure); /* pushes a last event of kind EVENT_FAILURE */

/*
 * Appends the exchange's request as a JSON-RPC message in the era of its envelope, under its own id. Its progress token
 * is that id, too, if the client wants progress.
 */
void exchange_put(const struct exchange *ex, struct buf *to);
