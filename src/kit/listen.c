/*
 * Listening: changes cross from whatever thread made them to the loops that want to know, merged on the way.
 *
 * Each listener has an ear, which lives until both its owner and the message under way have let go of it. At most one
 * message of an ear is under way; what changes meanwhile is noted and told with it.
 */
#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "kit/kit_internal.h"
#include "loop/inbox.h"

#define MAX_NOTED_URIS 64u /* between two looks; beyond, the listener is told "perhaps any" */

struct ear {
    pthread_mutex_t lock; /* guards what follows, up to the blank line */
    unsigned refs;
    bool closed;
    bool under_way;
    unsigned noted; /* bits 1u << enum kit_change */
    size_t n_uris;
    char *uris[MAX_NOTED_URIS]; /* owned */

    struct message message;
    struct loop *loop; /* borrowed until closed */
    kit_change_fn fn;
    void *context;
};

struct kit_listener {
    struct kit *kit;
    struct ear *ear;
    struct list link; /* among the kit's ears; guarded by its lock */
};

static void lock(struct ear *ear)
{
    CHECK(pthread_mutex_lock(&ear->lock) == 0);
}

static void unlock(struct ear *ear)
{
    CHECK(pthread_mutex_unlock(&ear->lock) == 0);
}

static void forget(char **uris, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(uris[i]);
}

/* Unlocks, and frees the ear with its last reference. */
static void unlock_and_unref(struct ear *ear)
{
    bool last = --ear->refs == 0;

    unlock(ear);
    if (!last)
        return;
    forget(ear->uris, ear->n_uris);
    CHECK(pthread_mutex_destroy(&ear->lock) == 0);
    free(ear);
}

struct noted {
    unsigned changes;
    size_t n_uris;
    char *uris[MAX_NOTED_URIS];
};

static bool is_closed(struct ear *ear)
{
    lock(ear);
    bool closed = ear->closed;
    unlock(ear);
    return closed;
}

/* The listener may end itself at any of these calls. */
static void tell(struct ear *ear, const struct noted *noted)
{
    for (enum kit_change change = KIT_TOOLS_CHANGED; change <= KIT_RESOURCE_UPDATED; change++)
        if ((noted->changes & 1u << change) != 0 && !is_closed(ear))
            ear->fn(change, NO_SLICE, ear->context);
    for (size_t i = 0; i < noted->n_uris && !is_closed(ear); i++)
        ear->fn(KIT_RESOURCE_UPDATED, slice_of(noted->uris[i]), ear->context);
}

static void receive(struct message *message, struct loop *loop)
{
    struct ear *ear = container_of(message, struct ear, message);
    struct noted noted;

    (void)loop;
    lock(ear);
    noted.changes = ear->noted;
    noted.n_uris = ear->n_uris;
    for (size_t i = 0; i < ear->n_uris; i++)
        noted.uris[i] = ear->uris[i];
    ear->noted = 0;
    ear->n_uris = 0;
    ear->under_way = false;
    unlock(ear);

    tell(ear, &noted);
    forget(noted.uris, noted.n_uris);
    lock(ear);
    unlock_and_unref(ear);
}

static void discard(struct message *message)
{
    struct ear *ear = container_of(message, struct ear, message);

    lock(ear);
    unlock_and_unref(ear);
}

static void note_uri(struct ear *ear, struct slice uri)
{
    for (size_t i = 0; i < ear->n_uris; i++)
        if (slice_eq(slice_of(ear->uris[i]), uri))
            return;
    if (ear->n_uris < MAX_NOTED_URIS)
        ear->uris[ear->n_uris++] = mem_strdup(uri);
    else
        ear->noted |= 1u << KIT_RESOURCE_UPDATED;
}

static void note(struct ear *ear, enum kit_change change, struct slice uri)
{
    lock(ear);
    if (change == KIT_RESOURCE_UPDATED)
        note_uri(ear, uri);
    else
        ear->noted |= 1u << change;
    if (!ear->under_way) {
        ear->message = (struct message){ .receive = receive, .discard = discard };
        ear->under_way = true;
        ear->refs++;
        inbox_post_always(ear->loop, &ear->message);
    }
    unlock(ear);
}

/* Under the kit's lock no ear can be closed, so the loop behind each is alive. */
void kit_tell(struct kit *kit, enum kit_change change, struct slice uri)
{
    kit_lock(kit);
    list_each(entry, following, &kit->ears)
        note(container_of(entry, struct kit_listener, link)->ear, change, uri);
    kit_unlock(kit);
}

struct kit_listener *kit_listen(struct kit *kit, struct loop *loop, kit_change_fn fn, void *context)
{
    struct kit_listener *listener = mem_zalloc(1, sizeof(*listener));
    struct ear *ear = mem_zalloc(1, sizeof(*ear));

    CHECK(pthread_mutex_init(&ear->lock, NULL) == 0);
    ear->refs = 1;
    ear->loop = loop;
    ear->fn = fn;
    ear->context = context;
    listener->kit = kit;
    listener->ear = ear;
    list_init(&listener->link);

    atomic_fetch_add(&kit->n_users, 1);
    kit_lock(kit);
    list_append(&kit->ears, &listener->link);
    kit_unlock(kit);
    return listener;
}

void kit_unlisten(struct kit_listener *listener)
{
    if (listener == NULL)
        return;
    struct kit *kit = listener->kit;
    struct ear *ear = listener->ear;

    kit_lock(kit);
    list_remove(&listener->link);
    kit_unlock(kit);

    lock(ear);
    ear->closed = true;
    unlock_and_unref(ear);
    atomic_fetch_sub(&kit->n_users, 1);
    free(listener);
}

void gatehouse_tools_changed(struct gatehouse_server *server)
{
    kit_tell(&server->kit, KIT_TOOLS_CHANGED, NO_SLICE);
}

void gatehouse_prompts_changed(struct gatehouse_server *server)
{
    kit_tell(&server->kit, KIT_PROMPTS_CHANGED, NO_SLICE);
}

void gatehouse_resources_changed(struct gatehouse_server *server)
{
    kit_tell(&server->kit, KIT_RESOURCES_CHANGED, NO_SLICE);
}

void gatehouse_resource_updated(struct gatehouse_server *server, const char *uri)
{
    if (uri != NULL)
        kit_tell(&server->kit, KIT_RESOURCE_UPDATED, slice_of(uri));
}
