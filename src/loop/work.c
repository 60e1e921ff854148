#include "loop/work.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "loop/loop_internal.h"

#define MAX_THREADS 64
#define MAX_QUEUED  65536

/*
 *   QUEUED --> RUNNING --> SENT --> seen
 *      lane's threads      |  inbox |  the loop's thread alone
 *
 * An item that is dropped is freed by whoever holds it: QUEUED or seen, the loop's thread at once; RUNNING, the thread
 * of the lane; SENT, the receiver of the message.
 */
enum { WORK_QUEUED = 1, WORK_RUNNING, WORK_SENT };

struct lane {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* something is queued, or the lane closes */
    struct list queue;
    unsigned n_queued;
    unsigned max_queued;
    size_t n_items; /* queued, running or sent: each needs the lock to live */
    bool closing;
    bool closed; /* lane_free has joined the threads: the last item frees the lane */
    unsigned n_threads;
    pthread_t threads[];
};

static void lock(struct lane *lane)
{
    CHECK(pthread_mutex_lock(&lane->lock) == 0);
}

static void unlock(struct lane *lane)
{
    CHECK(pthread_mutex_unlock(&lane->lock) == 0);
}

static void destroy(struct lane *lane)
{
    CHECK(pthread_cond_destroy(&lane->changed) == 0 && pthread_mutex_destroy(&lane->lock) == 0);
    free(lane);
}

/* Unlocks, and frees the lane if it was closed and only an item kept it. */
static void unlock_after_last(struct lane *lane)
{
    bool last = lane->closed && lane->n_items == 0;

    unlock(lane);
    if (last)
        destroy(lane);
}

static void receive(struct message *message, struct loop *loop)
{
    struct work *work = container_of(message, struct work, message);
    struct lane *lane = work->lane;

    (void)loop;
    work->seen = true;
    lock(lane);
    bool dropped = work->dropped;
    lane->n_items--;
    unlock_after_last(lane);

    if (dropped)
        work->free(work);
    else
        slot_wake(&work->slot);
}

/* The loop ends. Its ops ended before it and dropped their items, so this one is only waiting to be freed. */
static void discard(struct message *message)
{
    struct work *work = container_of(message, struct work, message);

    CHECK(work->dropped);
    receive(message, NULL);
}

/* Under the lock: the item has its result. It goes to its loop before the lock is released, so that a loop which has
 * dropped all its items receives no more. Gives true when it was dropped meanwhile and the caller must free it. */
static bool send_or_keep(struct lane *lane, struct work *work)
{
    if (work->dropped) {
        lane->n_items--;
        return true;
    }
    work->state = WORK_SENT;
    inbox_post_always(work->loop, &work->message);
    return false;
}

static struct work *take_queued(struct lane *lane)
{
    struct work *work = list_first(&lane->queue, struct work, link);

    CHECK(work != NULL);
    list_remove(&work->link);
    lane->n_queued--;
    return work;
}

static void *serve(void *arg)
{
    struct lane *lane = arg;

    lock(lane);
    for (;;) {
        while (list_is_empty(&lane->queue) && !lane->closing)
            CHECK(pthread_cond_wait(&lane->changed, &lane->lock) == 0);
        if (lane->closing)
            break;

        struct work *work = take_queued(lane);
        work->state = WORK_RUNNING;
        unlock(lane);

        work->run(work);
        CHECK(work->result != WAIT);

        lock(lane);
        if (send_or_keep(lane, work)) {
            unlock(lane);
            work->free(work);
            lock(lane);
        }
    }
    unlock(lane);
    return NULL;
}

/* Threads inherit the mask of their creator: with all signals blocked, the loop's thread gets them. */
static enum err start_threads(struct lane *lane, unsigned n, const char *name)
{
    sigset_t all;
    sigset_t before;
    enum err e = OK;

    CHECK(sigfillset(&all) == 0 && pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    for (unsigned i = 0; i < n && e == OK; i++) {
        if (pthread_create(&lane->threads[i], NULL, serve, lane) != 0) {
            e = ERR_SYSTEM;
            break;
        }
        lane->n_threads++;
        (void)pthread_setname_np(lane->threads[i], name); /* for debuggers; a name too long is none */
    }
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    return e;
}

enum err lane_new(const struct lane_options *options, struct lane **ret)
{
    if (!in_range(options->n_threads, 1, MAX_THREADS) || !in_range(options->max_queued, 1, MAX_QUEUED))
        return ERR_INVALID;

    struct lane *lane = mem_zalloc(1, sizeof(*lane) + options->n_threads * sizeof(pthread_t));
    CHECK(pthread_mutex_init(&lane->lock, NULL) == 0 && pthread_cond_init(&lane->changed, NULL) == 0);
    list_init(&lane->queue);
    lane->max_queued = options->max_queued;

    enum err e = start_threads(lane, options->n_threads, options->name);
    if (e != OK) {
        lane_free(lane);
        return e;
    }
    *ret = lane;
    return OK;
}

void lane_free(struct lane *lane)
{
    if (lane == NULL)
        return;

    lock(lane);
    lane->closing = true;
    CHECK(pthread_cond_broadcast(&lane->changed) == 0);
    unlock(lane);
    for (unsigned i = 0; i < lane->n_threads; i++)
        CHECK(pthread_join(lane->threads[i], NULL) == 0);

    lock(lane);
    while (!list_is_empty(&lane->queue)) {
        struct work *work = take_queued(lane);
        work->result = ERR_CANCELLED;
        (void)send_or_keep(lane, work); /* a dropped item is never in the queue */
    }
    lane->closed = true;
    unlock_after_last(lane);
}

enum err work_submit(struct lane *lane, struct loop *loop, struct work *work)
{
    lock(lane);
    if (lane->n_queued >= lane->max_queued || lane->closing) {
        unlock(lane);
        work->free(work);
        return ERR_BUSY;
    }
    work->message = (struct message){ .receive = receive, .discard = discard };
    work->lane = lane;
    work->loop = loop;
    work->slot = (struct slot){ 0 };
    work->state = WORK_QUEUED;
    work->result = WAIT;
    work->dropped = false;
    work->seen = false;
    list_append(&lane->queue, &work->link);
    lane->n_queued++;
    lane->n_items++;
    CHECK(pthread_cond_signal(&lane->changed) == 0);
    unlock(lane);
    return OK;
}

enum err work_result(struct work *work, struct op *op)
{
    return work->seen ? work->result : op_wait(op, &work->slot);
}

void work_drop(struct work *work)
{
    if (work == NULL)
        return;
    slot_clear(&work->slot);
    if (work->seen || work->lane == NULL) { /* or was never submitted */
        work->free(work);
        return;
    }

    struct lane *lane = work->lane;
    bool queued;

    lock(lane);
    work->dropped = true;
    queued = work->state == WORK_QUEUED;
    if (queued) {
        list_remove(&work->link);
        lane->n_queued--;
        lane->n_items--;
    }
    unlock(lane);
    if (queued)
        work->free(work);
}
