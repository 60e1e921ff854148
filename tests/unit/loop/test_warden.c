#include "loop/warden.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/warden_internal.h"
#include "process_count.h"
#include "support/test.h"

/* Ignores SIGTERM and leaves behind: a grandchild, one in a session of its own, and one whose parent is gone. */
#define STUBBORN                                                                                                       \
    "trap '' TERM; sleep 900 & setsid sleep 900 & (setsid sleep 900 & sleep 900 &); echo ready; while :; do sleep 1; " \
    "done"
#define STUBBORN_PROCESSES 6 /* the shell, four sleeps, and the one it waits for */

static enum err start(struct warden *w, const char *const *args, const char *const *env, const char *cwd,
                      struct child_fds *ret)
{
    struct slice arg_slices[8], env_slices[8];
    struct child_command command = { .args = arg_slices, .env = env_slices, .cwd = slice_of(cwd) };

    for (; args[command.n_args] != NULL; command.n_args++)
        arg_slices[command.n_args] = slice_of(args[command.n_args]);
    for (; env != NULL && env[command.n_env] != NULL; command.n_env++)
        env_slices[command.n_env] = slice_of(env[command.n_env]);
    return warden_spawn(w, &command, ret);
}

static struct child_fds start_shell(struct warden *w, const char *script, const char *mark)
{
    struct child_fds fds;

    CHECK_OK(start(w, (const char *const[]){ "/bin/sh", "-c", script, NULL },
                   (const char *const[]){ "PATH=/usr/bin:/bin", mark, NULL }, "", &fds));
    return fds;
}

static void close_fds(struct child_fds *fds)
{
    close(fds->in);
    close(fds->out);
    close(fds->err);
    close(fds->control);
}

/* The next report, or a silent one when the socket has closed. */
static struct guard_report next_report(const struct child_fds *fds)
{
    struct guard_report report = { .kind = GUARD_SILENT };
    struct pollfd poll_fd = { fds->control, POLLIN, 0 };

    CHECK(poll(&poll_fd, 1, 10000) == 1);
    ssize_t n = recv(fds->control, &report, sizeof(report), 0);
    CHECK(n == 0 || n == (ssize_t)sizeof(report));
    return report;
}

/* All it writes until it closes its standard output, or until the first `until`. */
static struct slice read_out(const struct child_fds *fds, char *space, size_t size, const char *until)
{
    struct slice text = { space, 0 };

    while (text.len < size && (until == NULL || slice_search(text, slice_of(until)) == SIZE_MAX)) {
        struct pollfd poll_fd = { fds->out, POLLIN, 0 };
        CHECK(poll(&poll_fd, 1, 10000) == 1);
        ssize_t n = read(fds->out, space + text.len, size - text.len);
        CHECK(n >= 0);
        if (n == 0)
            break;
        text.len += (size_t)n;
    }
    return text;
}

/* A mark in the environment that tells this test's processes from all others. */
static const char *new_mark(void)
{
    static char mark[64];
    struct buf text = { .ptr = mark, .size = sizeof(mark), .max = sizeof(mark) };

    buf_printf(&text, "GH_TEST_MARK=%d.%llu", (int)getpid(), (unsigned long long)now_ms());
    return mark;
}

TEST(a_child_says_that_it_runs_and_how_it_ended)
{
    auto_free(warden) w = NULL;
    char space[64];
    CHECK_OK(warden_start(&w));

    struct child_fds fds = start_shell(w, "read word; echo got $word; exit 7", "A=b");
    CHECK(next_report(&fds).kind == GUARD_STARTED);
    CHECK(write(fds.in, "seven\n", 6) == 6);
    CHECK_SLICE(read_out(&fds, space, sizeof(space), NULL), "got seven\n");

    struct guard_report report = next_report(&fds);
    CHECK(report.kind == GUARD_ENDED && WIFEXITED(report.value) && WEXITSTATUS(report.value) == 7);
    CHECK(next_report(&fds).kind == GUARD_SILENT);
    close_fds(&fds);
}

TEST(a_program_that_is_not_there_is_reported_with_its_errno)
{
    auto_free(warden) w = NULL;
    CHECK_OK(warden_start(&w));
    static const struct {
        const char *program, *cwd;
        int error;
    } cases[] = {
        { "/no/such/program", "", ENOENT }, { "no-such-program", "", ENOENT },     { "/etc", "", EACCES },
        { "/etc/passwd", "", EACCES },      { "true", "/no/such/folder", ENOENT },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        struct child_fds fds;
        CHECK_OK(start(w, (const char *const[]){ cases[i].program, NULL }, NULL, cases[i].cwd, &fds));
        struct guard_report report = next_report(&fds);
        CHECK(report.kind == GUARD_FAILED);
        CHECK_EQ(report.value, cases[i].error);
        CHECK(next_report(&fds).kind == GUARD_SILENT);
        close_fds(&fds);
    }
    CHECK(soon_processes("no mark", warden_pid(w), 1)); /* the warden alone */
}

