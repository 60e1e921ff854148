/*
 * Closing a stream so that the peer gets the last bytes: flush, end our side, throw away what still comes, close.
 *
 * Closing a socket in which unread bytes lie, or into which bytes come afterwards, sends a reset, and a reset lets the
 * peer's kernel throw away what it had from us and was not read: the answer that says why (RFC 9112 s9.6).
 */
#include "net/stream_internal.h"

#include <stdlib.h>

#include "base/mem.h"
#include "loop/timer.h"

#define FLUSH_MS          30000u   /* for all that is unsent */
#define FLUSH_STALL_MS    5000u    /* for the next byte of it */
#define DISCARD_MS        2000u    /* for the peer to end after us */
#define DISCARD_MAX_BYTES 1048576u /* of what it sends meanwhile */

/* A root: it frees itself and the stream in release. */
struct closing {
    struct op op;
    struct orphan orphan;
    enum { CLOSING_FLUSH, CLOSING_DISCARD } state;
    struct stream *stream;
    struct timer deadline;
    struct timer stall;
    uint64_t progress_ns;
    size_t n_discarded;
};

static bool is_stalled(struct closing *c, struct op *op)
{
    while (timer_wait(&c->stall, op) == OK) {
        uint64_t progress_ns = stream_progress_ns(c->stream);
        if (progress_ns == c->progress_ns)
            return true;
        c->progress_ns = progress_ns;
        timer_start(&c->stall, op->loop, FLUSH_STALL_MS);
    }
    return false;
}

static enum err discard(struct closing *c, struct op *op)
{
    while (c->n_discarded <= DISCARD_MAX_BYTES) {
        TRY(stream_more(c->stream, op, 0));
        size_t n = stream_in(c->stream).len;
        c->n_discarded += n;
        stream_consume(c->stream, n);
    }
    return ERR_LIMIT;
}

static enum err closing_run(struct op *op)
{
    struct closing *c = container_of(op, struct closing, op);

    if (timer_wait(&c->deadline, op) == OK)
        return ERR_TIMEOUT;

    switch (c->state) {
    case CLOSING_FLUSH:
        if (is_stalled(c, op))
            return ERR_TIMEOUT;
        TRY(stream_flushed(c->stream, op));
        if (!stream_is_socket(c->stream))
            return OK;
        stream_end_output(c->stream);
        timer_stop(&c->stall);
        timer_start(&c->deadline, op->loop, DISCARD_MS);
        (void)timer_wait(&c->deadline, op); /* just started: WAIT */
        c->state = CLOSING_DISCARD;
        FALLTHROUGH;

    case CLOSING_DISCARD:
        return discard(c, op);
    }
    UNREACHABLE();
}

static void closing_release(struct op *op)
{
    struct closing *c = container_of(op, struct closing, op);

    timer_stop(&c->deadline);
    timer_stop(&c->stall);
    orphan_leave(&c->orphan);
    stream_free(c->stream);
    free(c);
}

static void end_closing(struct orphan *orphan)
{
    op_cancel(&container_of(orphan, struct closing, orphan)->op);
}

void stream_close(struct stream *s)
{
    if (s == NULL)
        return;
    if (stream_is_broken(s)) {
        stream_free(s);
        return;
    }
    slot_clear(&s->reader);
    slot_clear(&s->writer);
    slot_clear(&s->ender);

    struct closing *c = mem_zalloc(1, sizeof(*c));
    c->op.run = closing_run;
    c->op.release = closing_release;
    c->orphan.end = end_closing;
    c->stream = s;
    c->progress_ns = stream_progress_ns(s);
    timer_start(&c->deadline, s->loop, FLUSH_MS);
    timer_start(&c->stall, s->loop, FLUSH_STALL_MS);
    loop_adopt(s->loop, &c->orphan);
    op_start(&c->op, s->loop, NULL);
}
