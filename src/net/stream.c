#include "net/stream.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/check.h"
#include "base/num.h"
#include "net/stream_internal.h"

#define READ_BYTES 16384u /* asked of the kernel at once */

static enum err end_of_status(int status)
{
    return status == UV_EOF || status == UV_EPIPE ? ERR_CLOSED : ERR_RESET;
}

/* -- Reading -------------------------------------------------------------------------------------------------- */

static void end_output(struct stream *s, enum err e)
{
    if (s->out_end == WAIT)
        s->out_end = e;
    buf_done(&s->out); /* nobody will read it */
    slot_wake(&s->writer);
    slot_wake(&s->ender);
}

static void end_input(struct stream *s, enum err e)
{
    (void)uv_read_stop(&s->uv.stream); /* always 0 */
    s->is_reading = false;
    s->in_end = e;
    if (s->in.len == 0)
        buf_done(&s->in);
    slot_wake(&s->reader);
    slot_wake(&s->ender);
    if (e == ERR_RESET)
        end_output(s, e);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct stream *s = handle->data;

    (void)suggested; /* always 64 KiB */
    buf_consume(&s->in, s->n_consumed);
    s->n_consumed = 0;
    *ret = (uv_buf_t){ 0 };
    if (buf_reserve(&s->in, min_u64(READ_BYTES, s->in.max - s->in.len)) == OK)
        *ret = (uv_buf_t){ .base = s->in.ptr + s->in.len, .len = s->in.size - s->in.len };
    /* No memory: a buffer of nothing, which on_read sees as UV_ENOBUFS and takes for a broken connection. */
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *unused)
{
    struct stream *s = stream->data;

    (void)unused; /* it is the room of s->in */
    if (n < 0) {
        end_input(s, end_of_status((int)n));
        return;
    }
    if (n == 0) { /* nothing after all */
        if (s->in.len == 0)
            buf_done(&s->in);
        return;
    }
    buf_added(&s->in, (size_t)n);
    if (s->in.len == s->in.max) {
        (void)uv_read_stop(stream); /* always 0 */
        s->is_reading = false;
    }
    slot_wake(&s->reader);
}

static void start_reading(struct stream *s)
{
    int status = uv_read_start(&s->uv.stream, on_alloc, on_read);

    if (status == 0)
        s->is_reading = true;
    else
        end_input(s, end_of_status(status));
}

struct slice stream_in(const struct stream *s)
{
    return slice_from(buf_slice(&s->in), s->n_consumed);
}

void stream_consume(struct stream *s, size_t n)
{
    CHECK(n <= s->in.len - s->n_consumed);
    s->n_consumed += n;
    if (s->n_consumed == s->in.len) {
        buf_done(&s->in); /* who is idle holds no buffer */
        s->n_consumed = 0;
    }
    if (n > 0 && !s->is_reading && s->in_end == WAIT)
        start_reading(s);
}

enum err stream_more(struct stream *s, struct op *op, size_t than)
{
    size_t n = s->in.len - s->n_consumed;

    if (n > than)
        return OK;
    if (s->in_end != WAIT)
        return s->in_end;
    if (n >= s->in.max)
        return ERR_LIMIT;
    return op_wait(op, &s->reader);
}

/* -- Writing -------------------------------------------------------------------------------------------------- */

size_t stream_unsent(const struct stream *s)
{
    return uv_stream_get_write_queue_size(&s->uv.stream) + s->out.len;
}

size_t stream_write_max(const struct stream *s)
{
    size_t unsent = stream_unsent(s);

    return unsent < s->options.out_max_bytes ? s->options.out_max_bytes - unsent : 0;
}

static void end_now_if_flushed(struct stream *s)
{
    if (s->is_ended && !s->is_writing && s->out_end == WAIT && stream_is_socket(s))
        (void)shutdown(stream_descriptor(s), SHUT_WR); /* fails when the peer has gone, which reading tells */
}

static void fly(struct stream *s);

static void on_written(uv_write_t *request, int status)
{
    struct stream *s = request->handle->data;

    buf_done(&s->flying);
    s->is_writing = false;
    if (uv_is_closing(&s->uv.handle))
        return; /* nobody is there to be told */
    if (status != 0) {
        end_output(s, end_of_status(status));
        return;
    }
    s->progress_ns = loop_now_ns(s->loop);
    if (s->out.len > 0)
        fly(s);
    end_now_if_flushed(s);
    slot_wake(&s->writer);
}

/*
 * Bytes that the peer's side has not taken from ours. The kernel's share counts, where it tells it: it may be megabytes,
 * and asks for more only when a good part has left, which is long after a slow reader has begun to read.
 */
