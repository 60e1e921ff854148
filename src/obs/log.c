#include "obs/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "obs/log_line.h"

#define RING_BYTES  (256u << 10)
#define CHUNK_BYTES 4096u /* PIPE_BUF: a pipe that polls writable takes this many without blocking */
#define POLL_MS     100   /* how long a stopping writer may go unnoticed while the descriptor blocks */
#define FLUSH_S     1     /* how long an exit waits for a reader that sleeps */

struct log {
    struct log_options options;
    pthread_t writer;
    pthread_mutex_t lock;   /* guards all below */
    pthread_cond_t arrived; /* something to write, or stopping */
    pthread_cond_t drained; /* everything written so far is out, or the writer gave up */
    struct buf line;        /* the line that is being put together */
    char *ring;
    size_t start; /* of the oldest byte in the ring */
    size_t len;
    bool writing;  /* the writer has taken bytes out and not finished with them */
    bool stopping; /* no more lines; write what is there */
    bool hurry;    /* nor that: the flush has waited long enough */
    uint64_t n_dropped;
    uint64_t n_reported; /* of n_dropped */
};

/* All or nothing; the caller holds the lock. */
static bool ring_put(struct log *log, struct slice bytes)
{
    if (bytes.len > log->options.ring_bytes - log->len)
        return false;

    size_t at = (log->start + log->len) % log->options.ring_bytes;
    size_t until_end = (size_t)min_u64(bytes.len, log->options.ring_bytes - at);
    memcpy(log->ring + at, bytes.ptr, until_end);
    memcpy(log->ring, bytes.ptr + until_end, bytes.len - until_end);
    log->len += bytes.len;
    return true;
}

static size_t ring_take(struct log *log, char *into, size_t max)
{
    size_t n = (size_t)min_u64(min_u64(log->len, max), log->options.ring_bytes - log->start);

    memcpy(into, log->ring + log->start, n);
    log->start = (log->start + n) % log->options.ring_bytes;
    log->len -= n;
    return n;
}

/* Puts one event into the ring; the caller holds the lock. */
static bool put_event(struct log *log, enum log_level level, const char *name, const struct log_field *fields)
{
    struct log_event event = { .level = level, .name = name, .fields = fields };

    CHECK(clock_gettime(CLOCK_REALTIME, &event.at) == 0);
    buf_clear(&log->line);
    if (log->options.format == LOG_FORMAT_JSON)
        log_line_json(&log->line, &event);
    else
        log_line_text(&log->line, &event, log->options.colour);
    CHECK(buf_ok(&log->line) == OK);
    return ring_put(log, buf_slice(&log->line));
}

void log_write(struct log *log, enum log_level level, const char *event, const struct log_field *fields)
{
    if (log == NULL || level > log->options.level)
        return;

    pthread_mutex_lock(&log->lock);
    /* A gap is named where it is: until it has been reported, what follows would hide it. */
    if (log->n_reported == log->n_dropped && put_event(log, level, event, fields))
        pthread_cond_signal(&log->arrived);
    else
        log->n_dropped++;
    pthread_mutex_unlock(&log->lock);
}

/* Room has come: the gap is reported, where it began. The caller holds the lock. */
static void report_gap(struct log *log)
{
    uint64_t n = log->n_dropped - log->n_reported;

    if (n > 0 && put_event(log, LOG_WARN, "log.dropped", (const struct log_field[]){ F("lines", n), { 0 } }))
        log->n_reported = log->n_dropped;
}

static bool should_hurry(struct log *log)
{
    pthread_mutex_lock(&log->lock);
    bool hurry = log->hurry;
    pthread_mutex_unlock(&log->lock);
    return hurry;
}

/* Writes it all, waiting for a reader that sleeps; false when the descriptor is of no use or there is no time left. */
static bool write_all(struct log *log, struct slice bytes)
{
    while (bytes.len > 0) {
        struct pollfd ready = { .fd = log->options.fd, .events = POLLOUT };
        int n_ready = poll(&ready, 1, POLL_MS);
        if (n_ready == 0 || (n_ready < 0 && errno == EINTR)) {
            if (should_hurry(log))
                return false;
            continue;
        }
        ssize_t n = write(log->options.fd, bytes.ptr, bytes.len);
        if (n >= 0)
            bytes = slice_from(bytes, (size_t)n);
        else if (errno != EINTR && errno != EAGAIN)
            return false;
    }
    return true;
}

