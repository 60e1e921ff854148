/*
 * Asking a real upstream from a test: the loop is turned until the one thing asked for has come.
 */
#pragma once

#include <time.h>

#include "loop/loop.h"
#include "support/test.h"
#include "upstream/upstream.h"

static struct loop *loop;
static struct upstream *upstream;

/* An op that asks once for something and keeps what it was given. */
struct asks {
    struct op op;
    struct upstream_session *session; /* for upstream_ready, or with `events` */
    struct exchange *ex;
    bool wants_events;
    struct event *event;
};

static inline enum err asks_run(struct op *op)
{
    struct asks *asks = container_of(op, struct asks, op);

    if (asks->ex != NULL)
        return exchange_next(asks->ex, op, &asks->event);
    return asks->wants_events ? upstream_session_next(asks->session, op, &asks->event)
                              : upstream_ready(asks->session, op);
}

static inline void asks_release(struct op *op)
{
    (void)op;
}

/* One turn of the loop, and a moment for the other process. */
static inline void turn(void)
{
    loop_turn(loop);
    nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static inline enum err ask(struct asks *asks)
{
    asks->op.run = asks_run;
    asks->op.release = asks_release;
    op_start(&asks->op, loop, NULL);
    for (int i = 0; op_is_active(&asks->op) && i < 10000; i++)
        turn();
    CHECK(!op_is_active(&asks->op));
    return op_result(&asks->op);
}

static inline struct event *next_event(struct exchange *ex)
{
    struct asks asks = { .ex = ex };

    CHECK_OK(ask(&asks));
    return asks.event;
}

static inline struct event *next_session_event(struct upstream_session *s)
{
    struct asks asks = { .session = s, .wants_events = true };

    CHECK_OK(ask(&asks));
    return asks.event;
}

static inline struct upstream_session *open_session(const struct envelope *envelope, enum err expected)
{
    struct upstream_session *s;

    CHECK_OK(upstream_open(upstream, envelope, &s));
    struct asks asks = { .session = s };
    CHECK_ERR(ask(&asks), expected);
    return s;
}

static inline void start(struct upstream_session *s, struct exchange *ex, struct slice method,
                         const struct envelope *envelope)
{
    exchange_init(ex, 64 * 1024);
    ex->method = method;
    ex->envelope = envelope;
    upstream_start(s, ex);
}

static inline void expect(struct exchange *ex, enum event_kind kind)
{
    struct event *e = next_event(ex);

    CHECK_ERR(e->failure, WAIT); /* its name says more than the kind */
    CHECK_EQ(e->kind, kind);
    event_free(e);
}

/* Waits for the last event, which must be a failure. */
static inline void expect_failure(struct exchange *ex, enum err failure)
{
    struct event *e = next_event(ex);

    CHECK_EQ(e->kind, EVENT_FAILURE);
    CHECK_ERR(e->failure, failure);
    event_free(e);
    exchange_done(ex);
}