static size_t queued(const struct stream *s)
{
    int n_kernel = 0;

    if (ioctl(stream_descriptor(s), SIOCOUTQ, &n_kernel) != 0 || n_kernel < 0)
        n_kernel = 0;
    return uv_stream_get_write_queue_size(&s->uv.stream) + (size_t)n_kernel;
}

/* Hands what waits to libuv, which keeps at it until all of it has left. */
static void fly(struct stream *s)
{
    s->flying = s->out;
    buf_init(&s->out, s->options.out_max_bytes);

    uv_buf_t bytes = { .base = s->flying.ptr, .len = s->flying.len };
    int status = uv_write(&s->request.write, &s->uv.stream, &bytes, 1, on_written);
    if (status != 0) { /* no callback will come */
        buf_done(&s->flying);
        end_output(s, end_of_status(status));
        return;
    }
    s->is_writing = true;
    s->n_queued_seen = queued(s);
}

/* What the kernel takes at once, when nothing waits before it. */
static enum err write_now(struct stream *s, struct slice bytes, size_t *ret_sent)
{
    uv_buf_t all = { .base = (char *)(uintptr_t)bytes.ptr, .len = bytes.len }; /* libuv does not write there */
    int n = uv_try_write(&s->uv.stream, &all, 1);

    s->progress_ns = loop_now_ns(s->loop);
    *ret_sent = n > 0 ? (size_t)n : 0;
    if (n >= 0 || n == UV_EAGAIN)
        return OK;
    end_output(s, end_of_status(n));
    return s->out_end;
}

enum err stream_write(struct stream *s, struct slice bytes)
{
    size_t sent = 0;

    if (s->out_end != WAIT)
        return s->out_end;
    if (s->is_ended)
        return ERR_CLOSED;
    if (bytes.len > stream_write_max(s))
        return ERR_LIMIT;
    if (!s->is_writing && bytes.len > 0)
        TRY(write_now(s, bytes, &sent));

    buf_put(&s->out, slice_from(bytes, sent));
    if (buf_ok(&s->out) != OK) { /* no memory, and a part of it may be under way */
        end_output(s, ERR_RESET);
        return ERR_RESET;
    }
    if (!s->is_writing && s->out.len > 0)
        fly(s);
    return s->out_end != WAIT ? s->out_end : OK;
}

enum err stream_room(struct stream *s, struct op *op)
{
    if (s->out_end != WAIT)
        return s->out_end;
    return stream_unsent(s) <= s->options.out_low_bytes ? OK : op_wait(op, &s->writer);
}

enum err stream_flushed(struct stream *s, struct op *op)
{
    if (s->out_end != WAIT)
        return s->out_end;
    return stream_unsent(s) == 0 ? OK : op_wait(op, &s->writer);
}

uint64_t stream_progress_ns(struct stream *s)
{
    size_t n_queued = queued(s);

    if (n_queued < s->n_queued_seen || stream_unsent(s) == 0)
        s->progress_ns = loop_now_ns(s->loop);
    s->n_queued_seen = n_queued;
    return s->progress_ns;
}

void stream_end_output(struct stream *s)
{
    if (s->is_ended)
        return;
    s->is_ended = true;
    end_now_if_flushed(s);
}

/* -- Both ----------------------------------------------------------------------------------------------------- */

/* What reading would tell, if it had room to go on. */
static enum err look_for_end(const struct stream *s)
{
    struct pollfd p = { .fd = stream_descriptor(s), .events = POLLRDHUP };

    if (poll(&p, 1, 0) <= 0)
        return WAIT;
    return (p.revents & POLLERR) != 0 && stream_is_socket(s) ? ERR_RESET : ERR_CLOSED; /* a pipe lost its reader */
}

enum err stream_watch_end(struct stream *s, struct op *op)
{
    enum err e = s->in_end != WAIT ? s->in_end : s->out_end;

    if (e == WAIT && !s->is_reading)
        e = look_for_end(s);
    return e != WAIT ? e : op_wait(op, &s->ender);
}

bool stream_is_broken(const struct stream *s)
{
    return s->out_end != WAIT || s->in_end == ERR_RESET;
}

enum err stream_begin(struct stream *s)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof(peer);

    s->connected = OK;
    s->progress_ns = loop_now_ns(s->loop);
    if (s->uv.handle.type == UV_TCP && uv_tcp_nodelay(&s->uv.tcp, 1) != 0)
        return ERR_SYSTEM;
    if (s->uv.handle.type != UV_TTY && getpeername(stream_descriptor(s), (struct sockaddr *)&peer, &len) == 0)
        s->peer = address_of_sockaddr((const struct sockaddr *)&peer, len);
    if (uv_is_readable(&s->uv.stream))
        start_reading(s);
    s->is_ended = !uv_is_writable(&s->uv.stream); /* the reading end of a pipe */
    return OK;
}

const struct address *stream_peer(const struct stream *s)
{
    return &s->peer;
}