static size_t count_lines(struct slice bytes)
{
    size_t n = 0;

    for (size_t i = 0; i < bytes.len; i++)
        n += bytes.ptr[i] == '\n';
    return n;
}

static void *writer_main(void *arg)
{
    struct log *log = arg;
    char chunk[CHUNK_BYTES];

    pthread_mutex_lock(&log->lock);
    for (;;) {
        while (log->len == 0 && !log->stopping)
            pthread_cond_wait(&log->arrived, &log->lock);
        if (log->len == 0 || log->hurry)
            break;

        size_t n = ring_take(log, chunk, sizeof(chunk));
        report_gap(log);
        log->writing = true;
        pthread_mutex_unlock(&log->lock);

        bool written = write_all(log, (struct slice){ chunk, n });

        pthread_mutex_lock(&log->lock);
        log->writing = false;
        if (!written) { /* nobody would read a report: counted as reported, so that logging goes on being tried */
            log->n_dropped += count_lines((struct slice){ chunk, n });
            log->n_reported = log->n_dropped;
        }
        if (log->len == 0)
            pthread_cond_broadcast(&log->drained);
    }
    pthread_cond_broadcast(&log->drained);
    pthread_mutex_unlock(&log->lock);
    return NULL;
}

/* The writer takes no signals: they belong to the loop, and a SIGPIPE here must end nothing. */
static int start_writer(struct log *log)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&log->writer, NULL, writer_main, log);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static void free_parts(struct log *log)
{
    pthread_cond_destroy(&log->drained);
    pthread_cond_destroy(&log->arrived);
    pthread_mutex_destroy(&log->lock);
    buf_done(&log->line);
    free(log->ring);
    free(log);
}

enum err log_new(const struct log_options *options, struct log **ret)
{
    struct log *log = mem_zalloc(1, sizeof(*log));

    log->options = *options;
    if (log->options.format == LOG_FORMAT_AUTO)
        log->options.format = isatty(log->options.fd) ? LOG_FORMAT_TEXT : LOG_FORMAT_JSON;
    log->options.ring_bytes = max_u64(options->ring_bytes == 0 ? RING_BYTES : options->ring_bytes, LOG_LINE_BYTES);
    log->ring = mem_zalloc(log->options.ring_bytes, 1);
    buf_init(&log->line, LOG_LINE_BYTES);
    CHECK(buf_reserve(&log->line, LOG_LINE_BYTES) == OK);
    CHECK(pthread_mutex_init(&log->lock, NULL) == 0 && pthread_cond_init(&log->arrived, NULL) == 0);

    pthread_condattr_t monotonic;
    CHECK(pthread_condattr_init(&monotonic) == 0 && pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&log->drained, &monotonic) == 0);
    pthread_condattr_destroy(&monotonic);

    if (start_writer(log) != 0) {
        free_parts(log);
        return ERR_SYSTEM;
    }
    *ret = log;
    return OK;
}

bool log_flush(struct log *log)
{
    struct timespec until;
    int failed = 0;

    if (log == NULL)
        return true;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
    until.tv_sec += FLUSH_S;

    pthread_mutex_lock(&log->lock);
    while ((log->len > 0 || log->writing) && failed == 0)
        failed = pthread_cond_timedwait(&log->drained, &log->lock, &until);
    bool written = log->len == 0 && !log->writing;
    pthread_mutex_unlock(&log->lock);
    return written;
}

void log_free(struct log *log)
{
    if (log == NULL)
        return;

    bool written = log_flush(log);
    pthread_mutex_lock(&log->lock);
    log->stopping = true;
    log->hurry = !written;
    pthread_cond_signal(&log->arrived);
    pthread_mutex_unlock(&log->lock);
    pthread_join(log->writer, NULL);
    free_parts(log);
}

uint64_t log_dropped(struct log *log)
{
    pthread_mutex_lock(&log->lock);
    uint64_t n = log->n_dropped;
    pthread_mutex_unlock(&log->lock);
    return n;
}
