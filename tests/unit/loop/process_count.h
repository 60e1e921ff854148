/*
 * For tests of processes: counts those that carry a mark in their environment, and those of a session, in /proc.
 */
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/slice.h"

static inline void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

static inline uint64_t now_ms(void)
{
    struct clock clock;

    clock_read(&clock);
    return clock.mono_ns / NS_PER_MS;
}

/* /proc/PID/NAME, as far as it fits; empty when the process is gone. */
static inline struct slice proc_text(uint64_t pid, const char *name, char *space, size_t size)
{
    auto_buf path;
    buf_init(&path, 64);
    buf_printf(&path, "/proc/%llu/%s", (unsigned long long)pid, name);
    buf_putc(&path, 0);

    int fd = open(path.ptr, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, space, size);
    if (fd >= 0)
        close(fd);
    return (struct slice){ space, n < 0 ? 0 : (size_t)n };
}

/* The number of the field in /proc/PID/stat, counted behind the name: 0 state, 1 parent, 2 group, 3 session. */
static inline uint64_t proc_number(uint64_t pid, unsigned field)
{
    char space[1024];
    struct slice text = proc_text(pid, "stat", space, sizeof(space));
    struct slice part = NO_SLICE;
    size_t at = slice_search(text, S(") "));
    uint64_t number = 0;

    text = at == SIZE_MAX ? NO_SLICE : slice_from(text, at + 2);
    for (unsigned i = 0; i <= field; i++)
        if (!slice_next(&text, ' ', &part))
            return 0;
    return slice_to_u64(part, &number) == OK ? number : 0;
}

/* Processes, zombies too, that have `mark` in their environment or belong to the session. */
static inline size_t processes_of(const char *mark, pid_t session)
{
    char space[8192];
    DIR *proc = opendir("/proc");
    size_t n = 0;

    for (struct dirent *entry = readdir(proc); entry != NULL; entry = readdir(proc)) {
        uint64_t pid;
        if (slice_to_u64(slice_of(entry->d_name), &pid) != OK || pid == (uint64_t)getpid())
            continue;
        if ((session != 0 && proc_number(pid, 3) == (uint64_t)session) ||
            slice_search(proc_text(pid, "environ", space, sizeof(space)), slice_of(mark)) != SIZE_MAX)
            n++;
    }
    closedir(proc);
    return n;
}

/* Waits for just `n` of them: 20 s at most, for a busy machine; that 2 s are enough is for tests/integration to show. */
static inline bool soon_processes(const char *mark, pid_t session, size_t n)
{
    for (uint64_t end = now_ms() + 20000; now_ms() < end; pause_ms(10))
        if (processes_of(mark, session) == n)
            return true;
    return processes_of(mark, session) == n;
}

static inline size_t open_fds(void)
{
    DIR *fds = opendir("/proc/self/fd");
    size_t n = 0;

    while (readdir(fds) != NULL)
        n++;
    closedir(fds);
    return n;
}
