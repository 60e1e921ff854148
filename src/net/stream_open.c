/*
 * How streams come into being: from descriptors, from accepted sockets, by connecting; and how they go.
 */
#include "net/stream_internal.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"

static struct stream *allocate(struct loop *loop, const struct stream_options *options)
{
    struct stream *s = mem_zalloc(1, sizeof(*s));

    CHECK(options->in_max_bytes > 0 && options->out_low_bytes < options->out_max_bytes);
    s->loop = loop;
    s->options = *options;
    buf_init(&s->in, options->in_max_bytes);
    buf_init(&s->out, options->out_max_bytes);
    buf_init(&s->flying, options->out_max_bytes);
    return s;
}

struct stream *stream_new_tcp(struct loop *loop, const struct stream_options *options)
{
    struct stream *s = allocate(loop, options);

    CHECK(uv_tcp_init(loop_uv(loop), &s->uv.tcp) == 0); /* makes no socket yet, so nothing can fail */
    s->uv.handle.data = s;
    return s;
}

struct stream *stream_new_pipe(struct loop *loop, const struct stream_options *options)
{
    struct stream *s = allocate(loop, options);

    CHECK(uv_pipe_init(loop_uv(loop), &s->uv.pipe, 0) == 0);
    s->uv.handle.data = s;
    return s;
}

static void on_closed(uv_handle_t *handle)
{
    struct stream *s = handle->data;

    buf_done(&s->in);
    buf_done(&s->out);
    buf_done(&s->flying);
    free(s);
}

void stream_free(struct stream *s)
{
    if (s == NULL)
        return;
    slot_clear(&s->reader);
    slot_clear(&s->writer);
    slot_clear(&s->ender);
    uv_close(&s->uv.handle, on_closed);
}

/* -- Connecting ----------------------------------------------------------------------------------------------- */

static void on_connected(uv_connect_t *request, int status)
{
    struct stream *s = request->handle->data;

    s->connected = status == 0 ? OK : ERR_CONNECT;
    slot_wake(&s->writer);
}

enum err stream_connect(struct stream *s, const struct address *to)
{
    struct sockaddr_storage sockaddr;

    s->connected = WAIT;
    if (to->kind == ADDRESS_UNIX) {
        uv_pipe_connect(&s->request.connect, &s->uv.pipe, to->path, on_connected);
        return OK;
    }
    (void)address_to_sockaddr(to, &sockaddr);
    return uv_tcp_connect(&s->request.connect, &s->uv.tcp, (const struct sockaddr *)&sockaddr, on_connected) == 0
               ? OK
               : ERR_CONNECT;
}

enum err stream_connected(struct stream *s, struct op *op)
{
    return s->connected != WAIT ? s->connected : op_wait(op, &s->writer);
}

/* -- Descriptors ---------------------------------------------------------------------------------------------- */

int stream_descriptor(const struct stream *s)
{
    uv_os_fd_t fd = -1;

    CHECK(uv_fileno(&s->uv.handle, &fd) == 0);
    return fd;
}

bool stream_is_socket(const struct stream *s)
{
    struct sockaddr_storage unused;
    socklen_t len = sizeof(unused);

    return s->uv.handle.type == UV_TCP || (s->uv.handle.type == UV_NAMED_PIPE &&
                                           getsockname(stream_descriptor(s), (struct sockaddr *)&unused, &len) == 0);
}

struct address stream_local(const struct stream *s)
{
    struct sockaddr_storage storage;
    socklen_t len = sizeof(storage);

    if (getsockname(stream_descriptor(s), (struct sockaddr *)&storage, &len) != 0)
        return (struct address){ .kind = ADDRESS_NONE };
    return address_of_sockaddr((const struct sockaddr *)&storage, len);
}

static enum err open_handle(struct stream *s, int fd)
{
    int status = s->uv.handle.type == UV_TCP ? uv_tcp_open(&s->uv.tcp, fd) : uv_pipe_open(&s->uv.pipe, fd);

    return status == 0 ? OK : ERR_SYSTEM;
}

static void close_unless_standard(int fd)
{
    if (fd > STDERR_FILENO)
        (void)close(fd); /* it is given up either way */
}

static enum err open_tty(struct loop *loop, int fd, const struct stream_options *options, struct stream **ret)
{
    struct stream *s = allocate(loop, options);

    if (uv_tty_init(loop_uv(loop), &s->uv.tty, fd, 0) != 0) {
        free(s);
        return ERR_SYSTEM;
    }
    s->uv.handle.data = s;
    if (stream_descriptor(s) != fd)
        close_unless_standard(fd); /* libuv opens the terminal anew where it can */
    *ret = s;
    return OK;
}

static enum err begin_or_free(struct stream *s, struct stream **ret)
{
    enum err e = stream_begin(s);

    if (e == OK)
        *ret = s;
    else
        stream_free(s);
    return e;
}

enum err stream_open_socket(struct loop *loop, int fd, bool is_tcp, const struct stream_options *options,
                            struct stream **ret)
{
    struct stream *s = is_tcp ? stream_new_tcp(loop, options) : stream_new_pipe(loop, options);
    enum err e = open_handle(s, fd);

    if (e != OK) {
        close_unless_standard(fd);
        stream_free(s);
        return e;
    }
    return begin_or_free(s, ret);
}

enum err stream_open_fd(struct loop *loop, int fd, const struct stream_options *options, struct stream **ret)
{
    uv_handle_type type = uv_guess_handle(fd);
    struct stream *tty = NULL;
    enum err e;

    if (fd > STDERR_FILENO && fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return ERR_SYSTEM; /* not a descriptor */
    if (type == UV_TCP || type == UV_NAMED_PIPE)
        return stream_open_socket(loop, fd, type == UV_TCP, options, ret);
    e = type == UV_TTY ? open_tty(loop, fd, options, &tty) : ERR_UNSUPPORTED;
    if (e != OK) {
        close_unless_standard(fd);
        return e;
    }
    return begin_or_free(tty, ret);
}
