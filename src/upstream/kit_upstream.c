#include "upstream/kit_upstream.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/check.h"
#include "base/map.h"
#include "base/mem.h"
#include "kit/kit.h"
#include "mcp/code.h"
#include "mcp/revision.h"
#include "upstream/subscription.h"
#include "json/json_write.h"

#define MESSAGE_MAX (32u * 1024 * 1024) /* a kit's own answers (security 1.5, upstream result) */

struct kit_upstream {
    struct upstream base;
    struct kit *kit;
};

struct kit_session {
    struct upstream_session base;
    struct kit_listener *listener; /* legacy: changes go to the session */
    struct subscription changes;   /* legacy: which resources the client subscribed to */
    struct buf server_info;
};

/* What an exchange is here: a call of the kit, or a subscription of a modern client. */
struct work_item {
    struct exchange *exchange;
    struct kit_call *call;
    struct kit_listener *listener;
    struct subscription subscription;
};

static const struct json_limits own_limits = { .max_depth = JSON_DEPTH_CEILING,
                                               .max_nodes = UINT32_MAX,
                                               .max_number_len = 1024 };

static struct kit *kit_of_session(const struct upstream_session *s)
{
    return container_of(s->upstream, struct kit_upstream, base)->kit;
}

static void item_free(struct work_item *item)
{
    if (item == NULL)
        return;
    kit_call_cancel(item->call);
    kit_unlisten(item->listener);
    subscription_done(&item->subscription);
    free(item);
}

/* An event whose JSON is ours: it parses, or we made a mistake that must not take the process with it. */
static struct event *event_of_text(enum event_kind kind, struct slice text)
{
    struct json *json;
    struct err_at at;

    if (json_parse(text, &own_limits, &json, &at) != OK)
        return event_of_failure(ERR_PROTOCOL);
    return event_new(kind, json, json_root(json), text.len);
}

static void push_text(struct exchange *ex, enum event_kind kind, struct buf *text)
{
    if (buf_ok(text) == OK)
        (void)exchange_push(ex, event_of_text(kind, buf_slice(text)));
    else
        exchange_fail(ex, ERR_LIMIT);
}

static void push_error(struct exchange *ex, const struct kit_event *event)
{
    auto_buf text;
    struct json_writer w;

    buf_init(&text, MESSAGE_MAX);
    w = json_writer(&text);
    json_begin_object(&w);
    json_set_i64(&w, S("code"), event->code);
    json_set_string(&w, S("message"), event->message);
    if (event->json.len > 0)
        json_set_raw(&w, S("data"), event->json);
    json_end_object(&w);
    push_text(ex, EVENT_ERROR, &text);
}

static void push_input_required(struct exchange *ex, const struct kit_event *event)
{
    auto_buf text;
    auto_buf state;
    struct json_writer w;

    buf_init(&text, MESSAGE_MAX);
    buf_init(&state, MESSAGE_MAX);
    base64url_put(&state, event->state);
    w = json_writer(&text);
    json_begin_object(&w);
    json_set_raw(&w, S("inputRequests"), event->json);
    if (state.len > 0)
        json_set_string(&w, S("requestState"), buf_slice(&state));
    json_end_object(&w);
    push_text(ex, EVENT_INPUT_REQUIRED, &text);
}

static void on_call_event(struct kit_call *call, const struct kit_event *event, void *context)
{
    struct work_item *item = context;
    struct exchange *ex = item->exchange;
    bool goes_on = false;

    (void)call;
    switch (event->kind) {
    case KIT_PROGRESS:
        goes_on = exchange_push(ex, event_of_text(EVENT_PROGRESS, event->json)) && !ex->finished;
        break;
    case KIT_LOG:
        goes_on = exchange_push(ex, event_of_text(EVENT_LOG, event->json)) && !ex->finished;
        break;
    case KIT_INPUT_REQUIRED:
        push_input_required(ex, event);
        break;
    case KIT_RESULT:
        (void)exchange_push(ex, event_of_text(EVENT_RESULT, event->json));
        break;
    case KIT_ERROR:
        push_error(ex, event);
        break;
    }
    if (!goes_on)
        item_free(item);
}

