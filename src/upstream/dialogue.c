#include "upstream/dialogue.h"

#include <stdlib.h>

#include "base/mem.h"
#include "loop/loop.h"
#include "mcp/compose.h"
#include "mcp/message.h"
#include "mcp/meta.h"
#include "obs/log.h"
#include "json/json.h"

#define NOISE_LINES_PER_MINUTE 100u  /* S-84 */
#define ID_BYTES               4096u /* of a server's request id */
#define NOT_THIS_ERA                                                                                                   \
    S("{\"code\":-32601,\"message\":\"This server does not speak a revision of the modern era: begin with initialize\"}")

static const struct slice elicitation = S("elicitation/create");
static const struct slice sampling = S("sampling/createMessage");
static const struct slice roots = S("roots/list");

/* A request of the server to the client. */
struct dialogue_question {
    struct list link;
    uint64_t number;
    struct slice id;     /* the server's, as JSON text; owned */
    struct slice method; /* static */
    struct exchange *ex; /* whose it is; NULL: the session's */
};

static bool is_modern(const struct dialogue *d)
{
    return d->session->envelope.era == ERA_MODERN;
}

static struct log *log_of(const struct dialogue *d)
{
    return d->session->upstream->log;
}

static const char *server_name(const struct dialogue *d)
{
    return d->session->upstream->name;
}

void dialogue_init(struct dialogue *d, struct upstream_session *session, const struct dialogue_carrier *carrier)
{
    *d = (struct dialogue){ .session = session, .carrier = carrier };
    list_init(&d->questions);
}

bool dialogue_quota_take(struct dialogue_quota *q, uint64_t now_ns, unsigned per_minute)
{
    if (now_ns - q->minute_began_ns >= 60 * NS_PER_S) {
        q->minute_began_ns = now_ns;
        q->n_logged = 0;
    }
    if (q->n_logged >= per_minute) {
        q->n_passed_over++;
        return false;
    }
    q->n_logged++;
    return true;
}

static void note_noise(struct dialogue *d, struct slice text)
{
    if (dialogue_quota_take(&d->noise, loop_now_ns(d->session->upstream->loop), NOISE_LINES_PER_MINUTE))
        LOG(log_of(d), WARN, "upstream.noise", F("server", server_name(d)), F("text", text),
            F("passed_over", d->noise.n_passed_over));
}

static void say(struct dialogue *d, struct buf *text)
{
    enum err e = buf_ok(text) == OK ? d->carrier->say(d, text) : ERR_LIMIT;

    if (e != OK)
        LOG(log_of(d), WARN, "upstream.not_told", F("server", server_name(d)), F("reason", err_name(e)));
}

static void respond(struct dialogue *d, struct slice id, struct slice result, struct slice error)
{
    auto_buf text;

    buf_init(&text, DIALOGUE_MESSAGE_MAX);
    compose_response(&text, id, result, error);
    say(d, &text);
}

/* ---- Exchanges ---- */

static void tell_cancelled(struct dialogue *d, uint64_t id, struct slice reason)
{
    auto_buf text = { 0 };
    auto_buf id_text = { 0 };
    auto_buf reason_text = { 0 };

    buf_init(&text, DIALOGUE_MESSAGE_MAX);
    buf_init(&id_text, 64);
    buf_init(&reason_text, DIALOGUE_MESSAGE_MAX);
    buf_put_u64(&id_text, id);
    json_put_string(&reason_text, reason);
    struct json_edit edits[] = { { S("requestId"), buf_slice(&id_text) }, { S("reason"), buf_slice(&reason_text) } };
    compose_notification(&text, S("notifications/cancelled"), NULL, edits, reason.len > 0 ? 2 : 1);
    say(d, &text);
}

static struct exchange *find_under_way(struct dialogue *d, const struct json_value *id)
{
    uint64_t number;
    struct exchange *ex = json_u64(id, &number) == OK ? upstream_session_find(d->session, number) : NULL;

    return ex != NULL && ex->upstream_part != NULL ? ex : NULL;
}

static bool can_be_any(const struct exchange *ex)
{
    return !slice_eq(ex->method, S("subscriptions/listen"));
}

static bool can_be_asking(const struct exchange *ex)
{
    return slice_eq(ex->method, S("tools/call")) || slice_eq(ex->method, S("prompts/get")) ||
           slice_eq(ex->method, S("resources/read"));
}

