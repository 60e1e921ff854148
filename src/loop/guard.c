/*
 * A guard: the process above one child, which sees to it that nothing of the child remains when it is over.
 *
 * It waits for five things at once: the child's exec to succeed or fail, the child's end, the gateway's order to stop,
 * the gateway's end (or its wish to kill: the same closed socket), and the warden's end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/num.h"
#include "loop/warden_internal.h"

struct guard {
    pid_t child;
    int child_status; /* as of waitpid(), once it is buried */
    bool child_ended; /* and not buried yet */
    bool kill_all;
    int control_fd;
    int warden_fd; /* never readable until its other end closes */
    int signal_fd;
    int exec_fd;            /* -1 once we know */
    uint64_t term_at_ns;    /* 0: no SIGTERM is due */
    uint64_t kill_at_ns;    /* 0: no SIGKILL is due */
    uint64_t kill_after_ns; /* from SIGTERM to SIGKILL */
};

static uint64_t now_ns(void)
{
    struct clock clock;

    clock_read(&clock);
    return clock.mono_ns;
}

static void report(struct guard *g, enum guard_report_kind kind, int value)
{
    /* Three small packets in a guard's whole life: they always fit; and who is gone needs no report. */
    (void)!send(g->control_fd, &(struct guard_report){ kind, value }, sizeof(struct guard_report), MSG_NOSIGNAL);
}

static void signal_child(const struct guard *g, int number)
{
    if (kill(-g->child, number) != 0)
        (void)kill(g->child, number); /* it has not made its group yet */
}

static void note_end(void *arg, pid_t pid, int status)
{
    struct guard *g = arg;

    if (pid == g->child)
        g->child_status = status;
}

static void start_child(struct guard *g, const struct spawn_request *request, size_t n_bytes,
                        const int fds[SPAWN_N_FDS])
{
    int exec_pipe[2];
    pid_t guard = getpid();

    if (pipe2(exec_pipe, O_CLOEXEC) != 0 || (g->child = fork()) < 0) {
        report(g, GUARD_FAILED, errno);
        _exit(1);
    }
    if (g->child == 0)
        child_exec(request, n_bytes, fds, exec_pipe[1], guard);

    close(exec_pipe[1]);
    g->exec_fd = exec_pipe[0];
    for (int i = SPAWN_FD_IN; i <= SPAWN_FD_ERR; i++)
        close(fds[i]);
}

static void on_exec(struct guard *g)
{
    int error;
    ssize_t n = read(g->exec_fd, &error, sizeof(error));

    close(g->exec_fd);
    g->exec_fd = -1;
    if (n == 0) {
        report(g, GUARD_STARTED, g->child);
        return;
    }
    report(g, GUARD_FAILED, n == (ssize_t)sizeof(error) ? error : EIO);
    _exit(0); /* the child is ending by itself; the warden buries it */
}

static void on_control(struct guard *g)
{
    struct guard_order order;
    ssize_t n = recv(g->control_fd, &order, sizeof(order), MSG_DONTWAIT);

    if (n == (ssize_t)sizeof(order)) {
        g->term_at_ns = now_ns() + order.term_after_ms * NS_PER_MS;
        g->kill_after_ns = order.kill_after_ms * NS_PER_MS;
    } else if (n >= 0 || errno != EAGAIN) {
        g->kill_all = true;
    }
}

/* Buries adopted orphans. The child itself stays a zombie until all is over: that keeps its number, the group's, ours. */
static void on_signal(struct guard *g)
{
    struct signalfd_siginfo signal;
    siginfo_t ended = { 0 };

    (void)!read(g->signal_fd, &signal, sizeof(signal)); /* one may stand for many */
    while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid != 0) {
        if (ended.si_pid == g->child) {
            g->child_ended = true;
            return;
        }
        waitpid(ended.si_pid, NULL, 0);
        ended.si_pid = 0;
    }
}

static void on_time(struct guard *g)
{
    uint64_t now = now_ns();

    if (g->term_at_ns != 0 && now >= g->term_at_ns) {
        signal_child(g, SIGTERM);
        g->term_at_ns = 0;
        g->kill_at_ns = now + g->kill_after_ns;
    }
    if (g->kill_at_ns != 0 && now >= g->kill_at_ns)
        g->kill_all = true;
}

static int ms_to_wait(const struct guard *g)
{
    uint64_t at = g->term_at_ns != 0 ? g->term_at_ns : g->kill_at_ns;
    uint64_t now = now_ns();

    if (at == 0)
        return -1;
    return at <= now ? 0 : (int)min_u64(div_up(at - now, NS_PER_MS), 1000 * MS_PER_S);
}

static void watch(struct guard *g)
{
    enum { CONTROL, WARDEN, SIGNAL, EXEC, N };
    struct pollfd polls[N] = { [CONTROL] = { g->control_fd, POLLIN, 0 },
                               [WARDEN] = { g->warden_fd, POLLIN, 0 },
                               [SIGNAL] = { g->signal_fd, POLLIN, 0 },
                               [EXEC] = { g->exec_fd, POLLIN, 0 } };

    if (poll(polls, N, ms_to_wait(g)) < 0)
        return; /* a signal we cannot block, such as SIGCONT after SIGSTOP */
    if (polls[EXEC].revents != 0)
        on_exec(g);
    if (polls[SIGNAL].revents != 0)
        on_signal(g);
    if (polls[CONTROL].revents != 0)
        on_control(g);
    if (polls[WARDEN].revents != 0)
        g->kill_all = true;
    on_time(g);
}

void guard_run(const struct spawn_request *request, size_t n_bytes, const int fds[SPAWN_N_FDS], int warden_pipe_fd)
{
    sigset_t child_ends;

    sigemptyset(&child_ends);
    sigaddset(&child_ends, SIGCHLD);
    struct guard g = { .control_fd = fds[SPAWN_FD_CONTROL],
                       .warden_fd = warden_pipe_fd,
                       .signal_fd = signalfd(-1, &child_ends, SFD_CLOEXEC) };

    prctl(PR_SET_NAME, "gatehouse-guard");
    if (g.signal_fd < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
        report(&g, GUARD_FAILED, errno);
        _exit(1);
    }
    start_child(&g, request, n_bytes, fds);
    while (!g.child_ended && !g.kill_all)
        watch(&g);

    if (g.exec_fd >= 0 && g.child_ended)
        on_exec(&g); /* it ended so fast that both news came at once */
    signal_child(&g, SIGKILL);
    orphans_kill_all(note_end, &g);
    report(&g, GUARD_ENDED, g.child_status);
    _exit(0);
}
