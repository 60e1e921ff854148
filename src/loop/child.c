#include "loop/child.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <uv.h>

#include "base/check.h"
#include "base/mem.h"
#include "loop/loop_internal.h"
#include "loop/warden_internal.h"

struct child {
    uv_poll_t poll; /* for reports of the guard on fds.control */
    struct child_fds fds;
    struct slot exit_slot;
    struct orphan orphan; /* once nobody owns it any more */
    bool is_orphan;
    enum { CHILD_ASKED, CHILD_RUNS, CHILD_FAILED, CHILD_ENDED, CHILD_LOST } state;
    pid_t pid;
    int error;
    int status;
};

static struct loop *loop_of(const struct child *c)
{
    return c->poll.loop->data;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void finish(struct child *c)
{
    (void)uv_poll_stop(&c->poll); /* cannot fail */
    slot_wake(&c->exit_slot);
    if (c->is_orphan)
        child_free(c); /* its memory stays until libuv has let go of it */
}

static void take_report(struct child *c, const struct guard_report *report)
{
    switch (report->kind) {
    case GUARD_SILENT:
        return;
    case GUARD_STARTED:
        c->state = CHILD_RUNS;
        c->pid = report->value;
        return;
    case GUARD_FAILED:
        c->state = CHILD_FAILED;
        c->error = report->value;
        break;
    case GUARD_ENDED:
        c->state = CHILD_ENDED;
        c->status = report->value;
        break;
    }
    finish(c);
}

static void on_report(uv_poll_t *poll, int status, int events)
{
    struct child *c = poll->data;
    struct guard_report report;

    (void)status; /* recv tells the same, and the same way for all */
    (void)events;
    while (c->state <= CHILD_RUNS) {
        ssize_t n = recv(c->fds.control, &report, sizeof(report), MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (n == (ssize_t)sizeof(report)) {
            take_report(c, &report);
            continue;
        }
        c->state = CHILD_LOST;
        finish(c);
    }
}

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

enum err child_new(struct warden *warden, struct loop *loop, const struct child_command *command, struct child **ret)
{
    struct child *c = mem_zalloc(1, sizeof(*c));
    enum err e = warden_spawn(warden, command, &c->fds);

    if (e != OK) {
        free(c);
        return e;
    }
    list_init(&c->orphan.link);
    c->poll.data = c;
    CHECK(uv_poll_init(loop_uv(loop), &c->poll, c->fds.control) == 0);
    CHECK(uv_poll_start(&c->poll, UV_READABLE | UV_DISCONNECT, on_report) == 0);
    *ret = c;
    return OK;
}

void child_free(struct child *c)
{
    if (c == NULL)
        return;
    slot_clear(&c->exit_slot);
    orphan_leave(&c->orphan);
    if (c->is_orphan)
        loop_of(c)->n_ending--;
    uv_close((uv_handle_t *)&c->poll, on_closed);
    close_fd(&c->fds.in);
    close_fd(&c->fds.out);
    close_fd(&c->fds.err);
    close_fd(&c->fds.control); /* the guard takes this as the order to kill */
}

static void end_orphan(struct orphan *orphan)
{
    child_free(container_of(orphan, struct child, orphan));
}

void child_close(struct child *c, unsigned term_after_ms, unsigned kill_after_ms)
{
    if (c == NULL)
        return;
    if (c->state > CHILD_RUNS) {
        child_free(c);
        return;
    }
    slot_clear(&c->exit_slot);
    child_stop(c, term_after_ms, kill_after_ms);
    close_fd(&c->fds.out);
    close_fd(&c->fds.err);
    c->is_orphan = true;
    c->orphan.end = end_orphan;
    loop_of(c)->n_ending++;
    loop_adopt(loop_of(c), &c->orphan);
}

unsigned child_n_ending(const struct loop *loop)
{
    return loop->n_ending;
}

int child_take_in(struct child *c)
{
    int fd = c->fds.in;

    CHECK(fd >= 0);
    c->fds.in = -1;
    return fd;
}

int child_take_out(struct child *c)
{
    int fd = c->fds.out;

    CHECK(fd >= 0);
    c->fds.out = -1;
    return fd;
}

int child_take_err(struct child *c)
{
    int fd = c->fds.err;

    CHECK(fd >= 0);
    c->fds.err = -1;
    return fd;
}

void child_stop(struct child *c, unsigned term_after_ms, unsigned kill_after_ms)
{
    struct guard_order order = { term_after_ms, kill_after_ms };

    close_fd(&c->fds.in);
    /* A few bytes always fit, and a guard that is gone has left nothing to stop. */
    (void)!send(c->fds.control, &order, sizeof(order), MSG_DONTWAIT | MSG_NOSIGNAL);
}

enum err child_exited(struct child *c, struct op *op, int *ret_status)
{
    switch (c->state) {
    case CHILD_ASKED:
    case CHILD_RUNS:
        return op_wait(op, &c->exit_slot);
    case CHILD_FAILED:
        return ERR_SPAWN;
    case CHILD_ENDED:
        *ret_status = c->status;
        return OK;
    case CHILD_LOST:
        return c->pid != 0 ? ERR_EXITED : ERR_SPAWN;
    }
    UNREACHABLE();
}

pid_t child_pid(const struct child *c)
{
    return c->pid;
}

int child_errno(const struct child *c)
{
    return c->error;
}
