#include "kit/line.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "loop/inbox.h"

struct line {
    pthread_mutex_t lock; /* guards what follows, up to the blank line */
    pthread_cond_t cut;
    unsigned refs;
    unsigned n_unread;
    bool is_cut;

    struct loop *loop; /* borrowed until the cut */
    line_fn fn;
    void *context;
};

struct said {
    struct message message;
    struct line *line;
    enum kit_event_kind kind;
    char *json;
};

static void lock(struct line *line)
{
    CHECK(pthread_mutex_lock(&line->lock) == 0);
}

static void unlock(struct line *line)
{
    CHECK(pthread_mutex_unlock(&line->lock) == 0);
}

struct line *line_new(struct loop *loop, line_fn fn, void *context)
{
    struct line *line = mem_zalloc(1, sizeof(*line));
    pthread_condattr_t monotonic;

    CHECK(pthread_condattr_init(&monotonic) == 0);
    CHECK(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&line->cut, &monotonic) == 0 && pthread_mutex_init(&line->lock, NULL) == 0);
    CHECK(pthread_condattr_destroy(&monotonic) == 0);
    line->refs = 1;
    line->loop = loop;
    line->fn = fn;
    line->context = context;
    return line;
}

struct line *line_ref(struct line *line)
{
    lock(line);
    line->refs++;
    unlock(line);
    return line;
}

void line_free(struct line *line)
{
    if (line == NULL)
        return;

    lock(line);
    bool last = --line->refs == 0;
    unlock(line);
    if (!last)
        return;
    CHECK(pthread_cond_destroy(&line->cut) == 0 && pthread_mutex_destroy(&line->lock) == 0);
    free(line);
}

void line_cut(struct line *line)
{
    lock(line);
    line->is_cut = true;
    CHECK(pthread_cond_broadcast(&line->cut) == 0);
    unlock(line);
}

bool line_is_cut(struct line *line)
{
    lock(line);
    bool is_cut = line->is_cut;
    unlock(line);
    return is_cut;
}

bool line_wait_ms(struct line *line, unsigned ms)
{
    struct timespec until;
    int e = 0;

    CHECK(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
    uint64_t ns = (uint64_t)until.tv_nsec + ms % MS_PER_S * NS_PER_MS;
    until.tv_sec += (time_t)(ms / MS_PER_S + ns / NS_PER_S);
    until.tv_nsec = (long)(ns % NS_PER_S);

    lock(line);
    while (!line->is_cut && e != ETIMEDOUT) {
        e = pthread_cond_timedwait(&line->cut, &line->lock, &until);
        CHECK(e == 0 || e == ETIMEDOUT);
    }
    bool is_cut = line->is_cut;
    unlock(line);
    return !is_cut;
}

static void said_free(struct said *said)
{
    line_free(said->line);
    free(said->json);
    free(said);
}

static void receive(struct message *message, struct loop *loop)
{
    struct said *said = container_of(message, struct said, message);
    struct line *line = said->line;

    (void)loop;
    lock(line);
    line->n_unread--;
    bool is_cut = line->is_cut; /* only this thread cuts, so it stays as it is */
    unlock(line);
    if (!is_cut)
        line->fn(line->context, said->kind, slice_of(said->json));
    said_free(said);
}

static void discard(struct message *message)
{
    said_free(container_of(message, struct said, message));
}

void line_say(struct line *line, enum kit_event_kind kind, struct slice json)
{
    struct said *said = mem_zalloc(1, sizeof(*said));

    said->message = (struct message){ .receive = receive, .discard = discard };
    said->kind = kind;
    said->json = mem_strdup(json);
    said->line = line_ref(line);

    lock(line);
    bool sent = !line->is_cut && line->n_unread < LINE_MAX_UNREAD && inbox_post(line->loop, &said->message) == OK;
    if (sent)
        line->n_unread++;
    unlock(line);
    if (!sent)
        said_free(said);
}
