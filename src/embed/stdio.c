#include "embed/stdio.h"

#include <unistd.h>

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

static enum err open_streams(struct loop *loop, struct stream **ret_in, struct stream **ret_out)
{
    const struct stream_options in_options = { .in_max_bytes = IN_BYTES, .out_max_bytes = 1, .out_low_bytes = 0 };
    const struct stream_options out_options = { .in_max_bytes = 1,
                                                .out_max_bytes = OUT_BYTES,
                                                .out_low_bytes = OUT_LOW_BYTES };
    auto_free(stream) in = NULL;

    TRY(stream_open_fd(loop, STDIN_FILENO, &in_options, &in));
    TRY(stream_open_fd(loop, STDOUT_FILENO, &out_options, ret_out));
    *ret_in = TAKE(in);
    return OK;
}

enum err stdio_run(struct loop *loop, struct log *log, struct gateway *gateway, struct slice path)
{
    struct service s = { .op = { .run = service_run, .release = service_release }, .loop = loop };
    struct stream *in;
    struct stream *out;

    TRY(open_streams(loop, &in, &out));
    TRY(signals_new(loop, &s.signals));
    op_start(&s.op, loop, NULL);
    enum err e = stdio_front_new(gateway, path, in, out, &s.op, &s.front);
    if (e == OK) {
        loop_run(loop);
        LOG(log, DEBUG, "stdio.ended");
    }
    op_cancel(&s.op);
    stdio_front_free(s.front);
    signals_free(s.signals);
    return e;
}
