#include "gateway/stdio_front.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "gateway/call.h"
#include "gateway/endpoint.h"
#include "gateway/gateway_internal.h"
#include "gateway/question.h"
#include "gateway/request_state.h"
#include "gateway/session_event.h"
#include "mcp/compose.h"
#include "mcp/front.h"
#include "net/stream.h"
#include "obs/log.h"
#include "upstream/line_reader.h"
#include "json/json.h"

#define LINE_MAX_BYTES (4u * 1024 * 1024) /* of one message of the client (security 1.5) */
#define ANSWER_MAX     (64u * 1024)
#define CALL_ARENA     (256u * 1024)
#define LAST_MOMENT_MS 2000u /* for what runs when the input ends */
#define LOCAL_USER     S("local")

struct stdio_outlet {
    struct outlet outlet;
    struct stdio_front *front;
};

/* One request of the client: owns what its call borrows. */
struct stdio_call {
    struct list link;
    struct stdio_front *front;
    struct json *json;
    struct rpc rpc;
    struct arena arena;
    struct envelope envelope;
    struct buf request_state;
    struct stdio_outlet outlet;
    struct call call;
    bool is_started;
    bool is_listed; /* in the front's table, by its id */
};

struct stdio_front {
    struct op op;
    enum { STDIO_SERVING, STDIO_OPENING, STDIO_LAST_MOMENT } state;
    struct gateway *gateway;
    struct endpoint *endpoint;
    struct stream *in;
    struct stream *out;
    struct line_reader lines;
    struct session *session;    /* after a legacy `initialize` */
    struct stdio_call *opening; /* that request, until the upstream has answered */
    struct list calls;
    struct map by_id;
    struct list questions;      /* put to the client for no call */
    struct timer opening_limit; /* how long the upstream may take to say who it is */
    struct timer last_moment;
    bool is_blocked; /* the client does not read: calls wait for room */
};

/* ---- The outlet: one line a message ---- */

static enum err write_line(struct stdio_front *f, struct slice json)
{
    auto_buf line;

    buf_init(&line, json.len + 1);
    buf_put(&line, json);
    buf_putc(&line, '\n');
    TRY(buf_ok(&line));
    return stream_write(f->out, buf_slice(&line));
}

static struct stdio_front *front_of(struct outlet *o)
{
    return container_of(o, struct stdio_outlet, outlet)->front;
}

/* A stream has one place for who waits for room, so the front waits there for all calls. */
static bool has_room(struct stdio_front *f)
{
    if (f->is_blocked)
        return false;
    if (stream_write_max(f->out) > OUTLET_MESSAGE_MAX) /* and its line end */
        return true;
    f->is_blocked = true;
    op_wake(&f->op);
    return false;
}

static enum err stdio_room(struct outlet *o, struct op *op)
{
    struct stdio_front *f = front_of(o);

    (void)op;
    if (stream_is_broken(f->out))
        return ERR_CLOSED;
    return has_room(f) ? OK : WAIT;
}

static enum err stdio_gone(struct outlet *o, struct op *op)
{
    (void)op;
    return stream_is_broken(front_of(o)->out) ? ERR_CLOSED : WAIT;
}

static enum err stdio_message(struct outlet *o, struct slice json)
{
    return write_line(front_of(o), json);
}

static enum err stdio_answer(struct outlet *o, unsigned status, struct slice json)
{
    (void)status;
    return write_line(front_of(o), json);
}

static void stdio_end(struct outlet *o)
{
    (void)o; /* a cancelled call says nothing more */
}

static void stdio_beat(struct outlet *o)
{
    (void)o; /* a pipe needs no sign of life */
}

static const struct outlet_type stdio_outlet_type = {
    .room = stdio_room,
    .gone = stdio_gone,
    .message = stdio_message,
    .answer = stdio_answer,
    .end = stdio_end,
    .beat = stdio_beat,
};

/* ---- Calls ---- */

