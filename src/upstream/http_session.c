/*
 * A session with an HTTP upstream: how it opens, what goes with each request, and how it ends.
 */
#include <stdlib.h>

#include "http/h1_write.h"
#include "loop/loop.h"
#include "mcp/compose.h"
#include "mcp/front.h"
#include "mcp/header_value.h"
#include "obs/log.h"
#include "upstream/http_internal.h"
#include "json/json.h"

#define LEGACY_BY_STATUS_MS (24u * 60 * 60 * 1000) /* a verdict that works, worse, for ever: it expires (eras 3) */

static bool is_modern(const struct http_session *s)
{
    return s->base.envelope.era == ERA_MODERN;
}

static struct http_session *session_of(struct dialogue *d)
{
    return container_of(d, struct http_session, dialogue);
}

static void detach(struct exchange *ex)
{
    struct http_post *post = ex->upstream_part;

    post->source.ex = NULL;
    ex->upstream_part = NULL;
}

/* ---- Headers ---- */

static void put(struct buf *to, struct slice name, struct slice value)
{
    if (value.len > 0 && h1_write_header(to, name, value) != OK)
        return; /* what cannot stand in a header is in the body too, or is the server's own nonsense */
}

/* The client's own, checked by the front edge against the body (T-62). */
static void put_params(struct buf *to, const struct http_headers *headers)
{
    for (size_t i = 0; headers != NULL && i < headers->n_fields; i++)
        if (slice_eq_nocase(slice_first(headers->fields[i].name, S("Mcp-Param-").len), S("Mcp-Param-")))
            put(to, headers->fields[i].name, headers->fields[i].value);
}

static void put_modern(const struct http_session *s, const struct exchange *ex, struct buf *to)
{
    struct slice subject = ex != NULL ? front_subject(ex->method, ex->params) : NO_SLICE;

    put(to, S("MCP-Protocol-Version"), revision_text(s->base.envelope.revision));
    put(to, S("Mcp-Method"), ex != NULL ? ex->method : S("server/discover"));
    if (subject.ptr != NULL) {
        auto_buf name;
        buf_init(&name, DIALOGUE_MESSAGE_MAX);
        header_value_put(&name, subject);
        put(to, S("Mcp-Name"), buf_slice(&name));
    }
    if (ex != NULL)
        put_params(to, ex->headers);
}

void http_session_put_headers(const struct http_session *s, enum http_post_purpose purpose, const struct exchange *ex,
                              bool has_body, struct buf *to)
{
    const struct http_upstream *u = http_upstream_of(s);
    const struct envelope *envelope = ex != NULL ? ex->envelope : &s->base.envelope;

    put(to, S("Host"), u->url.authority);
    put(to, S("User-Agent"), S("gatehouse"));
    put(to, S("Accept"), has_body ? S("application/json, text/event-stream") : S("text/event-stream"));
    if (has_body)
        put(to, S("Content-Type"), S("application/json"));
    if (is_modern(s)) {
        put_modern(s, ex, to);
    } else if (purpose != HTTP_POST_OPENING) {
        put(to, S("Mcp-Session-Id"), buf_slice(&s->id));
        put(to, S("MCP-Protocol-Version"), s->version);
    }
    put(to, S("traceparent"), envelope->traceparent);
    put(to, S("tracestate"), envelope->tracestate);
    buf_put(to, u->headers);
}

/* ---- Opening ---- */

static void begin_opening(struct http_session *s)
{
    auto_buf text;

    s->n_openings++;
    buf_init(&text, DIALOGUE_MESSAGE_MAX);
    dialogue_put_opening(&s->dialogue, &text);
    http_post_start(s, HTTP_POST_OPENING, buf_slice(&text), NULL);
}

void http_session_begin(struct http_session *s)
{
    begin_opening(s);
}

void http_session_greeted(struct http_session *s, const struct h1_response *head)
{
    buf_clear(&s->id);
    if (!is_modern(s))
        buf_put(&s->id, http_headers_find(&head->headers, S("mcp-session-id")));
    if (buf_ok(&s->id) != OK)
        buf_clear(&s->id); /* a server that gives no usable id gets on without (it is then its own to complain) */
}

/* The conversation is over: whatever waits fails. */
static void lose(struct http_session *s, enum err failure)
{
    if (s->base.state == UPSTREAM_OPENING) {
        upstream_session_opened(&s->base, failure, NULL, NULL);
    } else {
        s->base.state = UPSTREAM_FAILED;
        s->base.failure = failure;
    }
    dialogue_fail_all(&s->dialogue, failure);
    http_session_end(s);
}

static void note_legacy_only(struct http_session *s)
{
    struct upstream *u = s->base.upstream;

    LOG(u->log, INFO, "upstream.legacy_only", F("server", u->name));
    http_upstream_of(s)->legacy_until_ns = loop_now_ns(u->loop) + LEGACY_BY_STATUS_MS * NS_PER_MS;
}

/* Statuses that say nothing about the era (eras 3): the caller, or the moment, is what they refuse. */
static bool says_nothing_of_era(unsigned status)
{
    return status == 401 || status == 403 || status == 407 || status == 408 || status == 429 || status / 100 != 4;
}

