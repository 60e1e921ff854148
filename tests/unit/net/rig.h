/*
 * What the tests of this folder share: an op that asks one question until it has an answer, and plain peers.
 */
#pragma once

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop/loop.h"
#include "loop/op.h"
#include "net/stream.h"
#include "support/test.h"

#define MANY_TURNS 200000u /* of a test that waits for the kernel's loopback: far more than it takes */

/* An op that asks until the answer is not WAIT, and keeps it. */
struct asker {
    struct op op;
    enum err (*ask)(struct asker *self);
    void *subject;
    size_t than;
    void *answer_ptr;
    enum err answer;
    unsigned n_runs;
};

static inline enum err asker_run(struct op *op)
{
    struct asker *a = container_of(op, struct asker, op);

    a->n_runs++;
    enum err e = a->ask(a);
    if (e == WAIT)
        return WAIT;
    a->answer = e;
    return OK;
}

static inline void asker_release(struct op *op)
{
    (void)op;
}

static inline void asker_start(struct asker *a, struct loop *loop, enum err (*ask)(struct asker *), void *subject)
{
    *a = (struct asker){
        .op = { .run = asker_run, .release = asker_release }, .ask = ask, .subject = subject, .than = a->than
    };
    op_start(&a->op, loop, NULL);
}

static inline enum err asker_await(struct asker *a)
{
    for (unsigned i = 0; i < MANY_TURNS && op_is_active(&a->op); i++)
        loop_turn(a->op.loop);
    CHECK(!op_is_active(&a->op));
    return a->answer;
}

/* Asks one question and waits for the answer. */
static inline enum err ask_once(struct loop *loop, enum err (*ask)(struct asker *), void *subject, size_t than)
{
    struct asker a = { .than = than };

    asker_start(&a, loop, ask, subject);
    return asker_await(&a);
}

static inline enum err ask_more(struct asker *a)
{
    return stream_more(a->subject, &a->op, a->than);
}

static inline enum err ask_room(struct asker *a)
{
    return stream_room(a->subject, &a->op);
}

static inline enum err ask_flushed(struct asker *a)
{
    return stream_flushed(a->subject, &a->op);
}

static inline enum err ask_end(struct asker *a)
{
    return stream_watch_end(a->subject, &a->op);
}

/* Sends and receives for a peer outside of the loop, without blocking. */
static inline size_t peer_send(int fd, struct slice bytes)
{
    ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);

    return n < 0 ? 0 : (size_t)n;
}

/* How many bytes came; 0 at the end; SIZE_MAX when there are none for now; -2 as a size when the connection broke. */
#define PEER_BROKEN (SIZE_MAX - 1)
static inline size_t peer_receive(int fd, char *to, size_t size)
{
    ssize_t n = recv(fd, to, size, MSG_DONTWAIT);

    if (n >= 0)
        return (size_t)n;
    return errno == EAGAIN ? SIZE_MAX : PEER_BROKEN;
}

/* Turns the loop and receives until the stream has ended; gives how many bytes came, or PEER_BROKEN. */
static inline size_t peer_receive_all(struct loop *loop, int fd)
{
    static char sink[65536];
    size_t total = 0;

    for (unsigned i = 0; i < MANY_TURNS; i++) {
        size_t n = peer_receive(fd, sink, sizeof(sink));
        if (n == 0)
            return total;
        if (n == PEER_BROKEN)
            return PEER_BROKEN;
        if (n != SIZE_MAX)
            total += n;
        loop_turn(loop);
    }
    CHECK(false);
    return 0;
}

static inline struct slice zeros(size_t n)
{
    static char bytes[4u << 20];

    CHECK(n <= sizeof(bytes));
    return (struct slice){ bytes, n };
}