static void call_free(struct stdio_call *sc)
{
    if (sc->is_started)
        call_cancel(&sc->call);
    if (sc->is_listed)
        (void)map_remove(&sc->front->by_id, sc->rpc.id);
    list_remove(&sc->link);
    buf_done(&sc->request_state);
    json_free(sc->json);
    arena_done(&sc->arena);
    free(sc);
}

static void free_ended(struct stdio_front *f)
{
    list_each(entry, following, &f->calls) {
        struct stdio_call *sc = container_of(entry, struct stdio_call, link);
        if (sc->is_started && !op_is_active(&sc->call.op))
            call_free(sc);
    }
}

static void answer_error(struct stdio_front *f, struct slice id, int64_t code, struct slice message, struct slice data)
{
    auto_buf json;

    LOG(f->gateway->options.log, INFO, "mcp.refused", F("endpoint", f->endpoint->path), F("code", code),
        F("reason", message));
    buf_init(&json, ANSWER_MAX);
    compose_error(&json, id, code, message, data);
    if (buf_ok(&json) == OK)
        (void)write_line(f, buf_slice(&json));
}

static void answer_failure(struct stdio_front *f, struct slice id, enum err failure)
{
    auto_buf json;

    buf_init(&json, ANSWER_MAX);
    compose_failure(&json, id, failure);
    if (buf_ok(&json) == OK)
        (void)write_line(f, buf_slice(&json));
}

static void start(struct stdio_call *sc, struct upstream_session *upstream)
{
    struct stdio_front *f = sc->front;

    sc->outlet = (struct stdio_outlet){ .outlet = { .type = &stdio_outlet_type }, .front = f };
    const struct call_options options = {
        .endpoint = f->endpoint,
        .session = sc->envelope.era == ERA_LEGACY ? f->session : NULL,
        .upstream = upstream,
        .envelope = &sc->envelope,
        .rpc = &sc->rpc,
        .request_state = buf_slice(&sc->request_state),
        .outlet = &sc->outlet.outlet,
        .cancel_when_gone = true, /* the pipe is the client */
    };
    sc->is_started = true;
    call_start(&sc->call, &options, &f->op);
}

/* OK: the call runs. Otherwise it was answered and is to be freed. */
static enum err begin_modern(struct stdio_call *sc)
{
    struct stdio_front *f = sc->front;
    struct upstream_session *upstream;
    const struct json_value *sealed = json_get(sc->rpc.params, S("requestState"));

    if (envelope_from_meta(&sc->envelope, sc->rpc.params, &sc->arena) != OK) {
        answer_error(f, sc->rpc.id, RPC_INVALID_PARAMS, S("A member of _meta is malformed"), NO_SLICE);
        return ERR_INVALID;
    }
    if (sealed != NULL &&
        request_state_unwrap(f->endpoint, &sc->envelope, &sc->rpc, json_string(sealed), &sc->request_state) != OK) {
        answer_error(f, sc->rpc.id, RPC_INVALID_PARAMS, S("requestState is not the one given, or has expired"),
                     NO_SLICE);
        return ERR_SEAL;
    }
    enum err e = endpoint_upstream(f->endpoint, &sc->envelope, &upstream);
    if (e != OK) {
        answer_failure(f, sc->rpc.id, e);
        return e;
    }
    start(sc, upstream);
    return OK;
}

static enum err begin_session(struct stdio_call *sc)
{
    struct stdio_front *f = sc->front;
    struct upstream_session *upstream;

    if (f->session != NULL) {
        answer_error(f, sc->rpc.id, RPC_INVALID_REQUEST, S("The session has begun already"), NO_SLICE);
        return ERR_INVALID;
    }
    enum err e = envelope_from_initialize(&sc->envelope, sc->rpc.params, &sc->arena);
    if (e == ERR_INVALID) {
        answer_error(f, sc->rpc.id, RPC_INVALID_PARAMS, S("initialize needs protocolVersion and capabilities"),
                     NO_SLICE);
        return e;
    }
    if (e == OK)
        e = session_alone(f->endpoint, &sc->envelope, &f->session);
    if (e == OK)
        e = session_upstream(f->session, &upstream);
    if (e != OK) {
        answer_failure(f, sc->rpc.id, e);
        return e;
    }
    f->opening = sc;
    f->state = STDIO_OPENING;
    timer_start(&f->opening_limit, f->op.loop, f->gateway->options.call_idle_ms);
    return OK;
}

