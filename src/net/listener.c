#include "net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include "base/check.h"
#include "base/mem.h"
#include "loop/timer.h"
#include "net/bind.h"
#include "net/stream_internal.h"

#define MAX_PENDING 64u   /* connections accepted and not asked for */
#define REST_MS     1000u /* before trying again when not even the spare descriptor helps */

struct listener {
    uv_poll_t poll; /* on fd; its close callback frees us */
    struct loop *loop;
    int fd;
    int spare; /* a descriptor held back for the moment when there are none; -1: lost for now */
    struct listener_options options;
    struct address address;
    struct stat file; /* of our unix socket, to unlink no other */
    int pending[MAX_PENDING];
    unsigned first_pending;
    unsigned n_pending;
    struct slot slot; /* who accepts */
    uint64_t n_refused;
    bool polling;
    struct op rest; /* a root while nothing is accepted for REST_MS */
    struct timer rest_timer;
};

static int open_spare(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_ready(uv_poll_t *poll, int status, int events);

static void set_polling(struct listener *l, bool polling)
{
    if (l->polling == polling)
        return;
    CHECK((polling ? uv_poll_start(&l->poll, UV_READABLE, on_ready) : uv_poll_stop(&l->poll)) == 0);
    l->polling = polling;
}

/* -- Accepting ------------------------------------------------------------------------------------------------ */

static enum err rest_run(struct op *op)
{
    struct listener *l = container_of(op, struct listener, rest);

    TRY(timer_wait(&l->rest_timer, op));
    if (l->spare < 0)
        l->spare = open_spare();
    set_polling(l, true);
    return OK;
}

static void rest_release(struct op *op)
{
    timer_stop(&container_of(op, struct listener, rest)->rest_timer);
}

static void rest(struct listener *l)
{
    set_polling(l, false);
    timer_start(&l->rest_timer, l->loop, REST_MS);
    if (!op_is_active(&l->rest))
        op_start(&l->rest, l->loop, NULL);
}

static int accept_next(const struct listener *l)
{
    /* cppcheck-suppress nullPointer ; its table does not know that the peer's address may be left out */
    return accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

/* No descriptor is left: gives up the spare one to take the connection and close it, which tells the peer. False when
 * that is enough for now: there is no connection after all, or the spare one was snatched by another thread. */
static bool refuse_one(struct listener *l)
{
    if (l->spare < 0) {
        rest(l);
        return false;
    }
    (void)close(l->spare); /* read-only: nothing can be lost */
    int fd = accept_next(l);
    bool nobody_came = fd < 0 && errno == EAGAIN;
    if (fd >= 0) {
        (void)close(fd); /* that is all it is for */
        l->n_refused++;
    }
    l->spare = open_spare();
    if (fd < 0 && !nobody_came)
        rest(l);
    return fd >= 0;
}

/* Takes one connection from the kernel; false when that is enough for now. */
static bool take_one(struct listener *l)
{
    int fd = accept_next(l);

    if (fd >= 0) {
        l->pending[(l->first_pending + l->n_pending++) % MAX_PENDING] = fd;
        return true;
    }
    switch (errno) {
    case EMFILE: /* said before the kernel looks whether anybody is there */
    case ENFILE:
        return refuse_one(l);
    case ENOBUFS:
    case ENOMEM:
        rest(l);
        return false;
    default: /* EAGAIN; or the connection broke before it was accepted: the next one, next turn */
        return false;
    }
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct listener *l = poll->data;

    (void)status; /* what is wrong, accept4 tells */
    (void)events;
    for (unsigned n = 0; n < MAX_PENDING && l->n_pending < MAX_PENDING && take_one(l); n++)
        ;
    if (l->n_pending == MAX_PENDING)
        set_polling(l, false); /* the kernel's backlog holds the others */
    if (l->n_pending > 0)
        slot_wake(&l->slot);
}

static int take_pending(struct listener *l)
{
    int fd = l->pending[l->first_pending];

    l->first_pending = (l->first_pending + 1) % MAX_PENDING;
    l->n_pending--;
    if (!op_is_active(&l->rest))
        set_polling(l, true);
    return fd;
}

enum err listener_accept(struct listener *l, struct op *op, struct stream **ret)
{
    while (l->n_pending > 0) {
        int fd = take_pending(l);
        if (stream_open_socket(l->loop, fd, l->address.kind != ADDRESS_UNIX, &l->options.stream, ret) == OK)
            return OK; /* else it broke while it waited here */
    }
    return op_wait(op, &l->slot);
}

/* -- Life ----------------------------------------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static enum err open_listening(const struct address *address, const struct listener_options *options,
                               struct listener *l)
{
    switch (address->kind) {
    case ADDRESS_NONE:
        return ERR_INVALID;
    case ADDRESS_IPV4:
    case ADDRESS_IPV6:
        return bind_tcp(address, options->backlog, options->reuse_port, &l->fd, &l->address);
    case ADDRESS_UNIX:
        TRY(bind_unix(address, options->backlog, &l->fd));
        l->address = *address;
        return lstat(address->path, &l->file) == 0 ? OK : ERR_SYSTEM;
    }
    UNREACHABLE();
}

enum err listener_new(struct loop *loop, const struct address *address, const struct listener_options *options,
                      struct listener **ret)
{
    if (options->backlog < 1)
        return ERR_INVALID;

    struct listener *l = mem_zalloc(1, sizeof(*l));
    l->loop = loop;
    l->options = *options;
    l->fd = l->spare = -1;
    l->rest.run = rest_run;
    l->rest.release = rest_release;

    enum err e = open_listening(address, options, l);
    if (e == OK && ((l->spare = open_spare()) < 0 || uv_poll_init(loop_uv(loop), &l->poll, l->fd) != 0))
        e = ERR_SYSTEM;
    if (e != OK) {
        if (l->spare >= 0)
            (void)close(l->spare); /* read-only */
        if (l->fd >= 0)
            (void)close(l->fd); /* nothing was written to it */
        free(l);
        return e;
    }
    l->poll.data = l;
    set_polling(l, true);
    *ret = l;
    return OK;
}

static void unlink_own(const struct listener *l)
{
    struct stat now;

    if (l->address.kind == ADDRESS_UNIX && lstat(l->address.path, &now) == 0 && now.st_ino == l->file.st_ino &&
        now.st_dev == l->file.st_dev)
        (void)unlink(l->address.path); /* if it fails, the next one to listen finds it stale */
}

void listener_free(struct listener *l)
{
    if (l == NULL)
        return;
    slot_clear(&l->slot);
    op_cancel(&l->rest);
    unlink_own(l);
    while (l->n_pending > 0) {
        (void)close(l->pending[l->first_pending]); /* never used */
        l->first_pending = (l->first_pending + 1) % MAX_PENDING;
        l->n_pending--;
    }
    if (l->spare >= 0)
        (void)close(l->spare); /* read-only */
    uv_close((uv_handle_t *)&l->poll, on_closed);
    (void)close(l->fd); /* after uv_close, which takes it out of epoll; nothing was written to it */
}

const struct address *listener_address(const struct listener *l)
{
    return &l->address;
}

uint64_t listener_n_refused(const struct listener *l)
{
    return l->n_refused;
}