TEST(nonsense_is_refused_before_anything_is_started)
{
    auto_free(warden) w = NULL;
    struct child_fds fds;
    struct slice long_arg = { mem_zalloc(SPAWN_MAX_BYTES, 1), SPAWN_MAX_BYTES };
    CHECK_OK(warden_start(&w));

    CHECK_ERR(warden_spawn(w, &(struct child_command){ 0 }, &fds), ERR_INVALID);
    CHECK_ERR(warden_spawn(w, &(struct child_command){ .args = &S(""), .n_args = 1 }, &fds), ERR_INVALID);
    CHECK_ERR(warden_spawn(w, &(struct child_command){ .args = &S("a\0b"), .n_args = 1 }, &fds), ERR_INVALID);
    CHECK_ERR(warden_spawn(w, &(struct child_command){ .args = &S("a"), .n_args = 1, .cwd = S("/\0") }, &fds),
              ERR_INVALID);
    memset((void *)(uintptr_t)long_arg.ptr, 'a', long_arg.len);
    CHECK_ERR(warden_spawn(w, &(struct child_command){ .args = &long_arg, .n_args = 1 }, &fds), ERR_LIMIT);
    free((void *)(uintptr_t)long_arg.ptr);
}

TEST(arguments_and_environment_arrive_up_to_the_limit)
{
    auto_free(warden) w = NULL;
    char *value = mem_zalloc(100 * 1024 + 1, 1), space[32];
    CHECK_OK(warden_start(&w));

    memset(value, 'v', 100 * 1024);
    memcpy(value, "V=", 2);
    struct child_fds fds = start_shell(w, "echo ${#V}", value);
    CHECK_SLICE(read_out(&fds, space, sizeof(space), NULL), "102398\n");
    close_fds(&fds);
    free(value);
}

/* Signals 32 and 33 cannot be set. Whoever was started by posix_spawn, as make starts things, ignores them. */
#define C_LIBRARYS_OWN " sed -E '/^SigIgn/s/[01][08](0{7})$/00\\1/'"

TEST(a_child_has_three_descriptors_and_the_environment_it_was_given_and_nothing_of_ours)
{
    auto_free(warden) w = NULL;
    char space[4096];
    int secret_fd = memfd_create("secret", 0); /* without close-on-exec: a careless library */
    CHECK(secret_fd >= 0 && dup2(secret_fd, 77) == 77);
    CHECK_OK(warden_start(&w));

    struct child_fds fds =
        start_shell(w,
                    "ls /proc/self/fd | wc -l; env | sort; pwd; "
                    "umask; ulimit -c; grep -E '^(SigBlk|SigIgn|NoNewPrivs)' /proc/self/status |" C_LIBRARYS_OWN,
                    "A=b");
    CHECK_SLICE(read_out(&fds, space, sizeof(space), NULL), "4\n" /* and the one by which it reads the folder */
                                                            "A=b\nPATH=/usr/bin:/bin\nPWD=/\n"
                                                            "/\n"
                                                            "0077\n"
                                                            "0\n"
                                                            "SigBlk:\t0000000000000000\n"
                                                            "SigIgn:\t0000000000000000\n"
                                                            "NoNewPrivs:\t1\n");
    close_fds(&fds);
}

TEST(a_child_starts_in_its_folder_and_is_found_in_its_own_path)
{
    auto_free(warden) w = NULL;
    struct child_fds fds;
    char space[64];
    CHECK_OK(warden_start(&w));

    CHECK_OK(start(w, (const char *const[]){ "pwd", NULL },
                   (const char *const[]){ "PATH=/no/such:/usr/bin:/bin", NULL }, "/usr", &fds));
    CHECK_SLICE(read_out(&fds, space, sizeof(space), NULL), "/usr\n");
    close_fds(&fds);

    CHECK_OK(start(w, (const char *const[]){ "pwd", NULL }, (const char *const[]){ "PATH=/no/such::", NULL },
                   "/usr/bin", &fds));
    struct guard_report report = next_report(&fds); /* an empty part of PATH is not the working directory */
    CHECK(report.kind == GUARD_FAILED && report.value == ENOENT);
    close_fds(&fds);
}

TEST(limits_hold_for_the_child)
{
    auto_free(warden) w = NULL;
    struct child_fds fds;
    char space[64];
    CHECK_OK(warden_start(&w));

    struct child_command command = { .args = (const struct slice[]){ S("/bin/sh"), S("-c"), S("ulimit -n; ulimit -t") },
                                     .n_args = 3,
                                     .limits = { .open_files = 33, .cpu_s = 44 } };
    CHECK_OK(warden_spawn(w, &command, &fds));
    CHECK_SLICE(read_out(&fds, space, sizeof(space), NULL), "33\n44\n");
    close_fds(&fds);
}

