/*
 * What the server's tests share: a server on a loopback socket, raw clients, and handlers whose steps a test can see.
 *
 * The loop is turned by hand until what is waited for is there, and its clock is moved by hand: nothing sleeps.
 */
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "loop/loop.h"
#include "net/address.h"
#include "net/listener.h"
#include "server/reply.h"
#include "server/server.h"
#include "support/test.h"

#define MAX_TURNS 200000u

struct rig {
    struct loop *loop;
    struct server *server;
    uint16_t port;
    struct server_limits limits;
    struct log *log; /* may be NULL */
};

/* What the handlers do, and what became of them. */
static struct {
    size_t n_events;      /* /stream writes so many */
    size_t event_bytes;   /* of this size */
    bool waits_for_room;  /* before each of them */
    bool goes_on;         /* /hang: does not end when its client has gone */
    bool forgets_request; /* /hang */
    unsigned n_hanging;   /* handlers of /hang alive */
    unsigned n_gone;      /* that learned that their client had gone */
    enum err last;        /* what the last reply_* of a handler said */
} seen;

struct handler {
    struct op op;
    struct request *request;
    struct reply *reply;
    size_t n_written;
    bool is_begun;
    bool has_noticed;
};

static inline void no_release(struct op *op)
{
    (void)op; /* holds nothing */
}

/* -- Handlers ----------------------------------------------------------------------------------------------------- */

static inline enum err echo_run(struct op *op)
{
    struct handler *h = container_of(op, struct handler, op);
    struct request *r = h->request;
    auto_buf body;

    buf_init(&body, 8 << 20);
    buf_printf(&body, "%.*s %.*s", SLICE_ARGS(r->method), SLICE_ARGS(r->path));
    if (r->query.ptr != NULL)
        buf_printf(&body, " ?%.*s", SLICE_ARGS(r->query));
    if (r->route_rest.len > 0)
        buf_printf(&body, " rest=%.*s", SLICE_ARGS(r->route_rest));
    buf_put(&body, S(" ["));
    buf_put(&body, r->body);
    buf_put(&body, S("]"));
    reply_header(h->reply, S("X-Echo"), S("yes"));
    return reply_send(h->reply, 200, S("text/plain"), buf_slice(&body));
}

static inline enum err stream_run(struct op *op)
{
    struct handler *h = container_of(op, struct handler, op);
    char *event = malloc(seen.event_bytes + 1);

    memset(event, 'x', seen.event_bytes);
    if (!h->is_begun)
        seen.last = reply_begin_stream(h->reply, 200, S("text/event-stream"));
    else
        seen.last = OK;
    h->is_begun = true;
    while (seen.last == OK && h->n_written < seen.n_events) {
        if (seen.waits_for_room && (seen.last = reply_room(h->reply, op)) != OK)
            break;
        seen.last = reply_write(h->reply, (struct slice){ event, seen.event_bytes });
        h->n_written++;
    }
    free(event);
    if (seen.last == OK)
        seen.last = reply_end(h->reply);
    return seen.last;
}

static inline enum err hang_run(struct op *op)
{
    struct handler *h = container_of(op, struct handler, op);

    if (seen.forgets_request)
        request_forget(h->request);
    enum err e = reply_watch_gone(h->reply, op);
    if (e == WAIT)
        return WAIT;
    if (!h->has_noticed)
        seen.n_gone++;
    h->has_noticed = true;
    seen.last = reply_send(h->reply, 200, NO_SLICE, S("nobody reads this"));
    return seen.goes_on ? WAIT : e;
}

static inline void hang_release(struct op *op)
{
    (void)op;
    seen.n_hanging--;
}

static inline enum err mute_run(struct op *op)
{
    (void)op;
    return OK; /* without an answer */
}

static inline enum err busy_run(struct op *op)
{
    (void)op;
    return ERR_BUSY;
}

static inline enum err injecting_run(struct op *op)
{
    struct handler *h = container_of(op, struct handler, op);

    reply_header(h->reply, S("X-Evil"), S("a\r\nSet-Cookie: b"));
    return reply_send(h->reply, 200, S("text/plain"), S("evil"));
}

