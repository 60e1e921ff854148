/*
 * The warden's side of the warden: takes requests, forks guards, buries them, and leaves with the gateway.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "loop/warden_internal.h"

struct warden_process {
    int link_fd;
    int signal_fd;
    int guards_pipe[2]; /* guards hold the reading end and notice when ours closes */
    size_t n_guards;
    pid_t guards[WARDEN_MAX_CHILDREN];
    union {
        struct spawn_request request;
        char bytes[SPAWN_MAX_BYTES];
    } packet;
};

static void close_all(const int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
}

static void refuse(const int fds[SPAWN_N_FDS], int error)
{
    (void)!send(fds[SPAWN_FD_CONTROL], &(struct guard_report){ GUARD_FAILED, error }, sizeof(struct guard_report),
                MSG_NOSIGNAL);
}

static void spawn(struct warden_process *w, size_t n_bytes, const int fds[SPAWN_N_FDS])
{
    if (w->n_guards == WARDEN_MAX_CHILDREN) {
        refuse(fds, EAGAIN);
        return;
    }

    pid_t pid = fork();
    if (pid == 0) {
        close(w->link_fd);
        close(w->signal_fd);
        close(w->guards_pipe[1]);
        guard_run(&w->packet.request, n_bytes, fds, w->guards_pipe[0]);
    }
    if (pid < 0)
        refuse(fds, errno);
    else
        w->guards[w->n_guards++] = pid;
}

/* Takes one request with its descriptors off the socket; false when the gateway has closed it. */
static bool take_request(struct warden_process *w)
{
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(SPAWN_N_FDS * sizeof(int))];
    } control;
    struct iovec part = { w->packet.bytes, sizeof(w->packet.bytes) };
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)
    };
    int fds[SPAWN_N_FDS];

    ssize_t n = recvmsg(w->link_fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (n == 0)
        return false;

    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    size_t n_fds = head == NULL ? 0 : (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    CHECK((size_t)n > sizeof(struct spawn_request) && (message.msg_flags & MSG_TRUNC) == 0 && n_fds <= SPAWN_N_FDS);
    if (n_fds > 0)
        memcpy(fds, CMSG_DATA(head), n_fds * sizeof(int));
    if (n_fds == SPAWN_N_FDS) /* fewer: we have too many open, and the gateway sees the socket close */
        spawn(w, (size_t)n, fds);
    close_all(fds, n_fds);
    return true;
}

static bool forget_guard(struct warden_process *w, pid_t pid)
{
    for (size_t i = 0; i < w->n_guards; i++)
        if (w->guards[i] == pid) {
            w->guards[i] = w->guards[--w->n_guards];
            return true;
        }
    return false;
}

/*
 * Buries who has ended. A guard that was killed leaves us what it guarded: whatever hangs below us and is no guard.
 * Each layer of that, when it ends, brings the next SIGCHLD and hands us the layer below. False: nobody is left.
 */
static bool bury(struct warden_process *w)
{
    struct signalfd_siginfo signal;
    bool left_orphans = false;
    int status;
    pid_t pid;

    (void)!read(w->signal_fd, &signal, sizeof(signal));
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        left_orphans |= !forget_guard(w, pid) || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    if (pid < 0)
        return false;
    if (left_orphans)
        orphans_kill(w->guards, w->n_guards);
    return true;
}

static void settle(struct warden_process *w)
{
    sigset_t all;
    int null_fd = open("/dev/null", O_RDWR);

    prctl(PR_SET_NAME, "gatehouse-warden"); /* the kernel keeps 15 bytes of it */
    (void)setsid();                         /* a ^C for the gateway is not for us: we end after it */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);

    /* Standard error stays, for the last words of a failed CHECK. */
    CHECK(null_fd >= 0 && dup2(null_fd, 0) == 0 && dup2(null_fd, 1) == 1);
    CHECK(dup2(w->link_fd, 3) == 3);
    w->link_fd = 3;
    closefrom(4);
    CHECK(fcntl(w->link_fd, F_SETFD, FD_CLOEXEC) == 0);

    sigset_t child_ends;
    sigemptyset(&child_ends);
    sigaddset(&child_ends, SIGCHLD);
    w->signal_fd = signalfd(-1, &child_ends, SFD_CLOEXEC | SFD_NONBLOCK);
    CHECK(w->signal_fd >= 0 && pipe2(w->guards_pipe, O_CLOEXEC) == 0);
    CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
    CHECK(chdir("/") == 0); /* keeps no file system busy */
}

void warden_process_run(int link_fd)
{
    struct warden_process *w = mem_zalloc(1, sizeof(*w));
    bool gateway_lives = true;

    w->link_fd = link_fd;
    settle(w);
    while (gateway_lives) {
        struct pollfd polls[] = { { w->link_fd, POLLIN, 0 }, { w->signal_fd, POLLIN, 0 } };
        if (poll(polls, 2, -1) < 0)
            continue;
        if (polls[1].revents != 0)
            (void)bury(w);
        if (polls[0].revents != 0)
            gateway_lives = take_request(w);
    }

    close(w->guards_pipe[1]); /* now the guards kill at once; each ends when nothing is left below it */
    while (bury(w))
        (void)poll(&(struct pollfd){ w->signal_fd, POLLIN, 0 }, 1, -1);
    _exit(0);
}