/* ---- Changes ---- */

static struct event *event_of_change(enum kit_change change, struct slice uri)
{
    static const struct slice methods[] = {
        [KIT_TOOLS_CHANGED] = S("notifications/tools/list_changed"),
        [KIT_PROMPTS_CHANGED] = S("notifications/prompts/list_changed"),
        [KIT_RESOURCES_CHANGED] = S("notifications/resources/list_changed"),
        [KIT_RESOURCE_UPDATED] = S("notifications/resources/updated"),
    };
    struct event *e;

    if (change == KIT_RESOURCE_UPDATED) {
        auto_buf text;
        buf_init(&text, MESSAGE_MAX);
        struct json_writer w = json_writer(&text);
        json_begin_object(&w);
        json_set_string(&w, S("uri"), uri);
        json_end_object(&w);
        e = event_of_text(EVENT_NOTIFICATION, buf_slice(&text));
    } else {
        e = event_new(EVENT_NOTIFICATION, NULL, NULL, 0);
    }
    e->method = methods[change];
    return e;
}

/* Calls `push` once for each notification of the change that the subscription lets through. */
static void tell_change(const struct subscription *sub, enum kit_change change, struct slice uri,
                        void (*push)(void *target, struct event *e), void *target)
{
    if (change != KIT_RESOURCE_UPDATED) {
        static const enum subscription_kind kinds[] = {
            [KIT_TOOLS_CHANGED] = SUBSCRIPTION_TOOLS,
            [KIT_PROMPTS_CHANGED] = SUBSCRIPTION_PROMPTS,
            [KIT_RESOURCES_CHANGED] = SUBSCRIPTION_RESOURCES,
        };
        if (subscription_has(sub, kinds[change]))
            push(target, event_of_change(change, uri));
        return;
    }
    if (uri.len > 0) {
        if (subscription_has_uri(sub, uri))
            push(target, event_of_change(change, uri));
        return;
    }
    size_t at = 0;
    struct slice each;
    while (subscription_next_uri(sub, &at, &each))
        push(target, event_of_change(change, each));
}

static void push_to_session(void *target, struct event *e)
{
    upstream_session_push(target, e);
}

static void push_to_item(void *target, struct event *e)
{
    struct work_item *item = target;

    if (item->exchange == NULL)
        event_free(e);
    else if (!exchange_push(item->exchange, e) || item->exchange->finished)
        item->exchange = NULL; /* cut for being slow */
}

static void on_session_change(enum kit_change change, struct slice uri, void *context)
{
    struct kit_session *s = context;

    tell_change(&s->changes, change, uri, push_to_session, &s->base);
}

static void on_item_change(enum kit_change change, struct slice uri, void *context)
{
    struct work_item *item = context;

    tell_change(&item->subscription, change, uri, push_to_item, item);
    if (item->exchange == NULL)
        item_free(item);
}

/* ---- Sessions ---- */

static void put_server(struct kit *kit, const struct upstream_session *s, struct json_writer *w)
{
    json_name(w, S("capabilities"));
    kit_put_capabilities(kit, w->to);
    w->comma = true;
    if (s->envelope.era == ERA_LEGACY) {
        json_name(w, S("serverInfo"));
        kit_put_server_info(kit, w->to);
        w->comma = true;
    }
    if (kit_instructions(kit).len > 0)
        json_set_string(w, S("instructions"), kit_instructions(kit));
}