static inline enum err cut_run(struct op *op)
{
    struct handler *h = container_of(op, struct handler, op);

    TRY(reply_begin_stream(h->reply, 200, S("text/event-stream")));
    return reply_write(h->reply, S("half")); /* and no end */
}

static inline enum err last_run(struct op *op)
{
    struct handler *h = container_of(op, struct handler, op);
    auto_buf answer;

    buf_init(&answer, seen.event_bytes);
    TRY(reply_begin_stream(h->reply, 200, S("text/event-stream")));
    TRY(reply_write(h->reply, S("first;")));
    for (size_t i = 0; i < seen.event_bytes; i++)
        buf_putc(&answer, 'y');
    return reply_write_last(h->reply, buf_slice(&answer));
}

static inline enum err start_handler_of(enum err (*run)(struct op *), void (*release)(struct op *),
                                        struct request *request, struct reply *reply, struct op *waiter,
                                        struct op **ret)
{
    struct handler *h = mem_zalloc(1, sizeof(*h));

    h->op = (struct op){ .run = run, .release = release };
    h->request = request;
    h->reply = reply;
    op_start(&h->op, waiter->loop, waiter);
    *ret = &h->op;
    return OK;
}

#define HANDLER(name, release)                                                                                         \
    static inline enum err name##_start(void *context, struct request *request, struct reply *reply,                   \
                                        struct op *waiter, struct op **ret)                                            \
    {                                                                                                                  \
        (void)context;                                                                                                 \
        return start_handler_of(name##_run, release, request, reply, waiter, ret);                                     \
    }

HANDLER(echo, no_release)
HANDLER(stream, no_release)
HANDLER(mute, no_release)
HANDLER(busy, no_release)
HANDLER(injecting, no_release)
HANDLER(cut, no_release)
HANDLER(last, no_release)

static inline enum err hang_start(void *context, struct request *request, struct reply *reply, struct op *waiter,
                                  struct op **ret)
{
    (void)context;
    seen.n_hanging++;
    return start_handler_of(hang_run, hang_release, request, reply, waiter, ret);
}

static inline enum err unwilling_start(void *context, struct request *request, struct reply *reply, struct op *waiter,
                                       struct op **ret)
{
    (void)context;
    (void)request;
    (void)reply;
    (void)waiter;
    (void)ret;
    return ERR_HTTP_MEDIA_TYPE;
}

#define MAX_BODY 1000u

static const struct route routes[] = {
    { S("/echo"), ROUTE_GET | ROUTE_POST, MAX_BODY, echo_start, NULL },
    { S("/big"), ROUTE_POST, 8 << 20, echo_start, NULL },
    { S("/stream"), ROUTE_GET | ROUTE_POST, 0, stream_start, NULL },
    { S("/hang"), ROUTE_GET | ROUTE_POST, MAX_BODY, hang_start, NULL },
    { S("/mute"), ROUTE_GET, 0, mute_start, NULL },
    { S("/busy"), ROUTE_GET, 0, busy_start, NULL },
    { S("/injecting"), ROUTE_GET, 0, injecting_start, NULL },
    { S("/cut"), ROUTE_GET, 0, cut_start, NULL },
    { S("/last"), ROUTE_GET, 0, last_start, NULL },
    { S("/unwilling"), ROUTE_GET, 0, unwilling_start, NULL },
    { S("/files/"), ROUTE_GET | ROUTE_PREFIX, 0, echo_start, NULL },
    { S("/files/deep/"), ROUTE_GET | ROUTE_PREFIX, 0, echo_start, NULL },
};

/* -- The server --------------------------------------------------------------------------------------------------- */

static const struct slice public_names[] = { S("gate.example") };

/* Serves these routes on the loop that is there already. */
static inline void rig_serve(struct rig *rig, const char *where, const struct route *served, size_t n_served)
{
    struct address address;
    struct listener *listener;
    struct server_options options = {
        .limits = rig->limits,
        .hosts = { .names = public_names, .n_names = N_ELEMENTS(public_names) },
        .routes = served,
        .n_routes = n_served,
    };

    signal(SIGPIPE, SIG_IGN); /* as the program does */
    CHECK_OK(server_new(rig->loop, rig->log, &options, &rig->server));
    CHECK_OK(address_parse(slice_of(where), &address));
    CHECK_OK(listener_new(rig->loop, &address,
                          &(struct listener_options){ .backlog = 64, .stream = server_stream_options(&rig->limits) },
                          &listener));
    rig->port = listener_address(listener)->port;
    server_listen(rig->server, listener);
    loop_turn(rig->loop);
}

static inline void rig_start_at(struct rig *rig, const char *where)
{
    CHECK_OK(loop_new(1, &rig->loop));
    rig_serve(rig, where, routes, N_ELEMENTS(routes));
}

static inline void rig_start(struct rig *rig)
{
    rig_start_at(rig, "127.0.0.1:0");
}

static inline void rig_done(struct rig *rig)
{
    server_free(rig->server);
    loop_free(rig->loop);
    CHECK_EQ(seen.n_hanging, 0);
}

static inline void rig_turn(struct rig *rig, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        loop_turn(rig->loop);
}

static inline void rig_skip_ms(struct rig *rig, uint64_t ms)
{
    rig_turn(rig, 5);
    loop_skip_ns(rig->loop, ms * NS_PER_MS);
    rig_turn(rig, 5);
}

/* -- Clients ------------------------------------------------------------------------------------------------------ */

static inline int client_connect(struct rig *rig)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(rig->port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(fd >= 0);
    CHECK(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
    return fd;
}

static inline void client_send(struct rig *rig, int fd, struct slice text)
{
    for (unsigned turns = 0; text.len > 0 && turns < MAX_TURNS; turns++) {
        ssize_t n = send(fd, text.ptr, text.len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n > 0)
            text = slice_from(text, (size_t)n);
        else if (n < 0 && errno != EAGAIN)
            return; /* the server has closed: the test sees its answer */
        loop_turn(rig->loop);
    }
    CHECK_EQ(text.len, 0);
}

/* Reads on until the text ends with `end`, or the server closes; gives whether it has closed. */
static inline bool client_read(struct rig *rig, int fd, const char *end, struct buf *to)
{
    for (unsigned turns = 0; turns < MAX_TURNS; turns++) {
        if (end != NULL && slice_ends(buf_slice(to), slice_of(end)))
            return false;
        CHECK_OK(buf_reserve(to, 64 << 10));
        ssize_t n = recv(fd, to->ptr + to->len, 64 << 10, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EAGAIN))
            return true;
        if (n > 0)
            buf_added(to, (size_t)n);
        else
            loop_turn(rig->loop);
    }
    fprintf(stderr, "what came: %.*s\n", SLICE_ARGS(buf_slice(to)));
    check_failed("the server answers or closes", __FILE__, __LINE__);
}

/* Does the server close without a further word? */
static inline bool client_sees_end(struct rig *rig, int fd)
{
    auto_buf text;

    buf_init(&text, 1 << 20);
    return client_read(rig, fd, NULL, &text) && text.len == 0;
}

static inline bool client_is_open(struct rig *rig, int fd)
{
    char c;

    rig_turn(rig, 20);
    return recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
}

static inline bool has(const struct buf *text, const char *part)
{
    return slice_search(buf_slice(text), slice_of(part)) != SIZE_MAX;
}

/* One request on a connection of its own, read until the end of the answer or of the connection; gives the status. */
static inline unsigned ask(struct rig *rig, struct slice request, const char *end, struct buf *to)
{
    int fd = client_connect(rig);
    uint64_t status = 0;

    buf_clear(to);
    client_send(rig, fd, request);
    (void)client_read(rig, fd, end, to);
    close(fd);
    rig_turn(rig, 5);
    if (to->len > 12)
        CHECK_OK(slice_to_u64(slice_first(slice_from(buf_slice(to), 9), 3), &status));
    return (unsigned)status;
}
