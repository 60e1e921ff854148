/*
 * One request to an HTTP upstream, and its answer: JSON at once, or a stream of events that ends with it.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "http/h1_write.h"
#include "http/media.h"
#include "loop/loop.h"
#include "obs/log.h"
#include "upstream/http_internal.h"

#define SHORT_MS       (30u * 1000) /* for the answer to what is no call; calls have deadlines of their own */
#define RETRY_MS       1000u        /* before a stream is resumed, when the server names no time */
#define RETRY_MAX_MS   (60u * 1000)
#define RESUMES_MAX    5u /* without an event in between */
#define EVENT_ID_MAX   1024u
#define HEADERS_MAX    (64u * 1024)
#define EVENTS_PER_RUN 16u
#define REST_MS        2000u
#define REST_MAX       (64u * 1024) /* of a body that interests nobody */

static bool is_short(const struct http_post *post)
{
    return post->purpose != HTTP_POST_EXCHANGE && post->purpose != HTTP_POST_LISTEN;
}

static bool can_resume(const struct http_post *post)
{
    return post->session != NULL && post->session->base.envelope.era == ERA_LEGACY &&
           (post->purpose == HTTP_POST_LISTEN ||
            (post->source.ex != NULL && post->last_event_id.len > 0 && post->n_resumed < RESUMES_MAX));
}

static void send(struct http_post *post, struct slice method, struct slice text)
{
    const struct http_upstream *u = container_of(post->upstream, struct http_upstream, base);
    auto_buf headers;

    buf_init(&headers, HEADERS_MAX);
    http_session_put_headers(post->session, post->purpose, post->source.ex, text.len > 0, &headers);
    if (post->last_event_id.len > 0 &&
        h1_write_header(&headers, S("Last-Event-ID"), buf_slice(&post->last_event_id)) != OK)
        buf_clear(&post->last_event_id); /* cannot be said back: the stream goes on from now */
    post->call = client_send(
        u->client, &(struct client_request){
                       .method = method, .target = u->url.target, .headers = buf_slice(&headers), .body = text });
    post->state = HTTP_POST_HEAD;
}

/* ---- The end of a post ---- */

/* No answer came, or none that can be used. */
static void fail(struct http_post *post, unsigned status, enum err failure)
{
    struct http_session *s = post->session;
    struct exchange *ex = post->source.ex;

    if (s == NULL)
        return;
    if (post->purpose == HTTP_POST_OPENING || post->purpose == HTTP_POST_INITIALIZED)
        http_session_not_opened(s, status, failure);
    else if (ex != NULL)
        dialogue_fail(&s->dialogue, ex, failure);
    else if (post->purpose == HTTP_POST_MESSAGE)
        LOG(s->base.upstream->log, WARN, "upstream.not_told", F("server", s->base.upstream->name), F("status", status),
            F("reason", err_name(failure)));
}

/* What a status without a usable body means for who waits. */
static enum err failure_of(unsigned status)
{
    switch (status) {
    case 401:
    case 403:
    case 407:
        return ERR_FORBIDDEN;
    case 408:
    case 504:
        return ERR_TIMEOUT;
    case 429:
    case 503:
        return ERR_BUSY;
    default:
        return ERR_PROTOCOL;
    }
}

/* ---- Reading ---- */

/* The answer's head decides how its body is read, or that it is not. */
static enum err begin_body(struct http_post *post, const struct h1_response *head)
{
    struct http_session *s = post->session;
    struct slice type = http_headers_find(&head->headers, S("content-type"));
    bool is_good = head->status / 100 == 2;

