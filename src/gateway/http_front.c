#include "gateway/http_front.h"

#include <stdlib.h>

#include "base/mem.h"
#include "gateway/call.h"
#include "gateway/endpoint.h"
#include "gateway/gateway_internal.h"
#include "gateway/http_outlet.h"
#include "gateway/listen.h"
#include "gateway/question.h"
#include "gateway/request_state.h"
#include "http/media.h"
#include "mcp/compose.h"
#include "mcp/front.h"
#include "obs/log.h"
#include "server/reply.h"
#include "server/request.h"
#include "json/json.h"

#define ANSWER_MAX (64u * 1024) /* of a refusal */
#define ANONYMOUS  S("anonymous")

/* A POST: one message of a client, from its bytes to the end of its answer. */
struct post {
    struct op op; /* first: the connection frees the block by it */
    enum { POST_READ, POST_OPENING, POST_CALLING } state;
    struct endpoint *endpoint;
    struct request *request;
    struct reply *reply;
    struct http_outlet outlet;
    struct json *json;
    struct rpc rpc;
    struct envelope envelope;
    struct session *session;  /* of a legacy client; held */
    bool is_in_flight;        /* listed among the session's calls */
    struct buf request_state; /* the upstream's, out of what a modern client sent */
    struct timer opening;     /* how long the upstream may take to say who it is */
    struct call call;
};

/* ---- Refusals and small answers ---- */

static enum err refuse(struct post *p, unsigned status, int64_t code, struct slice message, struct slice data)
{
    auto_buf json;

    LOG(p->endpoint->gateway->options.log, INFO, "mcp.refused", F("endpoint", p->endpoint->path), F("status", status),
        F("code", code), F("reason", message), F("method", p->rpc.method), F("peer", p->request->peer));
    buf_init(&json, ANSWER_MAX);
    compose_error(&json, p->rpc.id, code, message, data);
    if (buf_ok(&json) != OK) { /* an id of absurd length: refused without it */
        buf_clear(&json);
        compose_error(&json, NO_SLICE, code, message, data);
    }
    return reply_send(p->reply, status, S("application/json"), buf_slice(&json));
}

/* An answer that the front itself gives. */
static enum err send_json(struct post *p, struct buf *json)
{
    if (buf_ok(json) != OK)
        return refuse(p, 200, RPC_INTERNAL_ERROR, S("The answer is too large"), NO_SLICE);
    return reply_send(p->reply, 200, S("application/json"), buf_slice(json));
}

static enum err accept_message(struct post *p)
{
    return reply_send(p->reply, 202, NO_SLICE, NO_SLICE);
}

static enum err refuse_json(struct post *p, enum err e)
{
    switch (err_class(e)) {
    case ERR_CLASS_SYSTEM:
        return reply_send_err(p->reply, e);
    case ERR_CLASS_LIMIT:
        return refuse(p, 400, RPC_PARSE_ERROR, slice_of(err_text(e)), NO_SLICE);
    case ERR_CLASS_INPUT:
    case ERR_CLASS_NONE:
    case ERR_CLASS_UNAUTHENTICATED:
    case ERR_CLASS_FORBIDDEN:
    case ERR_CLASS_MISSING:
    case ERR_CLASS_BUSY:
    case ERR_CLASS_UPSTREAM:
        break;
    }
    return refuse(p, 400, RPC_PARSE_ERROR, S("The body is not valid JSON"), NO_SLICE);
}

static enum err no_such_session(struct post *p)
{
    return refuse(p, 404, RPC_INVALID_REQUEST, S("There is no such session"), NO_SLICE);
}

/* ---- Reading ---- */

static enum err check_media(struct post *p)
{
    const struct http_headers *headers = &p->request->headers;
    struct media_accept accept = media_accept(headers);