TEST(stopping_ends_a_polite_child_by_sigterm_and_a_stubborn_one_by_sigkill)
{
    auto_free(warden) w = NULL;
    const char *mark = new_mark();
    struct guard_order order = { .term_after_ms = 20, .kill_after_ms = 100 };
    char space[64];
    CHECK_OK(warden_start(&w));

    struct child_fds fds = start_shell(w, "sleep 900 & echo ready; wait", mark);
    read_out(&fds, space, sizeof(space), "ready\n");
    CHECK(next_report(&fds).kind == GUARD_STARTED);
    CHECK(send(fds.control, &order, sizeof(order), 0) == (ssize_t)sizeof(order));
    struct guard_report report = next_report(&fds);
    CHECK(report.kind == GUARD_ENDED && WIFSIGNALED(report.value) && WTERMSIG(report.value) == SIGTERM);
    CHECK_EQ(processes_of(mark, 0), 0);
    close_fds(&fds);

    fds = start_shell(w, STUBBORN, mark);
    read_out(&fds, space, sizeof(space), "ready\n");
    CHECK(soon_processes(mark, 0, STUBBORN_PROCESSES));
    CHECK(next_report(&fds).kind == GUARD_STARTED);
    uint64_t asked_ms = now_ms();
    CHECK(send(fds.control, &order, sizeof(order), 0) == (ssize_t)sizeof(order));
    report = next_report(&fds);
    CHECK(report.kind == GUARD_ENDED && WIFSIGNALED(report.value) && WTERMSIG(report.value) == SIGKILL);
    CHECK(now_ms() - asked_ms >= 120);
    CHECK_EQ(processes_of(mark, 0), 0);
    close_fds(&fds);
}

TEST(what_a_child_leaves_behind_when_it_exits_is_killed)
{
    auto_free(warden) w = NULL;
    const char *mark = new_mark();
    CHECK_OK(warden_start(&w));

    struct child_fds fds =
        start_shell(w, "sleep 900 & setsid sh -c 'sleep 900; :' & (setsid sleep 900 &); exit 0", mark);
    CHECK(next_report(&fds).kind == GUARD_STARTED);
    CHECK(next_report(&fds).kind == GUARD_ENDED);
    CHECK_EQ(processes_of(mark, 0), 0);
    close_fds(&fds);
}

TEST(one_child_s_end_leaves_the_others_alone)
{
    auto_free(warden) w = NULL;
    const char *mark = new_mark();
    char space[64];
    CHECK_OK(warden_start(&w));

    struct child_fds daemon = start_shell(w, "(setsid sleep 900 &); echo ready; exec sleep 900", mark);
    read_out(&daemon, space, sizeof(space), "ready\n");
    struct child_fds fds = start_shell(w, "exit 0", "A=b");
    CHECK(next_report(&fds).kind == GUARD_STARTED);
    CHECK(next_report(&fds).kind == GUARD_ENDED);
    CHECK(soon_processes(mark, 0, 2));
    close_fds(&fds);
    close_fds(&daemon);
    CHECK(soon_processes(mark, 0, 0));
}