    if (s != NULL && post->source.ex != NULL && head->status == 404 && post->named_session) {
        http_session_forgotten(s, post);
        return ERR_EXPIRED;
    }
    post->status = head->status;
    if (s != NULL && post->purpose == HTTP_POST_OPENING && is_good)
        http_session_greeted(s, head);
    bool is_answer = post->purpose == HTTP_POST_OPENING || post->purpose == HTTP_POST_EXCHANGE;
    if (is_good && !is_answer && post->purpose != HTTP_POST_LISTEN) {
        post->state = HTTP_POST_REST;
    } else if (is_good && media_is(type, S("text/event-stream"))) {
        post->state = HTTP_POST_SSE;
        sse_reader_init(&post->events, DIALOGUE_MESSAGE_MAX);
    } else if (post->purpose == HTTP_POST_LISTEN) {
        return ERR_UNSUPPORTED; /* it has no such stream (405), or none for us */
    } else if (is_answer && media_is(type, S("application/json")) && (is_good || post->purpose == HTTP_POST_EXCHANGE)) {
        post->state = HTTP_POST_JSON;
        buf_init(&post->body, DIALOGUE_MESSAGE_MAX);
    } else {
        fail(post, head->status, failure_of(head->status));
        return ERR_PROTOCOL;
    }
    return OK;
}

static enum err read_head(struct http_post *post)
{
    const struct h1_response *head;
    enum err e = client_head(post->call, &post->op, &head);

    if (e == OK)
        return begin_body(post, head);
    if (e != WAIT)
        fail(post, 0, e);
    return e;
}

static enum err read_json(struct http_post *post)
{
    struct slice part;

    for (;;) {
        enum err e = client_body(post->call, &post->op, &part);
        if (e == OK && part.len > 0) {
            buf_put(&post->body, part);
            e = buf_ok(&post->body);
        }
        if (e == WAIT)
            return WAIT;
        if (e != OK) {
            fail(post, 0, e);
            return e;
        }
        if (part.len > 0)
            continue;
        if (post->session != NULL)
            dialogue_take(&post->session->dialogue, buf_slice(&post->body), &post->source);
        if (post->source.ex != NULL || post->session == NULL ||
            (post->purpose == HTTP_POST_OPENING && post->session->dialogue.opening_id != 0))
            fail(post, post->status, failure_of(post->status)); /* it was no answer to what we asked */
        return OK;
    }
}

/* OK: whoever the stream was for has had all of it. */
static enum err take_event(struct http_post *post, const struct sse_event *event)
{
    struct http_session *s = post->session;

    if (event->id.ptr != NULL) {
        buf_clear(&post->last_event_id);
        buf_put(&post->last_event_id, event->id);
        if (buf_ok(&post->last_event_id) != OK)
            buf_clear(&post->last_event_id);
    }
    if (event->has_retry)
        post->retry_ms = event->retry_ms;
    if (event->data.len == 0)
        return WAIT; /* it only primes the stream with an id */

    post->n_resumed = 0;
    dialogue_take(&s->dialogue, event->data, &post->source);
    if (post->session == NULL || s->base.state == UPSTREAM_FAILED)
        return OK;
    if (post->purpose == HTTP_POST_OPENING)
        return s->dialogue.opening_id == 0 ? OK : WAIT;
    return post->purpose == HTTP_POST_EXCHANGE && post->source.ex == NULL ? OK : WAIT;
}

static enum err read_events(struct http_post *post)
{
    for (unsigned n = 0; n < EVENTS_PER_RUN;) {
        struct slice part;
        TRY(client_body(post->call, &post->op, &part));
        if (part.len == 0)
            return ERR_CLOSED;
        for (struct sse_event event;; n++) {
            enum err e = sse_read(&post->events, &part, &event);
            if (e == WAIT)
                break;
            TRY(e);
            e = take_event(post, &event);
            if (e != WAIT)
                return e;
        }
    }
    op_wake(&post->op);
    return WAIT;
}

/* The stream broke, or ended before the answer: after a pause, which grows, it goes on where it was (U-04). */
static void pause_stream(struct http_post *post)
{
    uint64_t pause_ms = (post->retry_ms > 0 ? min_u64(post->retry_ms, RETRY_MAX_MS) : RETRY_MS)
                        << min_u64(post->n_resumed, 6);

    client_call_free(TAKE(post->call));
    sse_reader_done(&post->events);
    post->n_resumed++;
    timer_start(&post->timer, post->op.loop, min_u64(pause_ms, RETRY_MAX_MS));
    post->state = HTTP_POST_PAUSE;
}

