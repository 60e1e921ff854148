/*
 * The last steps before a child becomes its program: nothing of ours goes with it but three descriptors.
 *
 * Runs in the forked child, single-threaded, and allocates nothing beyond the vectors of pointers.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "loop/warden_internal.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

/* Cuts the NUL-terminated text at the front of *rest off; false when none is complete. */
static bool next_text(struct slice *rest, const char **ret)
{
    const char *end = rest->len == 0 ? NULL : memchr(rest->ptr, 0, rest->len);

    if (end == NULL)
        return false;
    *ret = rest->ptr;
    *rest = slice_from(*rest, (size_t)(end - rest->ptr) + 1);
    return true;
}

static bool next_texts(struct slice *rest, uint32_t n, const char **ret_texts)
{
    for (uint32_t i = 0; i < n; i++)
        if (!next_text(rest, &ret_texts[i]))
            return false;
    return true;
}

static void cap(int resource, uint64_t limit)
{
    if (limit != 0 || resource == RLIMIT_CORE)
        (void)setrlimit((__rlimit_resource_t)resource,
                        &(struct rlimit){ limit, limit }); /* above ours: stays as it is */
}

/* Puts the three streams in place and marks all else for closing. The descriptors we were passed are above 2. */
static bool arrange_descriptors(const int fds[SPAWN_N_FDS], int *report_fd)
{
    for (int i = SPAWN_FD_IN; i <= SPAWN_FD_ERR; i++)
        if (dup2(fds[i], i) < 0)
            return false;
    if (*report_fd != 3 && dup3(*report_fd, 3, O_CLOEXEC) < 0)
        return false;
    *report_fd = 3;
    closefrom(4);
    return true;
}

static void reset_signals(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        (void)signal(number, SIG_DFL); /* KILL, STOP and the C library's own two cannot be set, and need not */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static struct slice path_of(const char *const *env)
{
    for (; *env != NULL; env++)
        if (slice_starts(slice_of(*env), S("PATH=")))
            return slice_of(*env + strlen("PATH="));
    return S(DEFAULT_PATH);
}

/* As execvpe, but by the child's own PATH, and a file without "#!" is never handed to a shell. Returns errno. */
static int exec_by_path(const char *const *args, const char *const *env)
{
    char *const *argv = (char *const *)(uintptr_t)args; /* execve does not write there; its type is older than const */
    char *const *envp = (char *const *)(uintptr_t)env;
    struct slice path = path_of(env), folder;
    int error = ENOENT;

    if (strchr(args[0], '/') != NULL) {
        execve(args[0], argv, envp);
        return errno;
    }
    while (slice_next(&path, ':', &folder)) {
        auto_buf file;
        buf_init(&file, PATH_MAX);
        buf_printf(&file, "%.*s/%s", SLICE_ARGS(folder), args[0]);
        buf_putc(&file, 0);
        if (folder.len == 0 || buf_ok(&file) != OK) /* an empty part would mean the working directory: not for us */
            continue;
        execve(file.ptr, argv, envp);
        if (errno != ENOENT && errno != ENOTDIR)
            error = errno; /* found but not to be run: worth more than "not found", should no other part have it */
    }
    return error;
}

/* Returns errno when it could not become the program. */
static int become(const struct spawn_request *request, size_t n_bytes, const int fds[SPAWN_N_FDS], int *report_fd,
                  pid_t guard)
{
    struct slice rest = { request->texts, n_bytes - sizeof(*request) };
    const char **args = mem_zalloc((size_t)request->n_args + 1, sizeof(*args));
    const char **env = mem_zalloc((size_t)request->n_env + 1, sizeof(*env));
    const char *cwd;

    if (!next_text(&rest, &cwd) || request->n_args == 0 || !next_texts(&rest, request->n_args, args) ||
        !next_texts(&rest, request->n_env, env))
        return EINVAL;

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return errno;
    if (getppid() != guard) /* it died before we asked for its death signal */
        _exit(1);
    if (setsid() < 0 || chdir(*cwd == 0 ? "/" : cwd) != 0 || !arrange_descriptors(fds, report_fd))
        return errno;
    reset_signals();
    umask(077);
    cap(RLIMIT_CORE, 0);
    cap(RLIMIT_NOFILE, request->limits.open_files);
    cap(RLIMIT_FSIZE, request->limits.file_bytes);
    cap(RLIMIT_CPU, request->limits.cpu_s);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return errno;
    return exec_by_path(args, env);
}

void child_exec(const struct spawn_request *request, size_t n_bytes, const int fds[SPAWN_N_FDS], int report_fd,
                pid_t guard)
{
    int error = become(request, n_bytes, fds, &report_fd, guard);

    (void)!write(report_fd, &error, sizeof(error)); /* nobody left to read it: nobody left to tell */
    _exit(1);
}
