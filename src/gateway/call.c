#include "gateway/call.h"

#include "base/check.h"
#include "base/num.h"
#include "gateway/endpoint.h"
#include "gateway/gateway_internal.h"
#include "gateway/question.h"
#include "gateway/request_state.h"
#include "gateway/session.h"
#include "mcp/code.h"
#include "mcp/compose.h"
#include "json/json_write.h"

#define EVENTS_PER_RUN 16u   /* then others get their turn */
#define STATE_PAUSE_MS 250u  /* before a round that asks nothing (eras 6.2) */
#define FIRST_BEAT_MS  1000u /* a call that has been quiet for so long is answered by a stream (eras 5) */
#define REASON_MAX     1024u /* for a cancellation */
#define RESPONSES_MAX  (4u * 1024 * 1024)
#define DECLINED       S("{\"action\":\"cancel\"}")

static bool is_modern(const struct call *c)
{
    return c->o.envelope->era == ERA_MODERN;
}

static bool is_listening(const struct call *c)
{
    return is_modern(c) && slice_eq(c->o.rpc->method, S("subscriptions/listen"));
}

static const struct gateway_options *options_of(const struct call *c)
{
    return &c->o.endpoint->gateway->options;
}

/* ---- Answers ---- */

static void answer(struct call *c, unsigned status, struct buf *json)
{
    if (buf_ok(json) != OK) {
        buf_clear(json);
        compose_error(json, c->o.rpc->id, RPC_INTERNAL_ERROR, S("The answer is too large"), NO_SLICE);
        status = 200;
    }
    (void)outlet_answer(c->o.outlet, status, buf_slice(json)); /* a client that has gone misses it */
}

static void answer_error(struct call *c, unsigned status, int64_t code, struct slice message, struct slice data)
{
    auto_buf json;

    buf_init(&json, OUTLET_MESSAGE_MAX);
    compose_error(&json, c->o.rpc->id, code, message, data);
    answer(c, status, &json);
}

static void answer_failure(struct call *c, enum err failure)
{
    auto_buf json;

    buf_init(&json, OUTLET_MESSAGE_MAX);
    compose_failure(&json, c->o.rpc->id, failure);
    answer(c, 200, &json);
}

/* A legacy-only server behind a modern question for its era: the client shall fall back (eras 3). */
static bool is_no_discovery(const struct call *c, const struct event *e)
{
    return is_modern(c) && slice_eq(c->o.rpc->method, S("server/discover")) &&
           (e->kind == EVENT_ERROR || !json_is_array(json_get(e->value, S("supportedVersions"))));
}

static void answer_result(struct call *c, const struct event *e)
{
    auto_buf json;

    if (slice_eq(c->o.rpc->method, S("tools/list")))
        schema_cache_learn(&c->o.endpoint->schemas, c->o.envelope, e->value);
    buf_init(&json, OUTLET_MESSAGE_MAX);
    compose_result(&json, c->o.rpc->id, c->o.rpc->method, e->value, c->o.envelope, c->o.upstream->server_info);
    answer(c, 200, &json);
}

static void answer_input_required(struct call *c, const struct event *e)
{
    auto_buf json;
    auto_buf state;

    buf_init(&json, OUTLET_MESSAGE_MAX);
    buf_init(&state, REQUEST_STATE_MAX);
    const struct json_value *inner = json_get(e->value, S("requestState"));
    if (inner != NULL) {
        enum err sealed = request_state_wrap(c->o.endpoint, c->o.envelope, c->o.rpc, json_string(inner), &state);
        if (sealed != OK) {
            answer_failure(c, sealed);
            return;
        }
    }
    compose_input_required(&json, c->o.rpc->id, json_get(e->value, S("inputRequests")), buf_slice(&state),
                           c->o.upstream->server_info);
    answer(c, 200, &json);
}

static void answer_upstream_error(struct call *c, const struct event *e)
{
    auto_buf json = { 0 };
    int64_t code;
    bool lacks_ability = json_i64(json_get(e->value, S("code")), &code) == OK && code == RPC_MISSING_CAPABILITY;

    buf_init(&json, OUTLET_MESSAGE_MAX);
    if (lacks_ability && !is_modern(c) && slice_eq(c->o.rpc->method, S("tools/call")))
        compose_tool_failure(&json, c->o.rpc->id, json_get_string(e->value, S("message"))); /* eras 5.2 */
    else
        compose_error_value(&json, c->o.rpc->id, c->o.rpc->method, e->value, c->o.envelope);
    answer(c, lacks_ability && is_modern(c) ? 400 : 200, &json);
}

/* ---- Messages before the answer ---- */