/* The exchange that a message of this source belongs to, or NULL: it is the session's. */
static struct exchange *find_owner(struct dialogue *d, const struct dialogue_source *source,
                                   bool (*can_be)(const struct exchange *ex))
{
    struct exchange *found = NULL;

    if (!source->is_shared)
        return source->ex;
    list_each(entry, following, &d->session->exchanges) {
        struct exchange *ex = container_of(entry, struct exchange, link);
        if (ex->upstream_part == NULL || !can_be(ex))
            continue;
        if (found != NULL)
            return NULL;
        found = ex;
    }
    return found;
}

/* ---- Questions ---- */

static bool has_question(const struct dialogue *d, const struct exchange *ex)
{
    list_each(entry, following, &d->questions)
        if (container_of(entry, struct dialogue_question, link)->ex == ex)
            return true;
    return false;
}

/*
 * Several calls may be asking. The session's own stream is the place for that; while nobody reads it, the question goes
 * with the longest waiting call that has none yet: it is the same client on all of them, and asked it must be.
 */
static struct exchange *guess_asking(const struct dialogue *d)
{
    if (d->session->events.changed.op != NULL)
        return NULL;
    list_each(entry, following, &d->session->exchanges) {
        struct exchange *ex = container_of(entry, struct exchange, link);
        if (ex->upstream_part != NULL && can_be_asking(ex) && !has_question(d, ex))
            return ex;
    }
    return NULL;
}

static void forget_question(struct dialogue *d, struct dialogue_question *q)
{
    list_remove(&q->link);
    d->n_questions--;
    free((void *)(uintptr_t)q->id.ptr);
    free(q);
}

void dialogue_done(struct dialogue *d)
{
    list_each(entry, following, &d->questions)
        forget_question(d, container_of(entry, struct dialogue_question, link));
}

/* Nobody will answer: what the server gets instead (eras 6.1, step 8). */
static void decline(struct dialogue *d, const struct dialogue_question *q)
{
    if (slice_eq(q->method, elicitation))
        respond(d, q->id, S("{\"action\":\"cancel\"}"), NO_SLICE);
    else if (slice_eq(q->method, sampling))
        respond(d, q->id, NO_SLICE, S("{\"code\":-1,\"message\":\"The user is not there to answer\"}"));
    else
        respond(d, q->id, NO_SLICE, S("{\"code\":-32603,\"message\":\"The roots are not known\"}"));
}

static void forget_questions_of(struct dialogue *d, const struct exchange *ex, bool do_decline)
{
    list_each(entry, following, &d->questions) {
        struct dialogue_question *q = container_of(entry, struct dialogue_question, link);
        if (q->ex != ex)
            continue;
        if (do_decline)
            decline(d, q);
        forget_question(d, q);
    }
}

/* The server has the exchange's request, and nobody waits for the answer any more. */
void dialogue_cancel(struct dialogue *d, struct exchange *ex)
{
    d->carrier->forget(d, ex);
    forget_questions_of(d, ex, true);
    tell_cancelled(d, ex->id, ex->cancel_reason);
}

void dialogue_answer(struct dialogue *d, uint64_t question, struct slice result, struct slice error)
{
    list_each(entry, following, &d->questions) {
        struct dialogue_question *q = container_of(entry, struct dialogue_question, link);
        if (q->number != question)
            continue;
        respond(d, q->id, result, error);
        forget_question(d, q);
        return;
    }
}

void dialogue_notify(struct dialogue *d, struct slice method, const struct json_value *params)
{
    auto_buf text = { 0 };

    buf_init(&text, DIALOGUE_MESSAGE_MAX);
    if (is_modern(d))
        return; /* in that era there is nothing to tell */
    compose_notification(&text, method, params, NULL, 0);
    say(d, &text);
}

/* An event before the answer. An exchange whose reader is too slow fails alone, and the server may stop working on it. */
static void push(struct dialogue *d, struct exchange *ex, struct event *e)
{
    if (ex == NULL)
        upstream_session_push(d->session, e);
    else if (!exchange_push(ex, e))
        dialogue_cancel(d, ex);
}

/* ---- What comes in ---- */

/* One message on its way to whom it belongs. An event takes `json`. */
struct arrival {
    struct rpc rpc;
    struct json *json;
    const struct json_value *root;
    struct slice text;
    const struct dialogue_source *source;
};

static struct event *event_of(struct arrival *a, enum event_kind kind, const struct json_value *value)
{
    return event_new(kind, TAKE(a->json), value, a->text.len);
}