static enum err begin_legacy(struct stdio_call *sc)
{
    struct stdio_front *f = sc->front;
    struct upstream_session *upstream;

    if (slice_eq(sc->rpc.method, S("initialize")))
        return begin_session(sc);
    if (f->session != NULL) {
        TRY(envelope_copy(&f->session->envelope, &sc->arena, &sc->envelope));
    } else {
        sc->envelope.revision = REVISION_2025_03_26;
    }
    if (slice_eq(sc->rpc.method, S("ping"))) {
        auto_buf json;
        buf_init(&json, OUTLET_MESSAGE_MAX);
        compose_result(&json, sc->rpc.id, sc->rpc.method, NULL, &sc->envelope, NO_SLICE);
        (void)write_line(f, buf_slice(&json));
        return ERR_CLOSED; /* answered */
    }
    if (f->session == NULL) {
        answer_error(f, sc->rpc.id, RPC_INVALID_REQUEST, S("The session begins with initialize"), NO_SLICE);
        return ERR_INVALID;
    }
    if (slice_eq(sc->rpc.method, S("logging/setLevel"))) {
        enum log_severity level = severity_of(json_get_string(sc->rpc.params, S("level")));
        if (level == SEVERITY_NONE) {
            answer_error(f, sc->rpc.id, RPC_INVALID_PARAMS, S("There is no such log level"), NO_SLICE);
            return ERR_INVALID;
        }
        f->session->envelope.log_level = level;
    }
    if (envelope_from_legacy_meta(&sc->envelope, sc->rpc.params, &sc->arena) != OK) {
        answer_error(f, sc->rpc.id, RPC_INVALID_PARAMS, S("A member of _meta is malformed"), NO_SLICE);
        return ERR_INVALID;
    }
    enum err e = session_upstream(f->session, &upstream);
    if (e != OK) {
        answer_failure(f, sc->rpc.id, e);
        return e;
    }
    start(sc, upstream);
    return OK;
}

/* ---- Messages ---- */

static void cancel_by_id(struct stdio_front *f, const struct json_value *params)
{
    auto_buf id;

    buf_init(&id, ANSWER_MAX);
    json_put(&id, json_get(params, S("requestId")));
    struct stdio_call *sc = buf_ok(&id) == OK ? map_find(&f->by_id, buf_slice(&id)) : NULL;
    if (sc != NULL && sc->is_started) /* initialize cannot be cancelled (V-07) */
        call_abandon(&sc->call, json_get_string(params, S("reason")));
}

static void take_notification(struct stdio_front *f, const struct rpc *rpc)
{
    if (slice_eq(rpc->method, S("notifications/cancelled")))
        cancel_by_id(f, rpc->params);
    else if (slice_eq(rpc->method, S("notifications/roots/list_changed")) && f->session != NULL &&
             f->session->upstream != NULL)
        upstream_notify(f->session->upstream, rpc->method, rpc->params);
}

static enum err begin_request(struct stdio_call *sc)
{
    struct stdio_front *f = sc->front;
    struct front_facts facts = { .is_stdio = true, .has_session = f->session != NULL };
    auto_buf data;

    buf_init(&data, ANSWER_MAX);
    struct front_verdict verdict = front_judge(&facts, &sc->rpc, &data);
    if (verdict.status != 200) {
        answer_error(f, sc->rpc.id, verdict.code, verdict.message, buf_slice(&data));
        return ERR_INVALID;
    }
    enum err e = map_add(&f->by_id, sc->rpc.id, sc);
    if (e != OK) {
        answer_error(f, sc->rpc.id, e == ERR_DUPLICATE ? RPC_INVALID_REQUEST : RPC_INTERNAL_ERROR,
                     e == ERR_DUPLICATE ? S("A request with this id is still being answered") : S("Too many requests"),
                     NO_SLICE);
        return e;
    }
    sc->is_listed = true;
    sc->envelope.era = verdict.era;
    sc->envelope.principal = LOCAL_USER;
    return verdict.era == ERA_MODERN ? begin_modern(sc) : begin_legacy(sc);
}

