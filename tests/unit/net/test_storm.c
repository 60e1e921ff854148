/*
 * A storm over loopback: clients that come, talk, stall, half-close, reset and vanish at random, against echoing ops of
 * which some are cancelled at random. Nothing may leak, hang or be touched after its end: ASan and the loop's own
 * checks see to that; the test sees that every byte that was read comes back in order.
 */
#include <netinet/in.h>

#include "loop/signals.h"
#include "loop/timer.h"
#include "net/listener.h"
#include "rig.h"

#define N_CLIENTS 48u
#define N_LIVES   3000u /* clients in all */

static const struct listener_options options = {
    .backlog = 128,
    .stream = { .in_max_bytes = 3000, .out_max_bytes = 200000, .out_low_bytes = 10000 },
};

static uint64_t dice = 7;

static unsigned roll(unsigned sides)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(dice >> 33) % sides;
}

/* -- The server: one root per connection ---------------------------------------------------------------------- */

struct server {
    struct op op;
    struct listener *listener;
    struct list echoes;
    size_t n_echoes;
    size_t n_served;
};

struct echo {
    struct op op;
    struct list link;
    struct server *server;
    struct stream *stream;
    struct timer idle;
};

static enum err echo_run(struct op *op)
{
    struct echo *e = container_of(op, struct echo, op);

    if (timer_wait(&e->idle, op) == OK)
        return ERR_TIMEOUT;
    for (;;) {
        TRY(stream_room(e->stream, op));
        TRY(stream_more(e->stream, op, 0));
        TRY(stream_write(e->stream, stream_in(e->stream)));
        stream_consume(e->stream, stream_in(e->stream).len);
        timer_start(&e->idle, op->loop, 10000);
        (void)timer_wait(&e->idle, op); /* just started: WAIT */
    }
}

static void echo_release(struct op *op)
{
    struct echo *e = container_of(op, struct echo, op);

    timer_stop(&e->idle);
    list_remove(&e->link);
    e->server->n_echoes--;
    if (roll(2) == 0)
        stream_close(e->stream);
    else
        stream_free(e->stream);
    free(e);
}

static enum err server_run(struct op *op)
{
    struct server *sv = container_of(op, struct server, op);
    struct stream *s = NULL;

    for (;;) {
        TRY(listener_accept(sv->listener, op, &s));
        struct echo *e = mem_zalloc(1, sizeof(*e));
        e->op = (struct op){ .run = echo_run, .release = echo_release };
        e->server = sv;
        e->stream = s;
        list_append(&sv->echoes, &e->link);
        sv->n_echoes++;
        sv->n_served++;
        timer_start(&e->idle, op->loop, 10000);
        op_start(&e->op, op->loop, NULL);
    }
}

static void server_release(struct op *op)
{
    struct server *sv = container_of(op, struct server, op);

    while (!list_is_empty(&sv->echoes))
        op_cancel(&list_first(&sv->echoes, struct echo, link)->op);
}

/* -- The clients ---------------------------------------------------------------------------------------------- */

struct client {
    int fd; /* -1: not there */
    uint32_t n_sent;
    uint32_t n_received;
};

static char byte_at(uint32_t n) /* what a client says, so that a gap or a swap shows */
{
    return (char)(n * 31 + n / 251);
}

static void come(struct client *c, const struct address *to)
{
    struct sockaddr_storage sockaddr;
    socklen_t len = address_to_sockaddr(to, &sockaddr);

    *c = (struct client){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
    CHECK(c->fd >= 0 && connect(c->fd, (const struct sockaddr *)&sockaddr, len) == 0);
}

static void vanish(struct client *c, bool by_reset)
{
    struct linger abort_at_close = { .l_onoff = 1, .l_linger = 0 };

    if (by_reset)
        CHECK(setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &abort_at_close, sizeof(abort_at_close)) == 0);
    CHECK(close(c->fd) == 0);
    c->fd = -1;
}

static void talk(struct client *c)
{
    char bytes[8000];
    size_t n = 1 + roll(sizeof(bytes));

    for (size_t i = 0; i < n; i++)
        bytes[i] = byte_at(c->n_sent + (uint32_t)i);
    c->n_sent += (uint32_t)peer_send(c->fd, (struct slice){ bytes, n });
}

/* Gives false when the server has ended. */
static bool hear(struct client *c)
{
    char bytes[8000];
    size_t n = peer_receive(c->fd, bytes, 1 + roll(sizeof(bytes)));

    if (n == 0 || n == PEER_BROKEN)
        return false;
    for (size_t i = 0; n != SIZE_MAX && i < n; i++)
        CHECK(bytes[i] == byte_at(c->n_received++));
    CHECK(c->n_received <= c->n_sent);
    return true;
}

static void act(struct client *c)
{
    switch (roll(24)) {
    case 0:
        vanish(c, true);
        return;
    case 1:
        vanish(c, false);
        return;
    case 2:
        (void)shutdown(c->fd, SHUT_WR); /* the server may have been first */
        return;
    default:
        talk(c);
        if (roll(3) > 0 && !hear(c))
            vanish(c, false);
    }
}

TEST(every_client_gets_its_own_bytes_or_an_end_and_nothing_is_left)
{
    struct server sv = { .op = { .run = server_run, .release = server_release } };
    struct client clients[N_CLIENTS];
    struct loop *loop = NULL;
    struct address any;
    unsigned n_lives = 0;

    signals_ignore_pipe();
    list_init(&sv.echoes);
    CHECK_OK(loop_new(1, &loop));
    CHECK_OK(address_parse(S("127.0.0.1:0"), &any));
    CHECK_OK(listener_new(loop, &any, &options, &sv.listener));
    op_start(&sv.op, loop, NULL);
    for (unsigned i = 0; i < N_CLIENTS; i++)
        clients[i].fd = -1;

    while (n_lives < N_LIVES) {
        struct client *c = &clients[roll(N_CLIENTS)];
        if (c->fd >= 0) {
            act(c);
        } else {
            come(c, listener_address(sv.listener));
            n_lives++;
        }
        if (roll(64) == 0 && !list_is_empty(&sv.echoes))
            op_cancel(&list_first(&sv.echoes, struct echo, link)->op);
        if (roll(256) == 0)
            loop_skip_ns(loop, roll(4) * NS_PER_S);
        loop_turn(loop);
    }
    for (unsigned i = 0; i < N_CLIENTS; i++)
        if (clients[i].fd >= 0)
            vanish(&clients[i], roll(2) == 0);
    for (unsigned i = 0; i < MANY_TURNS && sv.n_echoes > 0; i++)
        loop_turn(loop); /* they all notice by themselves */
    CHECK_EQ(sv.n_echoes, 0);
    CHECK(sv.n_served > N_LIVES * 9 / 10); /* some reset before they were accepted */
    op_cancel(&sv.op);
    listener_free(sv.listener);
    loop_free(loop);
}