void http_session_not_opened(struct http_session *s, unsigned status, enum err failure)
{
    if (is_modern(s) && !says_nothing_of_era(status)) {
        note_legacy_only(s);
        failure = ERR_UNSUPPORTED;
    }
    LOG(s->base.upstream->log, WARN, "upstream.not_opened", F("server", s->base.upstream->name), F("status", status),
        F("reason", err_name(failure)));
    lose(s, failure);
}

void http_session_stands(struct http_session *s)
{
    bool is_first = s->base.server == NULL;

    if (!is_modern(s))
        http_post_start(s, HTTP_POST_LISTEN, NO_SLICE, NULL);
    if (is_first) {
        upstream_session_opened(&s->base, OK, TAKE(s->greeting), s->greeting_value);
    } else {
        json_free(TAKE(s->greeting)); /* the client knows the server by its first words */
        s->base.state = UPSTREAM_READY;
    }
    list_each(entry, following, &s->base.exchanges)
        http_session_send(s, container_of(entry, struct exchange, link));
}

/* The server knows the client now; it must have taken `initialized` before anything else is sent. */
static void say_initialized(struct http_session *s, struct json *json, const struct json_value *value)
{
    auto_buf text;
    enum revision revision = revision_of(json_get_string(value, S("protocolVersion")));

    s->greeting = json;
    s->greeting_value = value;
    s->version = revision >= REVISION_2025_06_18 ? revision_text(revision) : NO_SLICE; /* older ones know no header */
    buf_init(&text, DIALOGUE_MESSAGE_MAX);
    compose_notification(&text, S("notifications/initialized"), NULL, NULL, 0);
    http_post_start(s, HTTP_POST_INITIALIZED, buf_slice(&text), NULL);
}

static void opened(struct dialogue *d, enum dialogue_opening how, struct json *json, const struct json_value *value)
{
    struct http_session *s = session_of(d);

    switch (how) {
    case DIALOGUE_STANDS:
        if (!is_modern(s)) {
            say_initialized(s, json, value);
            return;
        }
        json_free(json);
        http_session_stands(s);
        return;
    case DIALOGUE_LEGACY_ONLY:
        json_free(json);
        note_legacy_only(s);
        lose(s, ERR_UNSUPPORTED);
        return;
    case DIALOGUE_REFUSED:
        upstream_session_opened(&s->base, ERR_UNSUPPORTED, json, NULL);
        s->base.refusal = value;
        lose(s, ERR_UNSUPPORTED);
        return;
    case DIALOGUE_NONSENSE:
        json_free(json);
        lose(s, ERR_PROTOCOL);
        return;
    }
}

static void open_again(struct http_session *s)
{
    LOG(s->base.upstream->log, INFO, "upstream.session_forgotten", F("server", s->base.upstream->name));
    s->was_reopened = true;
    s->base.state = UPSTREAM_OPENING;
    buf_clear(&s->id);
    s->version = NO_SLICE;
    list_each(entry, following, &s->posts) {
        struct http_post *post = container_of(entry, struct http_post, link);
        if (post->purpose == HTTP_POST_LISTEN)
            http_post_orphan(post);
    }
    begin_opening(s);
}

/* A 404 is a refusal before anything was done, so the request may be sent again on a new session, once. */
void http_session_forgotten(struct http_session *s, const struct http_post *post)
{
    struct exchange *ex = post->source.ex;
    bool is_news = post->opening == s->n_openings && s->base.state == UPSTREAM_READY;

    if (is_news && s->was_reopened) {
        lose(s, ERR_EXPIRED);
        return;
    }
    detach(ex); /* so it waits inside, as if it had never been sent */
    if (is_news)
        open_again(s);
    else if (s->base.state == UPSTREAM_READY)
        http_session_send(s, ex); /* others have opened the new one meanwhile */
}

/* ---- Talking ---- */

void http_session_send(struct http_session *s, struct exchange *ex)
{
    auto_buf text;

    if (ex->upstream_part != NULL)
        return; /* it is under way */
    buf_init(&text, DIALOGUE_MESSAGE_MAX);
    exchange_put(ex, &text);
    if (buf_ok(&text) == OK)
        http_post_start(s, HTTP_POST_EXCHANGE, buf_slice(&text), ex);
    else
        exchange_fail(ex, ERR_LIMIT);
}

static enum err say(struct dialogue *d, struct buf *message)
{
    struct http_session *s = session_of(d);

    if (!is_modern(s)) /* there, closing the stream says it all */
        http_post_start(s, HTTP_POST_MESSAGE, buf_slice(message), NULL);
    return OK;
}

static void forget(struct dialogue *d, struct exchange *ex)
{
    session_of(d)->was_reopened = false; /* the server has said something else than 404 */
    detach(ex);
}

void http_session_init(struct http_session *s)
{
    static const struct dialogue_carrier carrier = { .say = say, .forget = forget, .opened = opened };

    dialogue_init(&s->dialogue, &s->base, &carrier);
    buf_init(&s->id, HTTP_SESSION_ID_MAX);
    list_init(&s->posts);
}

void http_session_end(struct http_session *s)
{
    if (s->id.len > 0)
        http_post_start(s, HTTP_POST_DELETE, NO_SLICE, NULL);
    buf_clear(&s->id);
    dialogue_done(&s->dialogue);
    json_free(TAKE(s->greeting));
    list_each(entry, following, &s->posts)
        http_post_orphan(container_of(entry, struct http_post, link));
}