    if (!media_is(http_headers_find(headers, S("content-type")), S("application/json")))
        return refuse(p, 415, RPC_INVALID_REQUEST, S("The body must be application/json"), NO_SLICE);
    struct slice coding = http_headers_find(headers, S("content-encoding"));
    if (coding.ptr != NULL && !slice_eq_nocase(coding, S("identity")))
        return refuse(p, 415, RPC_INVALID_REQUEST, S("The body must not be compressed"), NO_SLICE);
    if (!accept.json && !accept.sse)
        return refuse(p, 406, RPC_INVALID_REQUEST, S("Accept excludes both JSON and event streams"), NO_SLICE);
    http_outlet_init(&p->outlet, p->reply, accept.json, accept.sse);
    return WAIT;
}

/* WAIT: the message is read and may be judged; anything else: it was refused. */
static enum err read_message(struct post *p)
{
    struct err_at at;

    enum err refused = check_media(p);
    if (refused != WAIT)
        return refused;
    enum err e = json_parse(p->request->body, &p->endpoint->gateway->options.json, &p->json, &at);
    if (e != OK)
        return refuse_json(p, e);
    e = rpc_parse(json_root(p->json), p->request->arena, &p->rpc);
    if (e != OK)
        return refuse(p, 400, RPC_INVALID_REQUEST,
                      json_is_array(json_root(p->json)) ? S("A body holds one message, not an array")
                                                        : S("The body is not a JSON-RPC message"),
                      NO_SLICE);
    return WAIT;
}

/* ---- Modern clients ---- */

static enum err start_call(struct post *p, struct upstream_session *upstream)
{
    const struct call_options options = {
        .endpoint = p->endpoint,
        .session = p->session,
        .upstream = upstream,
        .envelope = &p->envelope,
        .rpc = &p->rpc,
        .headers = &p->request->headers,
        .request_state = buf_slice(&p->request_state),
        .outlet = &p->outlet.outlet,
        .cancel_when_gone = p->envelope.era == ERA_MODERN,
    };

    p->state = POST_CALLING;
    call_start(&p->call, &options, &p->op);
    return WAIT;
}

static enum err upstream_refused(struct post *p, enum err e)
{
    auto_buf json = { 0 };

    buf_init(&json, OUTLET_MESSAGE_MAX);
    if (err_class(e) == ERR_CLASS_BUSY)
        return reply_send_err(p->reply, e);
    compose_failure(&json, p->rpc.id, e);
    return send_json(p, &json);
}

/* The upstream gets its own state back. WAIT: go on. */
static enum err unwrap_state(struct post *p)
{
    const struct json_value *sealed = json_get(p->rpc.params, S("requestState"));

    if (sealed == NULL)
        return WAIT;
    enum err e = json_is_string(sealed)
                     ? request_state_unwrap(p->endpoint, &p->envelope, &p->rpc, json_string(sealed), &p->request_state)
                     : ERR_SEAL;
    if (e != OK)
        return refuse(p, 200, RPC_INVALID_PARAMS,
                      e == ERR_EXPIRED ? S("requestState has expired: start again")
                                       : S("requestState is not the one that was given for this request"),
                      NO_SLICE);
    return WAIT;
}

static enum err begin_modern(struct post *p)
{
    struct upstream_session *upstream;

    if (envelope_from_meta(&p->envelope, p->rpc.params, p->request->arena) != OK)
        return refuse(p, 400, RPC_INVALID_PARAMS, S("A member of _meta is malformed"), NO_SLICE);
    if (p->rpc.kind == RPC_NOTIFICATION)
        return accept_message(p); /* closing the stream is what cancels over HTTP */
    if (!p->outlet.takes_stream && slice_eq(p->rpc.method, S("subscriptions/listen")))
        return refuse(p, 406, RPC_INVALID_REQUEST, S("A subscription needs an Accept of text/event-stream"), NO_SLICE);
    if (slice_eq(p->rpc.method, S("tools/call")) &&
        schema_cache_check(&p->endpoint->schemas, &p->envelope, p->rpc.params, &p->request->headers) != OK)
        return refuse(p, 400, RPC_HEADER_MISMATCH, S("An Mcp-Param header differs from its argument"), NO_SLICE);
    enum err refused = unwrap_state(p);
    if (refused != WAIT)
        return refused;

    enum err e = endpoint_upstream(p->endpoint, &p->envelope, &upstream);
    return e == OK ? start_call(p, upstream) : upstream_refused(p, e);
}

