#include "embed/stdio.h"

#include <unistd.h>

#include "embed/pump.h"
#include "gateway/gateway.h"
#include "gateway/stdio_front.h"
#include "loop/loop.h"
#include "loop/signals.h"
#include "net/stream.h"
#include "obs/log.h"

#define IN_BYTES      (256u * 1024)
#define OUT_BYTES     (32u * 1024 * 1024) /* several of the largest messages */
#define OUT_LOW_BYTES (256u * 1024)

/* The root of the process: waits for the edge to end, or for a signal. */
struct service {
    struct op op;
    struct loop *loop;
    struct stdio_front *front;
    struct signals *signals;
    struct pump *in_pump; /* NULL: the loop can wait for the descriptor itself, as for a pipe */
    struct pump *out_pump;
};

static enum err service_run(struct op *op)
{
    struct service *s = container_of(op, struct service, op);
    int signal;

    if (stdio_front_result(s->front) == WAIT)
        TRY(signals_wait(s->signals, op, &signal));
    loop_stop(s->loop);
    return OK;
}

static void service_release(struct op *op)
{
    (void)op; /* stdio_run frees what it made */
}

/* What the loop cannot wait for, a file or /dev/null, is copied to or from a socket that it can. */
static enum err open_end(struct loop *loop, int fd, const struct stream_options *options,
                         enum err (*pump_new)(int fd, struct pump **ret, int *ret_socket), struct pump **ret_pump,
                         struct stream **ret)
{
    int socket;

    enum err e = stream_open_fd(loop, fd, options, ret);
    if (e != ERR_UNSUPPORTED)
        return e;
    TRY(pump_new(fd, ret_pump, &socket));
    return stream_open_fd(loop, socket, options, ret);
}

static enum err open_streams(struct service *s, struct stream **ret_in, struct stream **ret_out)
{
    const struct stream_options in_options = { .in_max_bytes = IN_BYTES, .out_max_bytes = 1, .out_low_bytes = 0 };
    const struct stream_options out_options = { .in_max_bytes = 1,
                                                .out_max_bytes = OUT_BYTES,
                                                .out_low_bytes = OUT_LOW_BYTES };
    auto_free(stream) in = NULL;

    TRY(open_end(s->loop, STDIN_FILENO, &in_options, pump_from, &s->in_pump, &in));
    TRY(open_end(s->loop, STDOUT_FILENO, &out_options, pump_into, &s->out_pump, ret_out));
    *ret_in = TAKE(in);
    return OK;
}

/* Takes both streams. */
static enum err serve(struct service *s, struct gateway *gateway, struct slice path, struct stream *in,
                      struct stream *out)
{
    enum err e = signals_new(s->loop, &s->signals);

    if (e != OK) {
        stream_free(in);
        stream_free(out);
        return e;
    }
    op_start(&s->op, s->loop, NULL);
    e = stdio_front_new(gateway, path, in, out, &s->op, &s->front);
    if (e == OK)
        loop_run(s->loop);
    op_cancel(&s->op);
    return e;
}

enum err stdio_run(struct loop *loop, struct log *log, struct gateway *gateway, struct slice path)
{
    struct service s = { .op = { .run = service_run, .release = service_release }, .loop = loop };
    struct stream *in;
    struct stream *out;

    enum err e = open_streams(&s, &in, &out);
    if (e == OK)
        e = serve(&s, gateway, path, in, out);
    if (e == OK)
        LOG(log, DEBUG, "stdio.ended");
    stdio_front_free(s.front);
    signals_free(s.signals);
    pump_free(s.in_pump); /* their sockets are closed by now */
    pump_free(s.out_pump);
    return e;
}