static void pass(struct call *c, struct buf *json)
{
    enum err e = buf_ok(json) == OK ? outlet_message(c->o.outlet, buf_slice(json)) : ERR_LIMIT;

    if (e == ERR_CLOSED || e == ERR_RESET)
        c->client_has_gone = true;
    /* Others can do without what comes before the answer; listening is nothing else. */
    if (err_class(e) == ERR_CLASS_BUSY && is_listening(c))
        c->is_refused = true;
}

static void pass_progress(struct call *c, const struct event *e)
{
    double progress;
    auto_buf json = { 0 };

    buf_init(&json, OUTLET_MESSAGE_MAX);
    if (c->o.envelope->progress_token.len == 0 || json_double(json_get(e->value, S("progress")), &progress) != OK ||
        (c->has_progress && progress <= c->progress))
        return;
    c->progress = progress;
    c->has_progress = true;
    timer_start(&c->quiet, c->op.loop, options_of(c)->call_idle_ms);

    const struct json_edit edits[] = { { S("progressToken"), c->o.envelope->progress_token },
                                       { S("message"), NO_SLICE } };
    bool knows_message = c->o.envelope->revision != REVISION_2024_11_05;
    compose_notification(&json, S("notifications/progress"), e->value, edits, knows_message ? 1 : 2);
    pass(c, &json);
}

static void pass_log(struct call *c, const struct event *e)
{
    auto_buf json = { 0 };

    buf_init(&json, OUTLET_MESSAGE_MAX);
    if (!envelope_wants_log(c->o.envelope, json_get_string(e->value, S("level"))))
        return;
    compose_notification(&json, S("notifications/message"), e->value, NULL, 0);
    pass(c, &json);
}

static void pass_notification(struct call *c, const struct event *e)
{
    auto_buf json;

    endpoint_heard(c->o.endpoint, e->method);
    buf_init(&json, OUTLET_MESSAGE_MAX);
    if (is_listening(c))
        compose_subscribed(&json, e->method, e->value, c->o.rpc->id);
    else
        compose_notification(&json, e->method, e->value, NULL, 0);
    pass(c, &json);
}

/* ---- Questions to a legacy client ---- */

/* The question is on the client's stream. Not OK: it cannot be put to this client, and an upstream that waits knows. */
static enum err ask(struct call *c, struct slice method, const struct json_value *params,
                    const struct question_origin *origin)
{
    auto_buf json = { 0 };

    buf_init(&json, OUTLET_MESSAGE_MAX);
    if (c->client_has_gone) {
        question_decline(origin, method);
        return ERR_UNSUPPORTED;
    }
    TRY(question_add(&c->questions, c->o.session, origin, method, params, &json));
    enum err e = outlet_message(c->o.outlet, buf_slice(&json));
    if (e != OK) {
        question_forget_last(&c->questions);
        return e;
    }
    timer_stop(&c->quiet);
    timer_start(&c->patience, c->op.loop, options_of(c)->question_ms);
    op_wake(&c->op); /* its next run waits for the answer, too */
    return OK;
}

/* OK: all are answered; WAIT: the call is woken when the next one is. */
static enum err all_answered(struct call *c)
{
    enum err all = OK;

    list_each(entry, following, &c->questions) {
        struct question *q = container_of(entry, struct question, link);
        if (!q->answered)
            all = op_wait(&c->op, &q->changed);
    }
    return all;
}

/* A legacy client is asked what the upstream's input_required asks. */
static enum err begin_round(struct call *c, struct event *e)
{
    c->round = e;
    if (++c->n_rounds > CALL_ROUNDS_MAX)
        return ERR_LIMIT;
    question_forget_all(&c->questions); /* the upstream has ended its own without waiting for answers */
    timer_stop(&c->quiet);
    timer_start(&c->patience, c->op.loop, STATE_PAUSE_MS); /* asking starts it anew */
    json_each_member(request, json_get(e->value, S("inputRequests")))
        TRY(ask(c, json_get_string(request.value, S("method")), json_get(request.value, S("params")),
                &(struct question_origin){ .key = request.name }));
    return OK;
}

/* The answers under the upstream's keys. ERR_FORBIDDEN: the user refused what has no way to say no. */
static enum err collect_answers(struct call *c)
{
    struct json_writer w = json_writer(&c->input_responses);

    buf_clear(&c->input_responses);
    json_begin_object(&w);
    list_each(entry, following, &c->questions) {
        const struct question *q = container_of(entry, struct question, link);
        if (q->error.len > 0 && !slice_eq(q->method, S("elicitation/create")))
            return ERR_FORBIDDEN;
        json_set_raw(&w, q->origin.key, q->error.len > 0 ? DECLINED : q->result);
    }
    json_end_object(&w);

