#include "gateway/endpoint.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "gateway/gateway_internal.h"

static struct slice with_slash(struct slice path)
{
    auto_buf text;

    buf_init(&text, path.len + 1);
    buf_put(&text, path);
    buf_putc(&text, '/');
    return mem_dup(buf_slice(&text));
}

struct endpoint *endpoint_new(struct gateway *gateway, struct slice path, struct upstream *upstream)
{
    struct endpoint *e = mem_zalloc(1, sizeof(*e));

    e->gateway = gateway;
    e->path = mem_dup(path);
    e->path_with_slash = with_slash(path);
    e->upstream = upstream;
    map_init(&e->shared, ENDPOINT_SHARED_MAX);
    schema_cache_init(&e->schemas);
    return e;
}

void endpoint_free(struct endpoint *e)
{
    size_t at = 0;

    if (e == NULL)
        return;
    for (struct upstream_session *s; (s = map_next(&e->shared, &at, NULL)) != NULL;)
        upstream_close(s);
    map_done(&e->shared);
    schema_cache_done(&e->schemas);
    upstream_free(e->upstream);
    free((void *)(uintptr_t)e->path.ptr);
    free((void *)(uintptr_t)e->path_with_slash.ptr);
    free(e);
}

/* What may share: requests of one principal in one era. Compared in full (decision 26). */
static void put_key(struct buf *to, const struct envelope *envelope)
{
    buf_putc(to, envelope->era == ERA_MODERN ? 'm' : 'l');
    buf_put(to, envelope->principal);
}

/* A shared session that nobody uses makes room: it is opened again when its principal comes back. */
static void make_room(struct endpoint *e)
{
    struct upstream_session *s;
    struct slice key;
    size_t at = 0;

    while ((s = map_next(&e->shared, &at, &key)) != NULL) {
        if (!list_is_empty(&s->exchanges) || s->n_holders > 0)
            continue;
        (void)map_remove(&e->shared, key);
        upstream_close(s);
        return;
    }
}

enum err endpoint_open(struct endpoint *e, const struct envelope *envelope, struct upstream_session **ret)
{
    enum err opened = upstream_open(e->upstream, envelope, ret);

    if (err_class(opened) == ERR_CLASS_BUSY && session_table_yield(&e->gateway->sessions, e))
        opened = upstream_open(e->upstream, envelope, ret);
    return opened;
}

enum err endpoint_upstream(struct endpoint *e, const struct envelope *envelope, struct upstream_session **ret)
{
    auto_buf key;

    buf_init(&key, ENVELOPE_PRINCIPAL_MAX + 1);
    put_key(&key, envelope);
    TRY(buf_ok(&key));

    struct upstream_session *s = map_find(&e->shared, buf_slice(&key));
    if (s != NULL && s->state == UPSTREAM_FAILED && list_is_empty(&s->exchanges)) {
        upstream_close(map_remove(&e->shared, buf_slice(&key)));
        s = NULL;
    }
    if (s == NULL) {
        if (e->shared.n >= ENDPOINT_SHARED_MAX)
            make_room(e);
        TRY(endpoint_open(e, envelope, &s));
        enum err added = map_add(&e->shared, buf_slice(&key), s);
        if (added != OK) {
            upstream_close(s);
            return ERR_BUSY;
        }
    }
    *ret = s;
    return OK;
}

void endpoint_heard(struct endpoint *e, struct slice method)
{
    if (slice_eq(method, S("notifications/tools/list_changed")))
        schema_cache_forget(&e->schemas);
}