static void open_legacy(struct kit_session *s, struct kit *kit)
{
    auto_buf text;
    struct json *json;
    struct err_at at;

    buf_init(&text, MESSAGE_MAX);
    struct json_writer w = json_writer(&text);
    json_begin_object(&w);
    json_set_string(&w, S("protocolVersion"), revision_text(s->base.envelope.revision));
    put_server(kit, &s->base, &w);
    json_end_object(&w);

    enum err e = json_parse(buf_slice(&text), &own_limits, &json, &at);
    upstream_session_opened(&s->base, e, e == OK ? json : NULL, e == OK ? json_root(json) : NULL);
    subscription_add_kinds(&s->changes, SUBSCRIPTION_TOOLS | SUBSCRIPTION_PROMPTS | SUBSCRIPTION_RESOURCES);
    s->listener = kit_listen(kit, s->base.upstream->loop, on_session_change, s);
}

static enum err kit_open(struct upstream *u, const struct envelope *envelope, struct upstream_session **ret)
{
    struct kit_session *s = mem_zalloc(1, sizeof(*s));
    struct kit *kit = container_of(u, struct kit_upstream, base)->kit;

    upstream_session_init(&s->base, u, envelope);
    subscription_init(&s->changes);
    buf_init(&s->server_info, MESSAGE_MAX);
    kit_put_server_info(kit, &s->server_info);
    s->base.server_info = buf_slice(&s->server_info);
    if (envelope->era == ERA_LEGACY)
        open_legacy(s, kit);
    else
        upstream_session_opened(&s->base, OK, NULL, NULL);
    *ret = &s->base;
    return OK;
}

static void kit_close(struct upstream_session *base)
{
    struct kit_session *s = container_of(base, struct kit_session, base);

    kit_unlisten(s->listener);
    subscription_done(&s->changes);
    buf_done(&s->server_info);
    upstream_session_done(base);
    free(s);
}

/* ---- Exchanges ---- */

static void discover(struct upstream_session *s, struct exchange *ex)
{
    struct kit *kit = kit_of_session(s);
    auto_buf text;

    buf_init(&text, MESSAGE_MAX);
    struct json_writer w = json_writer(&text);
    json_begin_object(&w);
    json_name(&w, S("supportedVersions"));
    json_begin_array(&w);
    json_add_string(&w, revision_text(REVISION_2026_07_28));
    json_end_array(&w);
    put_server(kit, s, &w);
    json_set_u64(&w, S("ttlMs"), kit_fresh_ms(kit));
    json_set_string(&w, S("cacheScope"), kit_is_same_for_everyone(kit) ? S("public") : S("private"));
    json_end_object(&w);
    push_text(ex, EVENT_RESULT, &text);
}

/* Acknowledges what of the filter the kit can honour, then tells of changes until the client leaves. */
static void listen_for(struct upstream_session *s, struct exchange *ex)
{
    struct work_item *item = mem_zalloc(1, sizeof(*item));
    auto_buf capabilities_text;
    auto_buf text;
    auto_free(json) capabilities = NULL;
    struct err_at at;

    buf_init(&capabilities_text, MESSAGE_MAX);
    buf_init(&text, MESSAGE_MAX);
    kit_put_capabilities(kit_of_session(s), &capabilities_text);
    CHECK(json_parse(buf_slice(&capabilities_text), &own_limits, &capabilities, &at) == OK);
    subscription_init(&item->subscription);
    if (subscription_from_filter(&item->subscription, json_get(ex->params, S("notifications")),
                                 json_root(capabilities)) != OK) {
        item_free(item);
        exchange_fail(ex, ERR_LIMIT);
        return;
    }
    item->exchange = ex;
    item->listener = kit_listen(kit_of_session(s), s->upstream->loop, on_item_change, item);
    ex->upstream_part = item;

    subscription_put_acknowledgement(&item->subscription, &text);
    struct event *e = event_of_text(EVENT_NOTIFICATION, buf_slice(&text));
    e->method = S("notifications/subscriptions/acknowledged");
    if (!exchange_push(ex, e) || ex->finished)
        item_free(item); /* so many resources that their list is more than a client may leave unread */
}