    const struct json_value *state = json_get(c->round->value, S("requestState"));
    buf_clear(&c->request_state);
    buf_put(&c->request_state, json_string(state));
    TRY(buf_ok(&c->request_state));
    return buf_ok(&c->input_responses);
}

static void answer_unasked(struct call *c)
{
    static const char text[] = "The server needs input that this client cannot give";
    auto_buf json = { 0 };

    buf_init(&json, OUTLET_MESSAGE_MAX);
    if (!slice_eq(c->o.rpc->method, S("tools/call"))) {
        answer_error(c, 200, RPC_INTERNAL_ERROR, S("The server needs input that this client cannot give"), NO_SLICE);
        return;
    }
    compose_tool_failure(&json, c->o.rpc->id, slice_of(text));
    answer(c, 200, &json);
}

/* ---- The op ---- */

static enum err begin_exchange(struct call *c)
{
    exchange_done(&c->exchange);
    exchange_init(&c->exchange, options_of(c)->queue_bytes);
    c->exchange.method = c->o.rpc->method;
    c->exchange.params = c->o.rpc->params;
    c->exchange.envelope = c->o.envelope;
    c->exchange.headers = c->o.headers;
    c->exchange.input_responses = buf_slice(&c->input_responses);
    c->exchange.request_state = buf_slice(&c->request_state);
    timer_stop(&c->patience);
    if (!is_listening(c))
        timer_start(&c->quiet, c->op.loop, options_of(c)->call_idle_ms);
    upstream_start(c->o.upstream, &c->exchange);
    return OK;
}

/* Gives OK when the call has been answered, WAIT when it goes on. */
static enum err handle_last(struct call *c, struct event *e)
{
    if (e->kind != EVENT_FAILURE && is_no_discovery(c, e)) {
        answer_error(c, 404, RPC_METHOD_NOT_FOUND, S("This server does not speak a revision of the modern era"),
                     NO_SLICE);
    } else if (e->kind == EVENT_RESULT) {
        answer_result(c, e);
    } else if (e->kind == EVENT_ERROR) {
        answer_upstream_error(c, e);
    } else if (e->kind == EVENT_FAILURE) {
        answer_failure(c, e->failure);
    } else if (is_modern(c)) {
        answer_input_required(c, e);
    } else {
        if (begin_round(c, e) == OK) { /* keeps the event */
            c->state = CALL_ASK;
            op_wake(&c->op);
            return WAIT;
        }
        answer_unasked(c);
        return OK;
    }
    event_free(e);
    return OK;
}

static void handle(struct call *c, struct event *e)
{
    switch (e->kind) {
    case EVENT_PROGRESS:
        pass_progress(c, e);
        break;
    case EVENT_LOG:
        pass_log(c, e);
        break;
    case EVENT_NOTIFICATION:
        pass_notification(c, e);
        break;
    case EVENT_QUESTION:
        (void)!ask(c, e->method, e->value,
                   &(struct question_origin){ .upstream = c->o.upstream, .number = e->question });
        break;
    case EVENT_INPUT_REQUIRED:
    case EVENT_RESULT:
    case EVENT_ERROR:
    case EVENT_FAILURE:
        UNREACHABLE();
    }
    event_free(e);
}

static enum err pump(struct call *c)
{
    for (unsigned n = 0; n < EVENTS_PER_RUN; n++) {
        struct event *e;

        if (!c->client_has_gone) {
            enum err room = outlet_room(c->o.outlet, &c->op);
            if (room == WAIT)
                return WAIT;
            c->client_has_gone = room != OK;
        }
        TRY(exchange_next(&c->exchange, &c->op, &e));
        if (event_is_last(e))
            return handle_last(c, e);
        handle(c, e);
        if (c->is_refused)
            return ERR_BUSY;
    }
    op_wake(&c->op);
    return WAIT;
}

/* The user is thinking about a question of the session: it may be what this call's server waits for. */
static bool is_asked_elsewhere(const struct call *c)
{
    return c->o.session != NULL && c->o.session->questions.n > 0;
}