static void take_question(struct dialogue *d, struct arrival *a, struct slice method)
{
    if (d->n_questions >= DIALOGUE_QUESTIONS_MAX) {
        respond(d, a->rpc.id, NO_SLICE, S("{\"code\":-32603,\"message\":\"Too many questions are unanswered\"}"));
        return;
    }
    struct dialogue_question *q = mem_zalloc(1, sizeof(*q));
    q->number = ++d->n_asked;
    q->id = mem_dup(a->rpc.id);
    q->method = method;
    q->ex = find_owner(d, a->source, can_be_asking);
    if (q->ex == NULL && a->source->is_shared)
        q->ex = guess_asking(d);
    list_append(&d->questions, &q->link);
    d->n_questions++;

    struct event *e = event_of(a, EVENT_QUESTION, a->rpc.params);
    e->method = method;
    e->question = q->number;
    push(d, q->ex, e);
}

static void take_request(struct dialogue *d, struct arrival *a)
{
    if (is_modern(d))
        note_noise(d, a->text); /* a server of that era has no requests, and gets no responses (I-06) */
    else if (slice_eq(a->rpc.method, S("ping")))
        respond(d, a->rpc.id, S("{}"), NO_SLICE);
    else if (slice_eq(a->rpc.method, elicitation))
        take_question(d, a, elicitation);
    else if (slice_eq(a->rpc.method, sampling))
        take_question(d, a, sampling);
    else if (slice_eq(a->rpc.method, roots))
        take_question(d, a, roots);
    else
        respond(d, a->rpc.id, NO_SLICE, S("{\"code\":-32601,\"message\":\"Method not found\"}"));
}

/* The server needs no answer to this question any more. */
static void take_back_question(struct dialogue *d, const struct json_value *params)
{
    auto_buf id;

    buf_init(&id, ID_BYTES);
    json_put(&id, json_get(params, S("requestId")));
    list_each(entry, following, &d->questions) {
        struct dialogue_question *q = container_of(entry, struct dialogue_question, link);
        if (buf_ok(&id) == OK && slice_eq(q->id, buf_slice(&id)))
            forget_question(d, q);
    }
}

/* Of a change. In the modern era it is a subscription's: named by the message, or by the stream it came on. */
static void take_change(struct dialogue *d, struct arrival *a)
{
    struct exchange *ex = NULL;

    if (is_modern(d)) {
        ex = a->source->ex;
        if (a->source->is_shared)
            ex = find_under_way(d, json_get(json_get(a->rpc.params, S("_meta")), META_SUBSCRIPTION_ID));
        if (ex == NULL)
            return; /* of a subscription that has ended */
    }
    struct event *e = event_of(a, EVENT_NOTIFICATION, a->rpc.params);
    e->method = a->rpc.method;
    push(d, ex, e);
}

static void take_notification(struct dialogue *d, struct arrival *a)
{
    if (slice_eq(a->rpc.method, S("notifications/progress"))) {
        struct exchange *ex = find_under_way(d, json_get(a->rpc.params, S("progressToken")));
        if (ex != NULL)
            push(d, ex, event_of(a, EVENT_PROGRESS, a->rpc.params));
    } else if (slice_eq(a->rpc.method, S("notifications/message"))) {
        push(d, find_owner(d, a->source, can_be_any), event_of(a, EVENT_LOG, a->rpc.params));
    } else if (slice_eq(a->rpc.method, S("notifications/cancelled"))) {
        take_back_question(d, a->rpc.params);
    } else {
        take_change(d, a);
    }
}

static void take_response(struct dialogue *d, struct arrival *a)
{
    struct exchange *ex = find_under_way(d, json_get(a->root, S("id")));

    if (ex == NULL) {
        LOG(log_of(d), DEBUG, "upstream.late_answer", F("server", server_name(d)), F("id", a->rpc.id));
        return;
    }
    d->carrier->forget(d, ex);
    forget_questions_of(d, ex, false);

    const struct json_value *value = a->rpc.error != NULL ? a->rpc.error : a->rpc.result;
    bool asks = is_modern(d) && json_string_is(json_get(a->rpc.result, S("resultType")), S("input_required"));
    enum event_kind kind = a->rpc.error != NULL ? EVENT_ERROR : asks ? EVENT_INPUT_REQUIRED : EVENT_RESULT;
    if (json_is_object(value))
        (void)exchange_push(ex, event_of(a, kind, value)); /* the last one always finds room */
    else
        exchange_fail(ex, ERR_PROTOCOL);
}

/* ---- Opening and failing ---- */

