#include "obs/log.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "support/test.h"

/* A log that writes into a pipe nobody reads yet. */
struct rig {
    int reader;
    int writer;
    struct log *log;
};

static struct rig rig_new(enum log_level level, size_t ring_bytes)
{
    int ends[2];
    struct rig rig = { 0 };

    CHECK(pipe(ends) == 0);
    rig.reader = ends[0];
    rig.writer = ends[1];
    CHECK_OK(log_new(&(struct log_options){ LOG_FORMAT_JSON, level, rig.writer, false, ring_bytes }, &rig.log));
    return rig;
}

/* Ends the log and gives all it wrote. */
static void finish(struct rig *rig, struct buf *all)
{
    log_free(rig->log);
    close(rig->writer);
    buf_init(all, 8u << 20);
    for (;;) {
        CHECK_OK(buf_reserve(all, 4096));
        ssize_t n = read(rig->reader, all->ptr + all->len, 4096);
        CHECK(n >= 0);
        if (n == 0)
            break;
        buf_added(all, (size_t)n);
    }
    close(rig->reader);
}

static size_t count(struct slice text, struct slice needle)
{
    size_t n = 0;

    for (size_t at; (at = slice_search(text, needle)) != SIZE_MAX; n++)
        text = slice_from(text, at + needle.len);
    return n;
}

TEST(a_null_log_is_silent)
{
    LOG(NULL, ERROR, "nothing.happens", F("n", 1));
    CHECK(log_flush(NULL));
}

TEST(an_event_is_one_line_whatever_it_holds)
{
    auto_buf all = { 0 };
    struct rig rig = rig_new(LOG_INFO, 0);

    LOG(rig.log, WARN, "one", F("text", S("a\nb\n")));
    LOG(rig.log, INFO, "two");
    CHECK(log_flush(rig.log));
    finish(&rig, &all);
    CHECK_EQ(count(buf_slice(&all), S("\n")), 2);
    CHECK_EQ(count(buf_slice(&all), S("\"event\":\"one\",\"text\":\"a\\nb\\n\"}\n")), 1);
}

TEST(events_below_the_level_are_not_written)
{
    auto_buf all = { 0 };
    struct rig rig = rig_new(LOG_WARN, 0);

    LOG(rig.log, INFO, "quiet");
    LOG(rig.log, DEBUG, "quiet");
    LOG(rig.log, ERROR, "loud");
    finish(&rig, &all);
    CHECK_EQ(count(buf_slice(&all), S("\n")), 1);
    CHECK_EQ(count(buf_slice(&all), S("\"loud\"")), 1);
}

TEST(a_reader_that_sleeps_stalls_nobody_and_every_lost_line_is_counted)
{
    enum { N = 20000 };
    auto_buf all = { 0 };
    struct rig rig = rig_new(LOG_INFO, 64u << 10);
    uint64_t n_dropped;

    CHECK(fcntl(rig.writer, F_SETPIPE_SZ, 4096) >= 4096);
    for (int i = 0; i < N; i++)
        LOG(rig.log, INFO, "flood", F("i", i)); /* about 2 MB for 68 KiB of room: this ends, or the test times out */
    n_dropped = log_dropped(rig.log);
    CHECK(n_dropped > 0);
    CHECK(!log_flush(rig.log));

    /* The reader wakes up in another process, so that the log can be freed here at the same time. */
    int results[2];
    CHECK(pipe(results) == 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(rig.writer);
        char chunk[4096];
        ssize_t n;
        while ((n = read(rig.reader, chunk, sizeof(chunk))) > 0)
            CHECK(write(results[1], chunk, (size_t)n) == n);
        _exit(0);
    }
    close(results[1]);
    close(rig.reader);
    rig.reader = results[0];
    CHECK(fcntl(results[0], F_SETPIPE_SZ, 1 << 20) > 0);
    while (!log_flush(rig.log))
        continue;
    LOG(rig.log, INFO, "after");
    finish(&rig, &all);

    struct slice text = buf_slice(&all);
    CHECK_EQ(count(text, S("\"event\":\"flood\"")), N - n_dropped);
    CHECK_EQ(count(text, S("\"event\":\"after\"")), 1);

    /* One gap or, when the writer found room in the middle of the flood, several. */
    uint64_t n_reported = 0;
    struct slice report = S("\"event\":\"log.dropped\",\"lines\":");
    for (size_t at; (at = slice_search(text, report)) != SIZE_MAX;) {
        uint64_t n;
        text = slice_from(text, at + report.len);
        CHECK_OK(slice_to_u64(slice_first(text, slice_find(text, '}')), &n));
        n_reported += n;
    }
    CHECK_EQ(n_reported, n_dropped);
}

TEST(a_closed_reader_ends_nothing)
{
    struct rig rig = rig_new(LOG_INFO, 0);

    close(rig.reader);
    LOG(rig.log, INFO, "unheard");
    CHECK(log_flush(rig.log));
    CHECK_EQ(log_dropped(rig.log), 1);
    LOG(rig.log, INFO, "unheard");
    log_free(rig.log);
    close(rig.writer);
}

TEST(freeing_does_not_wait_for_ever_for_a_reader_that_sleeps)
{
    struct rig rig = rig_new(LOG_INFO, 0);

    CHECK(fcntl(rig.writer, F_SETPIPE_SZ, 4096) >= 4096);
    for (int i = 0; i < 1000; i++)
        LOG(rig.log, INFO, "flood");
    log_free(rig.log);
    close(rig.writer);
    close(rig.reader);
}

static void *log_a_hundred(void *log)
{
    for (int i = 0; i < 100; i++)
        LOG((struct log *)log, INFO, "shared", F("i", i));
    return NULL;
}

TEST(threads_share_a_log)
{
    auto_buf all = { 0 };
    struct rig rig = rig_new(LOG_INFO, 0);
    pthread_t threads[4];

    for (size_t i = 0; i < N_ELEMENTS(threads); i++)
        CHECK(pthread_create(&threads[i], NULL, log_a_hundred, rig.log) == 0);
    for (size_t i = 0; i < N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
    finish(&rig, &all);
    CHECK_EQ(count(buf_slice(&all), S("\"event\":\"shared\"")), 400);
    CHECK_EQ(count(buf_slice(&all), S("\n")), 400);
}
