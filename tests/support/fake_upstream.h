/*
 * An upstream that does nothing by itself: it writes down what it is told, and says what a test makes it say.
 *
 * `told` holds a line for each thing it heard, such as "start {request}", "cancel tools/call", "answer 7 {}".
 */
#pragma once

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "support/test.h"
#include "upstream/upstream.h"
#include "json/json.h"

struct fake_upstream {
    struct upstream base;
    struct buf told;
    bool opens_slowly;     /* the test says when, by upstream_session_opened */
    enum err refuses;      /* to open: not WAIT */
    unsigned max_sessions; /* 0: any number */
    unsigned n_opened;
    unsigned n_closed;
    struct upstream_session *last; /* opened */
};

static inline struct fake_upstream *fake_of(struct upstream *u)
{
    return container_of(u, struct fake_upstream, base);
}

static inline struct json *fake_json(const char *text)
{
    struct json *json;
    struct err_at at;

    CHECK_OK(json_parse(slice_of(text), &JSON_LIMITS_MCP, &json, &at));
    return json;
}

static inline struct event *fake_event(enum event_kind kind, const char *text)
{
    struct json *json = fake_json(text);

    return event_new(kind, json, json_root(json), slice_of(text).len);
}

static inline enum err fake_open(struct upstream *u, const struct envelope *envelope, struct upstream_session **ret)
{
    static const char initialized[] = "{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},"
                                      "\"serverInfo\":{\"name\":\"fake\",\"version\":\"1\"}}";
    struct fake_upstream *fake = fake_of(u);

    if (fake->refuses != WAIT)
        return fake->refuses;
    if (fake->max_sessions > 0 && u->n_sessions >= fake->max_sessions)
        return ERR_BUSY;
    struct upstream_session *s = mem_zalloc(1, sizeof(*s));
    upstream_session_init(s, u, envelope);
    fake->n_opened++;
    fake->last = s;
    if (!fake->opens_slowly) {
        struct json *json = envelope->era == ERA_LEGACY ? fake_json(initialized) : NULL;
        upstream_session_opened(s, OK, json, json != NULL ? json_root(json) : NULL);
    }
    *ret = s;
    return OK;
}

static inline void fake_close(struct upstream_session *s)
{
    struct fake_upstream *fake = fake_of(s->upstream);

    fake->n_closed++;
    if (fake->last == s)
        fake->last = NULL;
    upstream_session_done(s);
    free(s);
}

static inline void fake_start(struct upstream_session *s, struct exchange *ex)
{
    struct buf *told = &fake_of(s->upstream)->told;

    if (s->state == UPSTREAM_FAILED) {
        exchange_fail(ex, s->failure);
        return;
    }
    buf_put(told, S("start "));
    exchange_put(ex, told);
    buf_putc(told, '\n');
}

static inline void fake_cancel(struct upstream_session *s, struct exchange *ex)
{
    buf_printf(&fake_of(s->upstream)->told, "cancel %.*s\n", SLICE_ARGS(ex->method));
}

static inline void fake_answer(struct upstream_session *s, uint64_t question, struct slice result, struct slice error)
{
    buf_printf(&fake_of(s->upstream)->told, "answer %u %.*s%s%.*s\n", (unsigned)question, SLICE_ARGS(result),
               error.len > 0 ? "error " : "", SLICE_ARGS(error));
}

static inline void fake_notify(struct upstream_session *s, struct slice method, const struct json_value *params)
{
    (void)params;
    buf_printf(&fake_of(s->upstream)->told, "notify %.*s\n", SLICE_ARGS(method));
}

static inline void fake_free(struct upstream *u)
{
    struct fake_upstream *fake = fake_of(u);

    buf_done(&fake->told);
    free(fake);
}

static inline struct fake_upstream *fake_new(struct loop *loop)
{
    static const struct upstream_type type = {
        .name = "fake",
        .open = fake_open,
        .close = fake_close,
        .start = fake_start,
        .cancel = fake_cancel,
        .answer = fake_answer,
        .notify = fake_notify,
        .free = fake_free,
    };
    struct fake_upstream *fake = mem_zalloc(1, sizeof(*fake));

    upstream_init(&fake->base, &type, S("fake"), loop, NULL);
    buf_init(&fake->told, 64 << 20);
    return fake;
}

/* The only exchange in flight on the session opened last. */
static inline struct exchange *fake_exchange(const struct fake_upstream *fake)
{
    CHECK(fake->last != NULL);
    struct exchange *ex = list_first(&fake->last->exchanges, struct exchange, link);
    CHECK(ex != NULL && ex->link.next == &fake->last->exchanges);
    return ex;
}

/* Says something on it. */
static inline void fake_say(const struct fake_upstream *fake, enum event_kind kind, const char *text)
{
    (void)exchange_push(fake_exchange(fake), fake_event(kind, text));
}

static inline void fake_ask(const struct fake_upstream *fake, uint64_t question, struct slice method,
                            const char *params)
{
    struct event *e = fake_event(EVENT_QUESTION, params);

    e->method = method;
    e->question = question;
    (void)exchange_push(fake_exchange(fake), e);
}

static inline void fake_notice(const struct fake_upstream *fake, struct slice method, const char *params)
{
    struct event *e = fake_event(EVENT_NOTIFICATION, params);

    e->method = method;
    (void)exchange_push(fake_exchange(fake), e);
}

/* How often the text stands in what it was told. */
static inline unsigned fake_heard(const struct fake_upstream *fake, const char *text)
{
    struct slice rest = buf_slice(&fake->told);
    unsigned n = 0;

    for (size_t at; (at = slice_search(rest, slice_of(text))) != SIZE_MAX; n++)
        rest = slice_from(rest, at + 1);
    return n;
}