static void subscribe(struct kit_session *s, struct exchange *ex, bool on)
{
    struct slice uri = json_get_string(ex->params, S("uri"));

    if (uri.ptr == NULL) {
        push_error(ex, &(struct kit_event){ .code = RPC_INVALID_PARAMS, .message = S("uri is missing") });
        return;
    }
    if (on && subscription_add_uri(&s->changes, uri) != OK) {
        exchange_fail(ex, ERR_LIMIT);
        return;
    }
    if (!on)
        subscription_remove_uri(&s->changes, uri);
    (void)exchange_push(ex, event_of_text(EVENT_RESULT, S("{}")));
}

static void call_kit(struct upstream_session *s, struct exchange *ex)
{
    auto_free(json) responses = NULL;
    auto_buf state;
    struct err_at at;

    buf_init(&state, MESSAGE_MAX);
    if ((ex->input_responses.len > 0 && json_parse(ex->input_responses, &own_limits, &responses, &at) != OK) ||
        base64url_decode(&state, ex->request_state) != OK) {
        exchange_fail(ex, ERR_INVALID);
        return;
    }
    const struct kit_request request = {
        .method = ex->method,
        .params = ex->params,
        .input_responses = responses != NULL ? json_root(responses) : json_get(ex->params, S("inputResponses")),
        .state = buf_slice(&state),
        .principal = ex->envelope->principal,
        .abilities = ex->envelope->abilities,
        .log_level = ex->envelope->log_level,
        .wants_progress = ex->envelope->progress_token.len > 0,
    };
    struct work_item *item = mem_zalloc(1, sizeof(*item));
    subscription_init(&item->subscription);
    item->exchange = ex;
    ex->upstream_part = item;
    item->call = kit_call_start(kit_of_session(s), s->upstream->loop, &request, on_call_event, item);
}

static void kit_start(struct upstream_session *base, struct exchange *ex)
{
    struct kit_session *s = container_of(base, struct kit_session, base);
    bool is_modern = base->envelope.era == ERA_MODERN;

    if (is_modern && slice_eq(ex->method, S("server/discover")))
        discover(base, ex);
    else if (is_modern && slice_eq(ex->method, S("subscriptions/listen")))
        listen_for(base, ex);
    else if (!is_modern && slice_eq(ex->method, S("resources/subscribe")))
        subscribe(s, ex, true);
    else if (!is_modern && slice_eq(ex->method, S("resources/unsubscribe")))
        subscribe(s, ex, false);
    else if (!is_modern && slice_eq(ex->method, S("logging/setLevel")))
        (void)exchange_push(ex, event_of_text(EVENT_RESULT, S("{}"))); /* the front remembers it in the envelope */
    else
        call_kit(base, ex);
}

static void kit_cancel(struct upstream_session *s, struct exchange *ex)
{
    (void)s;
    item_free(TAKE(ex->upstream_part));
}

/* The kit asks by input_required alone, so there is never a question to answer. */
static void kit_answer(struct upstream_session *s, uint64_t question, struct slice result, struct slice error)
{
    (void)s;
    (void)question;
    (void)result;
    (void)error;
}

static void kit_notify(struct upstream_session *s, struct slice method, const struct json_value *params)
{
    (void)s; /* nothing is remembered of roots */
    (void)method;
    (void)params;
}

static void kit_upstream_free(struct upstream *u)
{
    free(container_of(u, struct kit_upstream, base));
}

struct upstream *kit_upstream_new(struct kit *kit, struct loop *loop, struct log *log)
{
    static const struct upstream_type type = {
        .name = "kit",
        .open = kit_open,
        .close = kit_close,
        .start = kit_start,
        .cancel = kit_cancel,
        .answer = kit_answer,
        .notify = kit_notify,
        .free = kit_upstream_free,
    };
    struct kit_upstream *u = mem_zalloc(1, sizeof(*u));

    upstream_init(&u->base, &type, kit_name(kit), loop, log);
    u->kit = kit;
    return &u->base;
}