static void take_line(struct stdio_front *f, struct slice line)
{
    struct stdio_call *sc = mem_zalloc(1, sizeof(*sc));
    struct err_at at;

    sc->front = f;
    list_init(&sc->link);
    arena_init(&sc->arena, CALL_ARENA);
    buf_init(&sc->request_state, REQUEST_STATE_MAX);
    if (json_parse(line, &f->gateway->options.json, &sc->json, &at) != OK) {
        answer_error(f, NO_SLICE, RPC_PARSE_ERROR, S("The line is not valid JSON"), NO_SLICE);
        call_free(sc);
        return;
    }
    if (rpc_parse(json_root(sc->json), &sc->arena, &sc->rpc) != OK) {
        answer_error(f, sc->rpc.id, RPC_INVALID_REQUEST, S("The line is not a JSON-RPC message"), NO_SLICE);
        call_free(sc);
        return;
    }
    if (sc->rpc.kind == RPC_REQUEST) {
        list_append(&f->calls, &sc->link);
        if (begin_request(sc) == OK)
            return;
    } else if (sc->rpc.kind == RPC_NOTIFICATION) {
        take_notification(f, &sc->rpc);
    } else if (f->session != NULL) {
        (void)question_answer(f->session, sc->rpc.id, sc->rpc.result, sc->rpc.error);
    }
    call_free(sc);
}

static enum err finish_opening(struct stdio_front *f)
{
    auto_buf json = { 0 };
    struct upstream_session *upstream = f->session->upstream;
    struct stdio_call *sc = f->opening;

    buf_init(&json, OUTLET_MESSAGE_MAX);
    enum err e = upstream_ready(upstream, &f->op);
    if (e == WAIT && timer_wait(&f->opening_limit, &f->op) == OK)
        e = ERR_TIMEOUT;
    if (e == WAIT)
        return WAIT;
    timer_stop(&f->opening_limit);
    f->opening = NULL;
    f->state = STDIO_SERVING;
    if (e == OK)
        compose_result(&json, sc->rpc.id, sc->rpc.method, upstream->server, &sc->envelope, NO_SLICE);
    else if (upstream->refusal != NULL)
        compose_error_value(&json, sc->rpc.id, sc->rpc.method, upstream->refusal, &sc->envelope);
    else
        compose_failure(&json, sc->rpc.id, e);
    if (buf_ok(&json) != OK) {
        buf_clear(&json);
        compose_failure(&json, sc->rpc.id, ERR_LIMIT);
        e = ERR_LIMIT;
    }
    (void)write_line(f, buf_slice(&json));
    if (e != OK)
        session_release(TAKE(f->session));
    call_free(sc);
    return OK;
}

/* ---- What the upstream says outside of calls ---- */

static void put_event(struct stdio_front *f, struct event *e)
{
    auto_buf json = { 0 };

    buf_init(&json, OUTLET_MESSAGE_MAX);
    if (session_event_put(f->session, &f->questions, e, &json) == OK)
        (void)write_line(f, buf_slice(&json));
}

static void pass_events(struct stdio_front *f)
{
    struct event *e;

    question_forget_answered(&f->questions);
    if (f->session == NULL || f->session->upstream == NULL || f->session->upstream->state != UPSTREAM_READY)
        return;
    while (has_room(f) && upstream_session_next(f->session->upstream, &f->op, &e) == OK)
        put_event(f, e);
}

/* ---- The op ---- */

static void unblock(struct stdio_front *f)
{
    if (!f->is_blocked || stream_room(f->out, &f->op) == WAIT)
        return;
    f->is_blocked = false;
    list_each(entry, following, &f->calls) {
        struct stdio_call *sc = container_of(entry, struct stdio_call, link);
        if (sc->is_started)
            op_wake(&sc->call.op);
    }
}

