#include "gateway/session.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/random.h"
#include "gateway/call.h"
#include "gateway/endpoint.h"

#define SESSION_BYTES (32u * 1024) /* of what a client may declare */

/* A principal with sessions in memory. */
struct session_owner {
    struct slice principal; /* owned */
    unsigned n_sessions;
    struct list idle;
};

struct tombstone {
    char name[SESSION_NAME_BYTES];
    struct list link;
};

static struct slice name_of(const struct session *s)
{
    return (struct slice){ s->name, sizeof(s->name) };
}

void session_table_init(struct session_table *t, const struct keyring *keyring, const struct clock *clock,
                        const struct session_limits *limits)
{
    *t = (struct session_table){ .keyring = keyring, .clock = clock, .limits = *limits };
    map_init(&t->sessions, limits->max_sessions);
    map_init(&t->owners, (size_t)limits->max_sessions + 1); /* a newcomer is there before somebody makes room */
    map_init(&t->tombstones, TOMBSTONES_MAX);
    list_init(&t->idle);
    list_init(&t->stones);
}

static struct session_owner *owner_of(struct session_table *t, struct slice principal)
{
    struct session_owner *owner = map_find(&t->owners, principal);

    if (owner == NULL) {
        owner = mem_zalloc(1, sizeof(*owner));
        owner->principal = mem_dup(principal);
        list_init(&owner->idle);
        CHECK(map_add(&t->owners, principal, owner) == OK);
    }
    return owner;
}

static void owner_forget(struct session_table *t, struct session_owner *owner)
{
    if (--owner->n_sessions > 0)
        return;
    (void)map_remove(&t->owners, owner->principal);
    free((void *)(uintptr_t)owner->principal.ptr);
    free(owner);
}

static void session_free(struct session *s)
{
    CHECK(s->n_uses == 0 && s->calls.n == 0 && s->questions.n == 0);
    list_remove(&s->idle);
    list_remove(&s->owner_idle);
    if (s->table != NULL) {
        (void)map_remove(&s->table->sessions, name_of(s));
        owner_forget(s->table, s->owner);
    }
    upstream_close(s->upstream);
    map_done(&s->calls);
    map_done(&s->questions);
    arena_done(&s->arena);
    free(s);
}

void session_table_done(struct session_table *t)
{
    size_t at = 0;
    for (struct session *s; (s = map_next(&t->sessions, &at, NULL)) != NULL; at = 0)
        session_free(s);
    list_each(entry, following, &t->stones)
        free(container_of(entry, struct tombstone, link));
    map_done(&t->sessions);
    map_done(&t->owners);
    map_done(&t->tombstones);
}

static enum err session_new(struct endpoint *endpoint, const struct envelope *envelope, struct session **ret)
{
    struct session *s = mem_zalloc(1, sizeof(*s));

    arena_init(&s->arena, SESSION_BYTES);
    if (envelope_copy(envelope, &s->arena, &s->envelope) != OK) {
        arena_done(&s->arena);
        free(s);
        return ERR_LIMIT;
    }
    s->endpoint = endpoint;
    s->n_questions = random_u64() >> 24; /* an answer to a question asked before a restart matches none of today */
    map_init(&s->calls, SESSION_CALLS_MAX);
    map_init(&s->questions, SESSION_QUESTIONS_MAX);
    list_init(&s->idle);
    list_init(&s->owner_idle);
    s->n_uses = 1;
    *ret = s;
    return OK;
}

/* Makes room for one more session of this owner: the one that was idle longest goes, its id stays good. */
static enum err make_room(struct session_table *t, const struct session_owner *owner)
{
    struct session *oldest = NULL;

    if (owner->n_sessions > t->limits.max_sessions_per_owner) /* the new one is counted already */
        oldest = list_first(&owner->idle, struct session, owner_idle);
    else if (t->sessions.n >= t->limits.max_sessions)
        oldest = list_first(&t->idle, struct session, idle);
    else
        return OK;
    if (oldest == NULL)
        return ERR_BUSY;
    session_free(oldest);
    return OK;
}

static enum err join_table(struct session_table *t, struct session *s)
{
    struct session_owner *owner = owner_of(t, s->envelope.principal);

    owner->n_sessions++; /* so that making room does not free the owner */
    enum err e = make_room(t, owner);
    if (e == OK)
        e = map_add(&t->sessions, name_of(s), s);
    if (e != OK) {
        owner_forget(t, owner);
        return e;
    }
    s->table = t;
    s->owner = owner;
    return OK;
}

static enum err session_new_in(struct session_table *t, struct endpoint *endpoint, const struct envelope *envelope,
                               struct slice name, struct session **ret)
{
    struct session *s;

    TRY(session_new(endpoint, envelope, &s));
    CHECK(name.len == sizeof(s->name));
    memcpy(s->name, name.ptr, name.len);
    enum err e = join_table(t, s);
    if (e != OK) {
        s->n_uses = 0;
        session_free(s);
        return e;
    }
    *ret = s;
    return OK;
}