/* What may end a call from outside, looked at on every run. WAIT: nothing does. */
static enum err interrupted(struct call *c)
{
    if (!c->client_has_gone && outlet_gone(c->o.outlet, &c->op) != WAIT)
        c->client_has_gone = true;
    if (c->is_abandoned || (c->client_has_gone && c->o.cancel_when_gone))
        return ERR_CANCELLED;
    if (c->client_has_gone && !c->is_hurried && !list_is_empty(&c->questions)) {
        c->is_hurried = true; /* an answer may still come by itself; the session is not kept for long for its sake */
        timer_start(&c->patience, c->op.loop, min_u64(options_of(c)->call_idle_ms, options_of(c)->question_ms));
    }
    if (c->is_hurried && !list_is_empty(&c->questions) && c->o.endpoint->gateway->is_draining)
        return ERR_CANCELLED; /* no answer can come any more: nothing new is accepted */
    if (is_asked_elsewhere(c) && timer_wait(&c->quiet, &c->op) == OK)
        timer_start(&c->quiet, c->op.loop, options_of(c)->call_idle_ms);
    if (timer_wait(&c->quiet, &c->op) == OK || timer_wait(&c->total, &c->op) == OK) {
        answer_failure(c, ERR_TIMEOUT);
        return ERR_TIMEOUT;
    }
    if (is_listening(c) && c->o.endpoint->gateway->is_draining) {
        auto_buf json;
        buf_init(&json, OUTLET_MESSAGE_MAX);
        compose_subscription_end(&json, c->o.rpc->id);
        answer(c, 200, &json);
        return OK;
    }
    if (timer_wait(&c->beat, &c->op) == OK) {
        if (!c->client_has_gone)
            outlet_beat(c->o.outlet);
        timer_start(&c->beat, c->op.loop, options_of(c)->heartbeat_ms);
        (void)timer_wait(&c->beat, &c->op);
    }
    return WAIT;
}

static enum err wait_for_round(struct call *c)
{
    bool asks = !list_is_empty(&c->questions);
    enum err patience = timer_wait(&c->patience, &c->op);

    if (!asks)
        return patience; /* nothing to ask: only a pause */
    enum err all = all_answered(c);
    if (all == WAIT && patience == OK)
        return ERR_TIMEOUT;
    return all;
}

static enum err call_run(struct op *op)
{
    struct call *c = container_of(op, struct call, op);
    enum err e = interrupted(c);

    if (e != WAIT)
        return e;

    switch (c->state) {
    case CALL_START:
        c->state = CALL_EVENTS;
        TRY(begin_exchange(c));
        FALLTHROUGH;

    case CALL_EVENTS:
        question_forget_answered(&c->questions);
        if (all_answered(c) == WAIT && timer_wait(&c->patience, op) == OK) {
            answer_failure(c, ERR_TIMEOUT);
            return ERR_TIMEOUT;
        }
        if (list_is_empty(&c->questions) && c->patience.state != TIMER_STOPPED) { /* the last was answered just now */
            timer_stop(&c->patience);
            timer_start(&c->quiet, op->loop, options_of(c)->call_idle_ms);
            (void)timer_wait(&c->quiet, op);
        }
        return pump(c);

    case CALL_ASK:
        e = wait_for_round(c);
        if (e == OK)
            e = collect_answers(c);
        if (e == WAIT)
            return WAIT;
        question_forget_all(&c->questions);
        event_free(TAKE(c->round));
        if (e != OK) {
            answer_unasked(c);
            return e;
        }
        c->state = CALL_START;
        op_wake(op);
        return WAIT;
    }
    UNREACHABLE();
}

static void call_release(struct op *op)
{
    struct call *c = container_of(op, struct call, op);

    timer_stop(&c->beat);
    timer_stop(&c->quiet);
    timer_stop(&c->total);
    timer_stop(&c->patience);
    question_forget_all(&c->questions);
    c->exchange.cancel_reason = buf_slice(&c->reason);
    exchange_done(&c->exchange);
    upstream_release(TAKE(c->o.upstream));
    event_free(TAKE(c->round));
    buf_done(&c->reason);
    buf_done(&c->input_responses);
    buf_done(&c->request_state);
    list_remove(&c->link);
}

void call_start(struct call *c, const struct call_options *options, struct op *waiter)
{
    struct gateway *g = options->endpoint->gateway;

    *c = (struct call){ .o = *options, .op = { .run = call_run, .release = call_release } };
    upstream_hold(options->upstream); /* between rounds another one may be opened in its place */
    exchange_init(&c->exchange, g->options.queue_bytes);
    list_init(&c->questions);
    list_init(&c->link);
    buf_init(&c->input_responses, RESPONSES_MAX);
    buf_init(&c->request_state, REQUEST_STATE_MAX);
    buf_init(&c->reason, REASON_MAX);
    buf_put(&c->request_state, options->request_state);
    if (is_listening(c))
        list_append(&g->listening, &c->link);
    else
        timer_start(&c->total, g->options.loop, g->options.call_total_ms);
    timer_start(&c->beat, g->options.loop, min_u64(FIRST_BEAT_MS, g->options.heartbeat_ms));
    op_start(&c->op, g->options.loop, waiter);
}

void call_cancel(struct call *c)
{
    op_cancel(&c->op);
}

void call_abandon(struct call *c, struct slice reason)
{
    c->is_abandoned = true;
    buf_clear(&c->reason);
    buf_put(&c->reason, reason); /* one that is too long is left out */
    op_wake(&c->op);
}