/* WAIT: more input is to come, or an `initialize` is under way; anything else: the input has ended. */
static enum err read_lines(struct stdio_front *f)
{
    for (;;) {
        struct slice line;
        struct slice input = stream_in(f->in);
        size_t before = input.len;

        if (!has_room(f)) /* no room, no reading: what it asks has answers */
            return WAIT;
        bool has_line = line_reader_next(&f->lines, &input, &line);
        if (has_line)
            take_line(f, line);
        stream_consume(f->in, before - input.len);
        if (f->state == STDIO_OPENING) {
            op_wake(&f->op);
            return WAIT;
        }
        if (!has_line)
            TRY(stream_more(f->in, &f->op, 0));
    }
}

static void end_subscriptions(struct stdio_front *f)
{
    list_each(entry, following, &f->calls) {
        struct stdio_call *sc = container_of(entry, struct stdio_call, link);
        if (slice_eq(sc->rpc.method, S("subscriptions/listen")))
            call_free(sc);
    }
}

static enum err stdio_run(struct op *op)
{
    struct stdio_front *f = container_of(op, struct stdio_front, op);

    free_ended(f);
    unblock(f);
    if (stream_is_broken(f->out))
        return ERR_CLOSED;

    switch (f->state) {
    case STDIO_OPENING:
        TRY(finish_opening(f));
        op_wake(op);
        return WAIT;

    case STDIO_SERVING:
        pass_events(f);
        if (read_lines(f) == WAIT)
            return WAIT;
        if (line_reader_rest(&f->lines, &(struct slice){ 0 }))
            LOG(f->gateway->options.log, WARN, "stdio.cut", F("endpoint", f->endpoint->path));
        end_subscriptions(f);
        timer_start(&f->last_moment, op->loop, LAST_MOMENT_MS);
        f->state = STDIO_LAST_MOMENT;
        FALLTHROUGH;

    case STDIO_LAST_MOMENT:
        if (!list_is_empty(&f->calls))
            TRY(timer_wait(&f->last_moment, op));
        TRY(stream_flushed(f->out, op));
        return OK;
    }
    UNREACHABLE();
}

static void stdio_release(struct op *op)
{
    struct stdio_front *f = container_of(op, struct stdio_front, op);

    timer_stop(&f->opening_limit);
    timer_stop(&f->last_moment);
    list_each(entry, following, &f->calls)
        call_free(container_of(entry, struct stdio_call, link));
    question_forget_all(&f->questions);
    if (f->session != NULL)
        session_release(TAKE(f->session));
}

enum err stdio_front_new(struct gateway *g, struct slice path, struct stream *in, struct stream *out, struct op *waiter,
                         struct stdio_front **ret)
{
    struct endpoint *endpoint = gateway_find(g, path);

    if (endpoint == NULL) {
        stream_free(in);
        stream_free(out);
        return ERR_NOT_FOUND;
    }
    CHECK(stream_write_max(out) > OUTLET_MESSAGE_MAX);
    struct stdio_front *f = mem_zalloc(1, sizeof(*f));
    f->op.run = stdio_run;
    f->op.release = stdio_release;
    f->gateway = g;
    f->endpoint = endpoint;
    f->in = in;
    f->out = out;
    line_reader_init(&f->lines, LINE_MAX_BYTES);
    list_init(&f->calls);
    list_init(&f->questions);
    map_init(&f->by_id, STDIO_CALLS_MAX);
    op_start(&f->op, g->options.loop, waiter);
    *ret = f;
    return OK;
}

enum err stdio_front_result(const struct stdio_front *f)
{
    return op_result(&f->op);
}

void stdio_front_free(struct stdio_front *f)
{
    if (f == NULL)
        return;
    op_cancel(&f->op);
    stream_free(f->in);
    stream_free(f->out);
    line_reader_done(&f->lines);
    map_done(&f->by_id);
    free(f);
}