void dialogue_put_opening(struct dialogue *d, struct buf *to)
{
    d->opening_id = upstream_next_id(d->session->upstream);
    if (is_modern(d))
        compose_request(to, d->opening_id, S("server/discover"), NULL, &d->session->envelope, NO_SLICE, NULL, 0);
    else
        compose_initialize(to, d->opening_id, &d->session->envelope);
}

static bool speaks_modern(const struct json_value *discovered)
{
    json_each_element(e, json_get(discovered, S("supportedVersions")))
        if (revision_era(revision_of(json_string(e.value))) == ERA_MODERN)
            return true;
    return false;
}

static void take_opening(struct dialogue *d, struct arrival *a)
{
    enum dialogue_opening how = DIALOGUE_NONSENSE;

    d->opening_id = 0;
    if (is_modern(d))
        how = speaks_modern(a->rpc.result) ? DIALOGUE_STANDS : DIALOGUE_LEGACY_ONLY;
    else if (json_is_object(a->rpc.result))
        how = DIALOGUE_STANDS;
    else if (a->rpc.error != NULL)
        how = DIALOGUE_REFUSED;
    d->carrier->opened(d, how, TAKE(a->json), a->rpc.error != NULL ? a->rpc.error : a->rpc.result);
}

static void refuse_era(struct exchange *ex)
{
    struct json *json;
    struct err_at at;

    if (json_parse(NOT_THIS_ERA, &JSON_LIMITS_MCP, &json, &at) == OK)
        (void)exchange_push(ex, event_new(EVENT_ERROR, json, json_root(json), 0));
    else
        exchange_fail(ex, ERR_UNSUPPORTED);
}

void dialogue_fail(struct dialogue *d, struct exchange *ex, enum err failure)
{
    if (ex->upstream_part != NULL)
        d->carrier->forget(d, ex);
    if (failure == ERR_UNSUPPORTED && is_modern(d))
        refuse_era(ex);
    else
        exchange_fail(ex, failure);
}

void dialogue_fail_all(struct dialogue *d, enum err failure)
{
    dialogue_done(d);
    list_each(entry, following, &d->session->exchanges)
        dialogue_fail(d, container_of(entry, struct exchange, link), failure);
}

void dialogue_note_too_long(struct dialogue *d)
{
    struct exchange *ex = find_owner(d, &(struct dialogue_source){ .is_shared = true }, can_be_any);

    LOG(log_of(d), WARN, "upstream.too_long", F("server", server_name(d)), F("limit", DIALOGUE_MESSAGE_MAX));
    if (ex == NULL)
        return;
    uint64_t id = ex->id;
    forget_questions_of(d, ex, true);
    dialogue_fail(d, ex, ERR_LIMIT);
    tell_cancelled(d, id, NO_SLICE);
}

/* ---- Messages ---- */

static void take_message(struct dialogue *d, struct arrival *a)
{
    struct arena arena;
    uint64_t id;

    arena_init(&arena, ID_BYTES);
    a->root = json_root(a->json);
    if (rpc_parse(a->root, &arena, &a->rpc) != OK)
        note_noise(d, a->text);
    else if (a->rpc.kind == RPC_REQUEST)
        take_request(d, a);
    else if (a->rpc.kind == RPC_NOTIFICATION)
        take_notification(d, a);
    else if (d->opening_id != 0 && json_u64(json_get(a->root, S("id")), &id) == OK && id == d->opening_id)
        take_opening(d, a);
    else
        take_response(d, a);
    arena_done(&arena);
}

/* An array of messages, which servers of one revision may send (decision 14): each becomes a document of its own. */
static void take_batch(struct dialogue *d, const struct json_value *batch, const struct dialogue_source *source)
{
    json_each_element(element, batch) {
        auto_buf text;
        buf_init(&text, DIALOGUE_MESSAGE_MAX);
        json_put(&text, element.value);
        if (buf_ok(&text) == OK && !json_is_array(element.value) && d->session->state != UPSTREAM_FAILED)
            dialogue_take(d, buf_slice(&text), source);
    }
}

void dialogue_take(struct dialogue *d, struct slice text, const struct dialogue_source *source)
{
    struct arrival a = { .text = text, .source = source };
    struct err_at at;

    if (json_parse(text, &JSON_LIMITS_MCP, &a.json, &at) != OK) {
        note_noise(d, text);
        return;
    }
    if (json_is_array(json_root(a.json)) && d->session->envelope.revision == REVISION_2025_03_26)
        take_batch(d, json_root(a.json), source);
    else
        take_message(d, &a);
    json_free(a.json); /* what no event has taken */
}