/* A gateway in a process of its own, with a warden and two stubborn children. The warden's number goes to *ret. */
static pid_t start_gateway(const char *mark, pid_t *ret_warden)
{
    pid_t *shared = mmap(NULL, sizeof(pid_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);

    pid_t gateway = fork();
    CHECK(gateway >= 0);
    if (gateway == 0) {
        struct warden *w;
        char space[64];
        CHECK_OK(warden_start(&w));
        for (int i = 0; i < 2; i++) {
            struct child_fds fds = start_shell(w, STUBBORN, mark);
            read_out(&fds, space, sizeof(space), "ready\n");
        }
        __atomic_store_n(shared, warden_pid(w), __ATOMIC_SEQ_CST);
        pause();
        _exit(0);
    }
    for (uint64_t end = now_ms() + 10000; __atomic_load_n(shared, __ATOMIC_SEQ_CST) == 0 && now_ms() < end;)
        pause_ms(5);
    *ret_warden = *shared;
    CHECK(*ret_warden != 0);
    CHECK(soon_processes(mark, *ret_warden, 3 + 2 * STUBBORN_PROCESSES)); /* the warden, two guards, the children */
    return gateway;
}

static void kill_and_bury(pid_t pid)
{
    CHECK(kill(pid, SIGKILL) == 0);
    CHECK(waitpid(pid, NULL, 0) == pid);
}

/* A guard of the warden: a process whose parent it is. */
static pid_t guard_of(pid_t warden)
{
    DIR *proc = opendir("/proc");
    pid_t found = 0;

    for (struct dirent *entry = readdir(proc); entry != NULL; entry = readdir(proc)) {
        uint64_t pid;
        if (slice_to_u64(slice_of(entry->d_name), &pid) == OK && proc_number(pid, 1) == (uint64_t)warden)
            found = (pid_t)pid;
    }
    closedir(proc);
    return found;
}

TEST(when_the_gateway_is_killed_nothing_is_left)
{
    const char *mark = new_mark();
    pid_t warden, gateway = start_gateway(mark, &warden);

    kill_and_bury(gateway);
    CHECK(soon_processes(mark, warden, 0));
}

TEST(when_the_warden_is_killed_the_children_end_and_the_gateway_lives)
{
    const char *mark = new_mark();
    pid_t warden, gateway = start_gateway(mark, &warden);

    CHECK(kill(warden, SIGKILL) == 0);
    CHECK(soon_processes(mark, 0, 0));
    CHECK(kill(gateway, 0) == 0);
    kill_and_bury(gateway);
    CHECK(soon_processes(mark, warden, 0));
}

TEST(when_gateway_and_warden_are_killed_at_once_nothing_is_left)
{
    const char *mark = new_mark();
    pid_t warden, gateway = start_gateway(mark, &warden);

    CHECK(kill(gateway, SIGSTOP) == 0 && kill(warden, SIGSTOP) == 0);
    CHECK(kill(gateway, SIGKILL) == 0 && kill(warden, SIGKILL) == 0);
    CHECK(waitpid(gateway, NULL, 0) == gateway);
    CHECK(soon_processes(mark, warden, 0));
}

TEST(when_a_guard_is_killed_the_warden_ends_what_it_guarded_and_nothing_else)
{
    const char *mark = new_mark();
    pid_t warden, gateway = start_gateway(mark, &warden);

    CHECK(kill(guard_of(warden), SIGKILL) == 0);
    CHECK(soon_processes(mark, warden, 2 + STUBBORN_PROCESSES));
    kill_and_bury(gateway);
    CHECK(soon_processes(mark, warden, 0));
}

TEST(warden_and_guards_ignore_what_a_terminal_or_a_service_manager_sends_to_all)
{
    const char *mark = new_mark();
    pid_t warden, gateway = start_gateway(mark, &warden);

    for (size_t i = 0; i < 3; i++)
        CHECK(kill(-warden, (const int[]){ SIGINT, SIGTERM, SIGHUP }[i]) == 0);
    pause_ms(50);
    CHECK_EQ(processes_of(mark, warden), 3 + 2 * STUBBORN_PROCESSES);
    kill_and_bury(gateway);
    CHECK(soon_processes(mark, warden, 0));
}

TEST(freeing_the_warden_ends_all_and_a_lost_one_says_so)
{
    struct warden *w;
    const char *mark = new_mark();
    char space[64];
    struct child_fds fds;
    size_t n_fds = open_fds();

    CHECK_OK(warden_start(&w));
    fds = start_shell(w, STUBBORN, mark);
    read_out(&fds, space, sizeof(space), "ready\n");
    CHECK(!warden_is_lost(w));
    pid_t pid = warden_pid(w);
    warden_free(w); /* returns when all are gone */
    CHECK_EQ(processes_of(mark, pid), 0);
    close_fds(&fds);
    CHECK_EQ(open_fds(), n_fds);

    CHECK_OK(warden_start(&w));
    kill(warden_pid(w), SIGKILL);
    for (uint64_t end = now_ms() + 20000; !warden_is_lost(w) && now_ms() < end;)
        pause_ms(1);
    CHECK(warden_is_lost(w));
    CHECK_ERR(start(w, (const char *const[]){ "/bin/true", NULL }, NULL, "", &fds), ERR_SPAWN);
    warden_free(w);
    CHECK_EQ(open_fds(), n_fds);
}

TEST(five_hundred_starts_and_stops_leave_no_process_and_no_descriptor)
{
    auto_free(warden) w = NULL;
    const char *mark = new_mark();
    CHECK_OK(warden_start(&w));
    size_t n_fds = open_fds();

    for (int i = 0; i < 500; i++) {
        struct child_fds fds = start_shell(w, i % 2 == 0 ? "exit 3" : "sleep 900 & exec sleep 900", mark);
        CHECK(next_report(&fds).kind == GUARD_STARTED);
        if (i % 2 == 0)
            CHECK(next_report(&fds).kind == GUARD_ENDED);
        close_fds(&fds);
    }
    CHECK_EQ(open_fds(), n_fds);
    CHECK(soon_processes(mark, warden_pid(w), 1)); /* the warden alone */

    char space[16];
    CHECK(proc_text((uint64_t)warden_pid(w), "comm", space, sizeof(space)).len > 0);
    CHECK_SLICE(((struct slice){ space, 15 }), "gatehouse-warde");
}