/* ---- Legacy clients ---- */

static enum err begin_session(struct post *p)
{
    struct upstream_session *upstream;

    enum err e = envelope_from_initialize(&p->envelope, p->rpc.params, p->request->arena);
    if (e != OK)
        return refuse(p, 200, RPC_INVALID_PARAMS,
                      e == ERR_INVALID ? S("initialize needs protocolVersion and capabilities")
                                       : S("What the client declares is too large"),
                      NO_SLICE);
    e = session_begin(&p->endpoint->gateway->sessions, p->endpoint, &p->envelope, &p->session);
    if (e != OK)
        return upstream_refused(p, e);
    e = session_upstream(p->session, &upstream);
    if (e != OK) {
        p->session->ended = true;
        return upstream_refused(p, e);
    }
    p->state = POST_OPENING;
    timer_start(&p->opening, p->op.loop, p->endpoint->gateway->options.call_idle_ms);
    op_wake(&p->op);
    return WAIT;
}

/* The upstream has said who it is: the client gets that, and its session id. */
static enum err finish_opening(struct post *p)
{
    auto_buf id = { 0 };
    auto_buf json = { 0 };
    struct upstream_session *upstream = p->session->upstream;

    buf_init(&id, 2 * SESSION_ID_MAX);
    buf_init(&json, OUTLET_MESSAGE_MAX);
    enum err e = upstream_ready(upstream, &p->op);
    if (e == WAIT && timer_wait(&p->opening, &p->op) == OK)
        e = ERR_TIMEOUT;
    if (outlet_gone(&p->outlet.outlet, &p->op) != WAIT) {
        p->session->ended = true; /* nobody will ever know its id */
        return ERR_CLOSED;
    }
    if (e == WAIT)
        return WAIT;
    if (e != OK) {
        p->session->ended = true;
        if (upstream->refusal == NULL)
            return upstream_refused(p, e);
        compose_error_value(&json, p->rpc.id, p->rpc.method, upstream->refusal, &p->envelope);
        return send_json(p, &json);
    }
    if (session_put_id(p->session, &id) != OK) {
        p->session->ended = true;
        return refuse(p, 200, RPC_INVALID_PARAMS, S("What the client declares is too large"), NO_SLICE);
    }
    compose_result(&json, p->rpc.id, p->rpc.method, upstream->server, &p->envelope, NO_SLICE);
    if (buf_ok(&json) != OK) {
        p->session->ended = true;
        return send_json(p, &json);
    }
    reply_header(p->reply, S("Mcp-Session-Id"), buf_slice(&id));
    e = outlet_answer(&p->outlet.outlet, 200, buf_slice(&json));
    p->session->ended = e != OK; /* nobody has learned its id */
    return e;
}

static void cancel_by_id(struct session *session, const struct json_value *params)
{
    auto_buf id;

    buf_init(&id, ANSWER_MAX);
    json_put(&id, json_get(params, S("requestId")));
    struct call *call = buf_ok(&id) == OK ? map_find(&session->calls, buf_slice(&id)) : NULL;
    if (call != NULL)
        call_abandon(call, json_get_string(params, S("reason")));
}

static enum err take_notification(struct post *p)
{
    if (p->session == NULL)
        return accept_message(p);
    if (slice_eq(p->rpc.method, S("notifications/cancelled")))
        cancel_by_id(p->session, p->rpc.params);
    else if (slice_eq(p->rpc.method, S("notifications/roots/list_changed")) && p->session->upstream != NULL)
        upstream_notify(p->session->upstream, p->rpc.method, p->rpc.params);
    return accept_message(p);
}

static enum err set_level(struct post *p)
{
    enum log_severity level = severity_of(json_get_string(p->rpc.params, S("level")));

    if (level == SEVERITY_NONE)
        return refuse(p, 200, RPC_INVALID_PARAMS, S("There is no such log level"), NO_SLICE);
    if (p->session != NULL)
        p->session->envelope.log_level = level;
    return WAIT;
}

static enum err legacy_request(struct post *p)
{
    struct upstream_session *upstream;
    enum err e;

