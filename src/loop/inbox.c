#include "loop/inbox.h"

#include "base/check.h"
#include "loop/loop_internal.h"

static void lock(struct inbox *in)
{
    CHECK(pthread_mutex_lock(&in->lock) == 0);
}

static void unlock(struct inbox *in)
{
    CHECK(pthread_mutex_unlock(&in->lock) == 0);
}

/* Moves what is unread to the list of the caller, so that the lock is not held while it is received. */
static void take_messages(struct inbox *in, struct list *to)
{
    list_init(to);
    lock(in);
    if (!list_is_empty(&in->messages)) {
        *to = in->messages;
        to->next->prev = to;
        to->prev->next = to;
        list_init(&in->messages);
        in->n_messages = 0;
    }
    unlock(in);
}

static void on_bell(uv_async_t *bell)
{
    struct loop *loop = bell->data;
    struct list messages;

    (void)loop_now_ns(loop);
    take_messages(&loop->inbox, &messages);
    while (!list_is_empty(&messages)) {
        struct message *m = list_first(&messages, struct message, link);
        list_remove(&m->link);
        m->receive(m, loop);
    }
}

enum err inbox_init(struct loop *loop)
{
    struct inbox *in = &loop->inbox;

    list_init(&in->messages);
    in->n_messages = 0;
    in->bell.data = loop;
    if (uv_async_init(&loop->uv, &in->bell, on_bell) != 0)
        return ERR_SYSTEM;
    CHECK(pthread_mutex_init(&in->lock, NULL) == 0);
    return OK;
}

void inbox_close(struct loop *loop)
{
    struct list messages;

    take_messages(&loop->inbox, &messages);
    while (!list_is_empty(&messages)) {
        struct message *m = list_first(&messages, struct message, link);
        list_remove(&m->link);
        if (m->discard != NULL)
            m->discard(m);
    }
    uv_close((uv_handle_t *)&loop->inbox.bell, NULL);
}

void inbox_done(struct loop *loop)
{
    CHECK(pthread_mutex_destroy(&loop->inbox.lock) == 0);
}

enum err inbox_post(struct loop *loop, struct message *message)
{
    struct inbox *in = &loop->inbox;
    enum err e = ERR_BUSY;

    lock(in);
    if (in->n_messages < INBOX_MAX_MESSAGES) {
        list_append(&in->messages, &message->link);
        in->n_messages++;
        e = OK;
    }
    unlock(in);
    if (e == OK)
        CHECK(uv_async_send(&in->bell) == 0);
    return e;
}

void inbox_post_always(struct loop *loop, struct message *message)
{
    struct inbox *in = &loop->inbox;

    lock(in);
    list_append(&in->messages, &message->link);
    in->n_messages++;
    unlock(in);
    CHECK(uv_async_send(&in->bell) == 0);
}