enum err session_begin(struct session_table *t, struct endpoint *endpoint, const struct envelope *envelope,
                       struct session **ret)
{
    char name[SESSION_NAME_BYTES];

    random_bytes(name, sizeof(name));
    return session_new_in(t, endpoint, envelope, (struct slice){ name, sizeof(name) }, ret);
}

enum err session_alone(struct endpoint *endpoint, const struct envelope *envelope, struct session **ret)
{
    return session_new(endpoint, envelope, ret);
}

/* Unknown, ended, expired, altered and foreign ids look the same from outside (security 1.4). */
enum err session_find(struct session_table *t, struct endpoint *endpoint, struct slice principal, struct slice id,
                      struct session **ret)
{
    struct session_id opened;
    struct arena arena;
    enum err e = ERR_NOT_FOUND;

    arena_init(&arena, 4 * SESSION_ID_MAX);
    if (session_id_open(id, t->keyring, t->clock->wall_s, &arena, &opened) == OK &&
        slice_eq(opened.endpoint, endpoint->path) && slice_eq(opened.envelope.principal, principal)) {
        struct slice name = { opened.name, sizeof(opened.name) };
        struct session *s = map_find(&t->sessions, name);
        if (s != NULL && !s->ended) {
            session_hold(s);
            *ret = s;
            e = OK;
        } else if (s == NULL && map_find(&t->tombstones, name) == NULL) {
            e = session_new_in(t, endpoint, &opened.envelope, name, ret);
        }
    }
    arena_done(&arena);
    return e;
}

enum err session_put_id(const struct session *s, struct buf *to)
{
    struct session_id id = { .endpoint = s->endpoint->path, .envelope = s->envelope };

    memcpy(id.name, s->name, sizeof(id.name));
    return session_id_seal(&id, s->table->keyring, s->table->clock->wall_s, to);
}

void session_hold(struct session *s)
{
    s->n_uses++;
    list_remove(&s->idle);
    list_remove(&s->owner_idle);
}

void session_release(struct session *s)
{
    CHECK(s->n_uses > 0);
    if (--s->n_uses > 0)
        return;
    if (s->ended || s->table == NULL) {
        session_free(s);
        return;
    }
    s->used_ns = s->table->clock->mono_ns;
    list_append(&s->table->idle, &s->idle);
    list_append(&s->owner->idle, &s->owner_idle);
}

/* Remembered in memory only: nothing that an anonymous caller does is written (decision 1). */
static void bury(struct session_table *t, struct slice name)
{
    struct tombstone *stone = mem_zalloc(1, sizeof(*stone));

    if (t->tombstones.n >= TOMBSTONES_MAX) {
        struct tombstone *oldest = list_first(&t->stones, struct tombstone, link);
        CHECK(oldest != NULL);
        (void)map_remove(&t->tombstones, (struct slice){ oldest->name, sizeof(oldest->name) });
        list_remove(&oldest->link);
        free(oldest);
    }
    memcpy(stone->name, name.ptr, sizeof(stone->name));
    if (map_add(&t->tombstones, name, stone) != OK) {
        free(stone);
        return;
    }
    list_append(&t->stones, &stone->link);
}

void session_end(struct session *s)
{
    if (s->ended)
        return;
    s->ended = true;
    bury(s->table, name_of(s));
}

bool session_table_yield(struct session_table *t, const struct endpoint *endpoint)
{
    list_each(entry, following, &t->idle) {
        struct session *s = container_of(entry, struct session, idle);
        if (s->endpoint != endpoint || s->upstream == NULL)
            continue;
        upstream_close(TAKE(s->upstream));
        return true;
    }
    return false;
}

enum err session_upstream(struct session *s, struct upstream_session **ret)
{
    if (s->upstream != NULL && s->upstream->state == UPSTREAM_FAILED && list_is_empty(&s->upstream->exchanges))
        upstream_close(TAKE(s->upstream));
    if (s->upstream == NULL)
        TRY(endpoint_open(s->endpoint, &s->envelope, &s->upstream));
    *ret = s->upstream;
    return OK;
}

void session_table_wake_calls(struct session_table *t)
{
    size_t at = 0;

    for (struct session *s; (s = map_next(&t->sessions, &at, NULL)) != NULL;) {
        size_t at_call = 0;
        for (struct call *c; (c = map_next(&s->calls, &at_call, NULL)) != NULL;)
            op_wake(&c->op);
    }
}

void session_table_sweep(struct session_table *t)
{
    list_each(entry, following, &t->idle) {
        struct session *s = container_of(entry, struct session, idle);
        if (t->clock->mono_ns - s->used_ns < t->limits.idle_ms * NS_PER_MS)
            return;
        session_free(s);
    }
}
