/*
 * The gateway's side of the warden: forks it, and hands it what to start.
 */
#include "loop/warden.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "loop/warden_internal.h"

#define LINK_BYTES (512 * 1024) /* a few waiting requests */

struct warden {
    int link_fd;
    pid_t pid;
};

enum err warden_start(struct warden **ret)
{
    int ends[2];
    int room = LINK_BYTES;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return ERR_SYSTEM;
    (void)setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)); /* less only means ERR_BUSY sooner */

    pid_t pid = fork();
    if (pid < 0) {
        close(ends[0]);
        close(ends[1]);
        return ERR_SYSTEM;
    }
    if (pid == 0) {
        close(ends[0]);
        warden_process_run(ends[1]);
    }
    close(ends[1]);

    struct warden *w = mem_zalloc(1, sizeof(*w));
    w->link_fd = ends[0];
    w->pid = pid;
    *ret = w;
    return OK;
}

void warden_free(struct warden *w)
{
    if (w == NULL)
        return;
    close(w->link_fd);
    while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    free(w);
}

bool warden_is_lost(const struct warden *w)
{
    struct pollfd link = { w->link_fd, 0, 0 };

    return poll(&link, 1, 0) > 0 && (link.revents & (POLLHUP | POLLERR)) != 0;
}

pid_t warden_pid(const struct warden *w)
{
    return w->pid;
}

static void put_text(struct buf *packet, struct slice text)
{
    buf_put(packet, text);
    buf_putc(packet, 0);
}

static bool has_nul(const struct slice *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (slice_find(texts[i], 0) != SIZE_MAX)
            return true;
    return false;
}

static enum err write_request(const struct child_command *command, struct buf *packet)
{
    struct spawn_request head = { .n_args = (uint32_t)command->n_args,
                                  .n_env = (uint32_t)command->n_env,
                                  .limits = command->limits };

    if (command->n_args == 0 || command->args[0].len == 0 || has_nul(command->args, command->n_args) ||
        has_nul(command->env, command->n_env) || has_nul(&command->cwd, 1))
        return ERR_INVALID;

    buf_put(packet, (struct slice){ (const char *)&head, sizeof(head) });
    put_text(packet, command->cwd);
    for (size_t i = 0; i < command->n_args; i++)
        put_text(packet, command->args[i]);
    for (size_t i = 0; i < command->n_env; i++)
        put_text(packet, command->env[i]);
    return buf_ok(packet);
}

static enum err send_request(struct warden *w, struct slice packet, const int fds[SPAWN_N_FDS])
{
    union {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(SPAWN_N_FDS * sizeof(int))];
    } control = { 0 };
    struct iovec part = { (void *)(uintptr_t)packet.ptr, packet.len }; /* sendmsg only reads it */
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)
    };
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(SPAWN_N_FDS * sizeof(int));
    memcpy(CMSG_DATA(head), fds, SPAWN_N_FDS * sizeof(int));

    if (sendmsg(w->link_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
        return OK;
    if (errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS)
        return ERR_BUSY;
    return errno == EMSGSIZE ? ERR_LIMIT : ERR_SPAWN;
}

static bool pair_up(int kind, int *ret_ours, int *ret_theirs)
{
    int ends[2];

    if (kind == SPAWN_FD_CONTROL ? socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0
                                 : pipe2(ends, O_CLOEXEC) != 0)
        return false;

    bool ours_reads = kind != SPAWN_FD_IN;
    *ret_ours = ends[ours_reads ? 0 : 1];
    *ret_theirs = ends[ours_reads ? 1 : 0];
    return fcntl(*ret_ours, F_SETFL, O_NONBLOCK | (ours_reads ? 0 : O_WRONLY)) == 0;
}

static void close_all(const int *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

enum err warden_spawn(struct warden *w, const struct child_command *command, struct child_fds *ret)
{
    int ours[SPAWN_N_FDS] = { -1, -1, -1, -1 };
    int theirs[SPAWN_N_FDS] = { -1, -1, -1, -1 };
    auto_buf packet;
    enum err e;

    buf_init(&packet, SPAWN_MAX_BYTES);
    TRY(write_request(command, &packet));

    for (int i = 0; i < SPAWN_N_FDS; i++)
        if (!pair_up(i, &ours[i], &theirs[i])) {
            close_all(ours, SPAWN_N_FDS);
            close_all(theirs, SPAWN_N_FDS);
            return ERR_SYSTEM;
        }
    e = send_request(w, buf_slice(&packet), theirs);
    close_all(theirs, SPAWN_N_FDS);
    if (e != OK) {
        close_all(ours, SPAWN_N_FDS);
        return e;
    }
    *ret = (struct child_fds){ ours[SPAWN_FD_IN], ours[SPAWN_FD_OUT], ours[SPAWN_FD_ERR], ours[SPAWN_FD_CONTROL] };
    return OK;
}