    if (slice_eq(p->rpc.method, S("ping"))) {
        auto_buf json;
        buf_init(&json, OUTLET_MESSAGE_MAX);
        compose_result(&json, p->rpc.id, p->rpc.method, NULL, &p->envelope, NO_SLICE);
        return send_json(p, &json);
    }
    if (slice_eq(p->rpc.method, S("logging/setLevel"))) {
        enum err refused = set_level(p);
        if (refused != WAIT)
            return refused;
    }
    if (p->session == NULL) {
        e = endpoint_upstream(p->endpoint, &p->envelope, &upstream);
        return e == OK ? start_call(p, upstream) : upstream_refused(p, e);
    }
    e = map_add(&p->session->calls, p->rpc.id, &p->call);
    if (e == ERR_DUPLICATE)
        return refuse(p, 200, RPC_INVALID_REQUEST, S("A request with this id is still being answered"), NO_SLICE);
    if (e != OK)
        return reply_send_err(p->reply, ERR_BUSY);
    p->is_in_flight = true;
    e = session_upstream(p->session, &upstream);
    return e == OK ? start_call(p, upstream) : upstream_refused(p, e);
}

static enum err begin_legacy(struct post *p, const struct front_verdict *verdict)
{
    struct slice id = http_headers_find(&p->request->headers, S("mcp-session-id"));

    p->envelope.revision = verdict->revision != REVISION_UNKNOWN ? verdict->revision : REVISION_2025_03_26;
    if (p->rpc.kind == RPC_REQUEST && slice_eq(p->rpc.method, S("initialize")))
        return begin_session(p);
    if (id.ptr != NULL) {
        enum err e = session_find(&p->endpoint->gateway->sessions, p->endpoint, p->envelope.principal, id, &p->session);
        if (e != OK)
            return err_class(e) == ERR_CLASS_BUSY ? reply_send_err(p->reply, e) : no_such_session(p);
        TRY(envelope_copy(&p->session->envelope, p->request->arena, &p->envelope));
    }
    if (p->rpc.kind == RPC_RESPONSE) {
        if (p->session != NULL)
            (void)question_answer(p->session, p->rpc.id, p->rpc.result, p->rpc.error);
        return accept_message(p);
    }
    if (p->rpc.kind == RPC_NOTIFICATION)
        return take_notification(p);
    if (envelope_from_legacy_meta(&p->envelope, p->rpc.params, p->request->arena) != OK)
        return refuse(p, 200, RPC_INVALID_PARAMS, S("A member of _meta is malformed"), NO_SLICE);
    return legacy_request(p);
}

/* ---- The op of a POST ---- */

/* A value repeated by a proxy or a client, "v, v", counts once; different ones are handed on to be refused. */
static struct front_facts facts_of(const struct request *request)
{
    return (struct front_facts){
        .protocol_version = http_headers_find(&request->headers, S("mcp-protocol-version")),
        .mcp_method = http_headers_find(&request->headers, S("mcp-method")),
        .mcp_name = http_headers_find(&request->headers, S("mcp-name")),
        .has_session = http_headers_find(&request->headers, S("mcp-session-id")).ptr != NULL,
    };
}

static enum err begin(struct post *p)
{
    auto_buf data = { 0 };

    buf_init(&data, ANSWER_MAX);
    enum err refused = read_message(p);
    if (refused != WAIT)
        return refused;

    struct front_facts facts = facts_of(p->request);
    struct front_verdict verdict = front_judge(&facts, &p->rpc, &data);
    if (verdict.status != 200)
        return refuse(p, verdict.status, verdict.code, verdict.message, buf_slice(&data));
    p->envelope.era = verdict.era;
    p->envelope.principal = ANONYMOUS;
    return verdict.era == ERA_MODERN ? begin_modern(p) : begin_legacy(p, &verdict);
}

static enum err post_run(struct op *op)
{
    struct post *p = container_of(op, struct post, op);

