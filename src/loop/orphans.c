/*
 * Processes that lost their parent: finds, kills and reaps what hangs below a subreaper.
 *
 * A subreaper inherits every descendant whose own parent ends, so killing just our own children again and again digs
 * through any tree, and "no children" means that nothing is left.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/slice.h"
#include "loop/warden_internal.h"

#define PAUSE_MS  10
#define MAX_TURNS 1000 /* 10 s: what stands it longer hangs in the kernel, or has other rights than we */

/* The parent of the process, from /proc/PID/stat: "PID (name) state PPID ..."; -1 when it is gone. */
static pid_t parent_of(int proc_fd, const char *pid_text)
{
    char text[512]; /* the name has at most 64 bytes and may hold anything, also ") R 1" */
    int dir_fd = openat(proc_fd, pid_text, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = dir_fd < 0 ? -1 : openat(dir_fd, "stat", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

    if (fd >= 0)
        close(fd);
    if (dir_fd >= 0)
        close(dir_fd);
    if (n <= 0)
        return -1;

    struct slice after_name = { text, (size_t)n };
    while (after_name.len > 0 && after_name.ptr[after_name.len - 1] != ')')
        after_name.len--;
    struct slice rest = slice_from((struct slice){ text, (size_t)n }, after_name.len + 3); /* " S " */
    struct slice field;
    uint64_t parent;
    if (!slice_next(&rest, ' ', &field) || slice_to_u64(field, &parent) != OK)
        return -1;
    return (pid_t)parent;
}

static bool is_among(pid_t pid, const pid_t *pids, size_t n_pids)
{
    for (size_t i = 0; i < n_pids; i++)
        if (pids[i] == pid)
            return true;
    return false;
}

size_t orphans_kill(const pid_t *spared, size_t n_spared)
{
    DIR *proc = opendir("/proc");
    size_t n_killed = 0;

    if (proc == NULL)
        return 0;
    for (struct dirent *entry = readdir(proc); entry != NULL; entry = readdir(proc)) {
        uint64_t pid;
        if (slice_to_u64(slice_of(entry->d_name), &pid) != OK || is_among((pid_t)pid, spared, n_spared))
            continue;
        if (parent_of(dirfd(proc), entry->d_name) == getpid() && kill((pid_t)pid, SIGKILL) == 0)
            n_killed++;
    }
    closedir(proc);
    return n_killed;
}

void orphans_kill_all(void (*on_end)(void *arg, pid_t pid, int status), void *arg)
{
    for (unsigned turn = 0; turn < MAX_TURNS; turn++) {
        int status;
        pid_t pid;
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
            on_end(arg, pid, status);
        if (pid < 0 && errno == ECHILD)
            return;
        if (turn > 0) /* most often the group's signal was enough, and /proc may be long */
            orphans_kill(NULL, 0);
        nanosleep(&(struct timespec){ .tv_nsec = PAUSE_MS * 1000L * 1000 }, NULL);
    }
}