/* The answer has come; what is left of the stream is its end, after which the connection serves others. */
static void begin_rest(struct http_post *post)
{
    sse_reader_done(&post->events);
    timer_start(&post->timer, post->op.loop, REST_MS);
    post->state = HTTP_POST_REST;
}

static enum err read_rest(struct http_post *post)
{
    for (size_t n = 0; n < REST_MAX;) {
        struct slice part;
        TRY(client_body(post->call, &post->op, &part));
        n += part.len;
        if (part.len == 0)
            break;
    }
    if (post->purpose == HTTP_POST_INITIALIZED && post->session != NULL)
        http_session_stands(post->session);
    return OK;
}

static enum err post_run(struct op *op)
{
    struct http_post *post = container_of(op, struct http_post, op);
    enum err e;

    if ((is_short(post) || post->state == HTTP_POST_REST) && timer_wait(&post->timer, op) == OK) {
        fail(post, 0, ERR_TIMEOUT);
        return ERR_TIMEOUT;
    }
    switch (post->state) {
    case HTTP_POST_PAUSE:
        TRY(timer_wait(&post->timer, op));
        send(post, S("GET"), NO_SLICE);
        FALLTHROUGH;

    case HTTP_POST_HEAD:
        TRY(read_head(post));
        op_wake(op);
        return WAIT;

    case HTTP_POST_JSON:
        return read_json(post);

    case HTTP_POST_SSE:
        e = read_events(post);
        if (e == WAIT)
            return WAIT;
        if (e == OK) {
            begin_rest(post);
        } else if (can_resume(post)) {
            pause_stream(post);
        } else {
            fail(post, 0, e);
            return e;
        }
        op_wake(op);
        return WAIT;

    case HTTP_POST_REST:
        return read_rest(post);
    }
    UNREACHABLE();
}

static void post_release(struct op *op)
{
    struct http_post *post = container_of(op, struct http_post, op);

    if (post->source.ex != NULL)
        post->source.ex->upstream_part = NULL;
    timer_stop(&post->timer);
    client_call_free(post->call);
    if (post->state == HTTP_POST_SSE)
        sse_reader_done(&post->events);
    buf_done(&post->body);
    buf_done(&post->last_event_id);
    list_remove(&post->link);
    free(post);
}

void http_post_start(struct http_session *s, enum http_post_purpose purpose, struct slice text, struct exchange *ex)
{
    struct http_post *post = mem_zalloc(1, sizeof(*post));
    struct slice method = purpose == HTTP_POST_LISTEN   ? S("GET")
                          : purpose == HTTP_POST_DELETE ? S("DELETE")
                                                        : S("POST");

    post->op.run = post_run;
    post->op.release = post_release;
    post->session = s;
    post->upstream = s->base.upstream;
    post->purpose = purpose;
    post->named_session = s->id.len > 0;
    post->opening = s->n_openings;
    post->source.ex = ex;
    if (ex != NULL)
        ex->upstream_part = post;
    buf_init(&post->last_event_id, EVENT_ID_MAX);
    list_append(&s->posts, &post->link);
    send(post, method, text);
    if (is_short(post))
        timer_start(&post->timer, s->base.upstream->loop, SHORT_MS);
    op_start(&post->op, s->base.upstream->loop, NULL);
}

void http_post_orphan(struct http_post *post)
{
    struct http_upstream *u = container_of(post->upstream, struct http_upstream, base);

    post->session = NULL;
    if (post->purpose != HTTP_POST_MESSAGE && post->purpose != HTTP_POST_DELETE) {
        op_cancel(&post->op);
        return;
    }
    list_remove(&post->link);
    list_append(&u->farewells, &post->link);
}