    switch (p->state) {
    case POST_READ:
        return begin(p);

    case POST_OPENING:
        return finish_opening(p);

    case POST_CALLING:
        if (op_is_active(&p->call.op))
            return WAIT;
        if (op_result(&p->call.op) == ERR_BUSY && !reply_is_begun(p->reply))
            return reply_send_err(p->reply, ERR_BUSY);
        outlet_end(&p->outlet.outlet);
        return OK;
    }
    UNREACHABLE();
}

static void post_release(struct op *op)
{
    struct post *p = container_of(op, struct post, op);

    timer_stop(&p->opening);
    if (p->state == POST_CALLING)
        call_cancel(&p->call);
    if (p->is_in_flight)
        (void)map_remove(&p->session->calls, p->rpc.id);
    if (p->session != NULL)
        session_release(TAKE(p->session));
    buf_done(&p->request_state);
    json_free(TAKE(p->json));
}

static struct op *post_start(struct endpoint *endpoint, struct request *request, struct reply *reply, struct op *waiter)
{
    struct post *p = mem_zalloc(1, sizeof(*p));

    p->op.run = post_run;
    p->op.release = post_release;
    p->endpoint = endpoint;
    p->request = request;
    p->reply = reply;
    buf_init(&p->request_state, REQUEST_STATE_MAX);
    op_start(&p->op, endpoint->gateway->options.loop, waiter);
    return &p->op;
}

/* ---- GET and DELETE: of legacy sessions only ---- */

static enum err send_json_error(struct reply *reply, unsigned status, struct slice message)
{
    auto_buf json;

    buf_init(&json, ANSWER_MAX);
    compose_error(&json, NO_SLICE, RPC_INVALID_REQUEST, message, NO_SLICE);
    if (status == 405)
        reply_header(reply, S("Allow"), S("POST"));
    return reply_send(reply, status, S("application/json"), buf_slice(&json));
}

/* Nobody can answer what they ask any more, and whoever started them has said that it is over. */
static void abandon_calls(struct session *session)
{
    size_t at = 0;

    for (struct call *call; (call = map_next(&session->calls, &at, NULL)) != NULL;)
        call_abandon(call, S("The session has ended"));
}

/* The answer was written already: an op that only ends. */
static enum err done_run(struct op *op)
{
    (void)op;
    return OK;
}

static void done_release(struct op *op)
{
    (void)op;
}

static enum err answered(struct endpoint *endpoint, struct op *waiter, struct op **ret)
{
    struct op *op = mem_zalloc(1, sizeof(*op));

    op->run = done_run;
    op->release = done_release;
    op_start(op, endpoint->gateway->options.loop, waiter);
    *ret = op;
    return OK;
}

enum err http_front_start(void *context, struct request *request, struct reply *reply, struct op *waiter,
                          struct op **ret)
{
    struct endpoint *endpoint = context;
    struct gateway *g = endpoint->gateway;
    struct session *session;

    if (slice_eq(request->method, S("POST"))) {
        *ret = post_start(endpoint, request, reply, waiter);
        return OK;
    }
    bool is_get = slice_eq(request->method, S("GET"));
    struct slice id = http_headers_find(&request->headers, S("mcp-session-id"));
    if (id.ptr == NULL) {
        TRY(send_json_error(reply, 405, S("Without a session only POST is served")));
        return answered(endpoint, waiter, ret);
    }
    if (is_get && !media_accept(&request->headers).sse) {
        TRY(send_json_error(reply, 406, S("A stream needs an Accept of text/event-stream")));
        return answered(endpoint, waiter, ret);
    }
    enum err e = session_find(&g->sessions, endpoint, ANONYMOUS, id, &session);
    if (err_class(e) == ERR_CLASS_BUSY)
        return e;
    if (e != OK) {
        TRY(send_json_error(reply, 404, S("There is no such session")));
        return answered(endpoint, waiter, ret);
    }
    if (is_get) {
        *ret = listen_start(endpoint, session, request, reply, waiter);
        return OK;
    }
    session_end(session);
    abandon_calls(session);
    listen_wake_all(&g->streams); /* its streams end with it */
    session_release(session);
    TRY(reply_send(reply, 204, NO_SLICE, NO_SLICE));
    return answered(endpoint, waiter, ret);
}
