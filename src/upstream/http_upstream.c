#include "upstream/http_upstream.h"

#include <stdlib.h>

#include "base/mem.h"
#include "loop/loop.h"
#include "upstream/http_internal.h"
#include "json/json.h"

#define MAX_SESSIONS 1024u
#define TEXTS_BYTES  (64u * 1024) /* the URL and the headers of the configuration */

static enum err http_open(struct upstream *base, const struct envelope *envelope, struct upstream_session **ret)
{
    struct http_upstream *u = container_of(base, struct http_upstream, base);

    if (base->n_sessions >= u->max_sessions)
        return ERR_BUSY;
    struct http_session *s = mem_zalloc(1, sizeof(*s));
    upstream_session_init(&s->base, base, envelope);
    http_session_init(s);
    if (envelope->era == ERA_MODERN && loop_now_ns(base->loop) < u->legacy_until_ns)
        upstream_session_opened(&s->base, ERR_UNSUPPORTED, NULL, NULL);
    else
        http_session_begin(s);
    *ret = &s->base;
    return OK;
}

static void http_close(struct upstream_session *base)
{
    struct http_session *s = container_of(base, struct http_session, base);

    http_session_end(s);
    buf_done(&s->id);
    upstream_session_done(base);
    free(s);
}

static void http_start(struct upstream_session *base, struct exchange *ex)
{
    struct http_session *s = container_of(base, struct http_session, base);

    switch (base->state) {
    case UPSTREAM_OPENING:
        break; /* it is sent when the session stands */
    case UPSTREAM_READY:
        http_session_send(s, ex);
        break;
    case UPSTREAM_FAILED:
        dialogue_fail(&s->dialogue, ex, base->failure);
        break;
    }
}

static void http_cancel(struct upstream_session *base, struct exchange *ex)
{
    struct http_session *s = container_of(base, struct http_session, base);
    struct http_post *post = ex->upstream_part;

    if (post == NULL)
        return; /* the server has never heard of it */
    dialogue_cancel(&s->dialogue, ex);
    op_cancel(&post->op);
}

static void http_answer(struct upstream_session *base, uint64_t question, struct slice result, struct slice error)
{
    dialogue_answer(&container_of(base, struct http_session, base)->dialogue, question, result, error);
}

static void http_notify(struct upstream_session *base, struct slice method, const struct json_value *params)
{
    if (base->state == UPSTREAM_READY)
        dialogue_notify(&container_of(base, struct http_session, base)->dialogue, method, params);
}

static void http_free(struct upstream *base)
{
    struct http_upstream *u = container_of(base, struct http_upstream, base);

    list_each(entry, following, &u->farewells)
        op_cancel(&container_of(entry, struct http_post, link)->op);
    client_free(u->client);
    arena_done(&u->arena);
    free(u);
}

static enum err read_options(struct http_upstream *u, const struct http_upstream_options *options)
{
    TRY(url_parse(options->url, &u->arena, &u->url));
    if (u->url.is_https)
        return ERR_UNSUPPORTED;
    u->headers = arena_dup(&u->arena, options->headers);
    return u->headers.ptr == NULL ? ERR_LIMIT : OK;
}

enum err http_upstream_new(const struct http_upstream_options *options, struct loop *loop, struct log *log,
                           struct upstream **ret)
{
    static const struct upstream_type type = {
        .name = "http",
        .open = http_open,
        .close = http_close,
        .start = http_start,
        .cancel = http_cancel,
        .answer = http_answer,
        .notify = http_notify,
        .free = http_free,
    };
    struct http_upstream *u = mem_zalloc(1, sizeof(*u));

    arena_init(&u->arena, TEXTS_BYTES);
    enum err e = read_options(u, options);
    if (e != OK) {
        arena_done(&u->arena);
        free(u);
        return e;
    }
    upstream_init(&u->base, &type, options->name, loop, log);
    u->max_sessions = options->max_sessions > 0 ? options->max_sessions : MAX_SESSIONS;
    list_init(&u->farewells);
    u->client = client_new(&(struct client_options){ .host = u->url.host,
                                                     .port = u->url.port,
                                                     .max_request_bytes = 2 * DIALOGUE_MESSAGE_MAX },
                           loop);
    *ret = &u->base;
    return OK;
}
