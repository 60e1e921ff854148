/*
 * A call: one request of a client, from its exchange with the upstream to the answer in the words of the client's era.
 *
 *     CALL_START ──► CALL_EVENTS ──────────────────────────► the answer
 *                       ▲    │ the upstream needs answers of the client's user
 *                       │    ├── modern client: the answer is `input_required`, the client comes again (eras 6.1)
 *                       │    └── legacy client: CALL_ASK, questions on the stream, then another exchange (eras 6.2)
 *                       └────────┘
 *
 * Every wait has an end: without progress from the upstream, in all, and for the user to answer. A modern HTTP client
 * that vanishes cancels its call; a legacy one does not (decision 20): its call runs on and the answer is dropped.
 *
 * Memory: embedded in its front's op, together with what it borrows. Threads: one loop.
 */
#pragma once

#include "base/buf.h"
#include "gateway/outlet.h"
#include "loop/op.h"
#include "loop/timer.h"
#include "mcp/envelope.h"
#include "mcp/message.h"
#include "upstream/exchange.h"

struct endpoint;
struct session;
struct upstream_session;

#define CALL_ROUNDS_MAX 10u /* of questions, for one call of a legacy client */

struct call_options {
    struct endpoint *endpoint;
    struct session *session;           /* of a legacy client; NULL: it has none and cannot be asked */
    struct upstream_session *upstream; /* where the exchange goes */
    const struct envelope *envelope;
    const struct rpc *rpc;              /* the request */
    const struct http_headers *headers; /* or NULL */
    struct slice request_state;         /* the upstream's own, of the round before; empty: none */
    struct outlet *outlet;
    bool cancel_when_gone; /* the client's vanishing is a cancellation: modern HTTP */
};

struct call {
    struct op op;
    enum { CALL_START, CALL_EVENTS, CALL_ASK } state;
    struct call_options o;
    struct exchange exchange;
    struct timer beat;
    struct timer quiet; /* no progress from the upstream */
    struct timer total;
    struct timer patience; /* for the user to answer */
    struct list questions;
    struct event *round; /* the input_required that is being asked; owned */
    unsigned n_rounds;
    struct buf input_responses; /* of the round that goes upstream next */
    struct buf request_state;   /* the upstream's own */
    double progress;            /* the last one passed on; they only grow (S-10) */
    bool has_progress;
    bool client_has_gone;
    bool is_hurried;   /* it has gone with questions open: they do not wait as long as for one who is there */
    bool is_abandoned; /* the client said notifications/cancelled */
    struct buf reason; /* for that, in its words */
    bool is_refused;   /* there are too many streams for this one: the op ends with ERR_BUSY, nothing is written */
    struct list link;  /* among the gateway's long calls: subscriptions/listen */
};

/* Starts the call. All it is given is borrowed until its op has ended. Answers through the outlet in every case. */
void call_start(struct call *call, const struct call_options *options, struct op *waiter);
void call_cancel(struct call *call); /* its op is cancelled, and nothing more is written for it */

/* The client does not want the answer any more, for a reason or none: the op ends without one, at its next run. */
void call_abandon(struct call *call, struct slice reason);
