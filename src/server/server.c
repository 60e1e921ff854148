#include "server/server.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "http/h1_write.h"
#include "obs/log.h"
#include "server/server_internal.h"

#define ACCEPTS_PER_TURN 16u
#define HEAD_SLACK_BYTES (64u << 10) /* the head of an answer comes on top of the limit for a stream */
#define MAX_DATE_BYTES   64u
#define IN_BYTES         (64u << 10)

static const struct server_limits defaults = {
    .request_line_bytes = 8 << 10,
    .header_block_bytes = 32 << 10,
    .header_fields = 100,
    .arena_bytes = 256 << 10,
    .unsent_bytes = 256 << 10,
    .head_ms = 10 * MS_PER_S,
    .idle_ms = 60 * MS_PER_S,
    .body_grace_ms = 5 * MS_PER_S,
    .body_bytes_per_s = 1 << 10,
    .stalled_ms = 30 * MS_PER_S,
    .connections = 10000,
    .connections_per_peer = 512,
    .streams = 8000,
    .streams_per_peer = 256,
};

#define DEFAULT(limits, member)                                                                                        \
    do {                                                                                                               \
        if ((limits)->member == 0)                                                                                     \
            (limits)->member = defaults.member;                                                                        \
    } while (0)

static struct server_limits with_defaults(struct server_limits limits)
{
    DEFAULT(&limits, request_line_bytes);
    DEFAULT(&limits, header_block_bytes);
    DEFAULT(&limits, header_fields);
    DEFAULT(&limits, arena_bytes);
    DEFAULT(&limits, unsent_bytes);
    DEFAULT(&limits, head_ms);
    DEFAULT(&limits, idle_ms);
    DEFAULT(&limits, body_grace_ms);
    DEFAULT(&limits, body_bytes_per_s);
    DEFAULT(&limits, stalled_ms);
    DEFAULT(&limits, connections);
    DEFAULT(&limits, connections_per_peer);
    DEFAULT(&limits, streams);
    DEFAULT(&limits, streams_per_peer);
    return limits;
}

struct stream_options server_stream_options(const struct server_limits *limits)
{
    size_t unsent_bytes = with_defaults(*limits).unsent_bytes;

    return (struct stream_options){
        .in_max_bytes = IN_BYTES,
        .out_max_bytes = unsent_bytes + HEAD_SLACK_BYTES,
        .out_low_bytes = unsent_bytes / 4,
    };
}

/* -- Listeners ---------------------------------------------------------------------------------------------------- */

struct acceptor {
    struct op op; /* a root: frees itself */
    struct list link;
    struct server *server;
    struct listener *listener; /* owned */
    bool is_local;
};

static enum err acceptor_run(struct op *op)
{
    struct acceptor *a = container_of(op, struct acceptor, op);

    for (unsigned n = 0; n < ACCEPTS_PER_TURN; n++) {
        struct stream *stream;
        TRY(listener_accept(a->listener, op, &stream));
        conn_start(a->server, stream, a->is_local);
    }
    op_wake(op); /* the others have their turn first */
    return WAIT;
}

static void acceptor_release(struct op *op)
{
    struct acceptor *a = container_of(op, struct acceptor, op);

    list_remove(&a->link);
    listener_free(a->listener);
    free(a);
}

void server_listen(struct server *server, struct listener *listener)
{
    struct acceptor *a = mem_zalloc(1, sizeof(*a));

    a->op = (struct op){ .run = acceptor_run, .release = acceptor_release };
    a->server = server;
    a->listener = listener;
    a->is_local = address_is_loopback(listener_address(listener));
    list_append(&server->acceptors, &a->link);
    op_start(&a->op, server->loop, NULL);
}

static void stop_accepting(struct server *server)
{
    list_each(entry, following, &server->acceptors)
        op_cancel(&container_of(entry, struct acceptor, link)->op);
}

/* -- Counting ----------------------------------------------------------------------------------------------------- */

/* The record of the connection's address, made if need be; NULL for a unix socket, or when there are too many. */
static struct peer *get_peer(struct server *server, struct slice ip)
{
    struct peer *peer = map_find(&server->peers, ip);

    if (peer != NULL || ip.len == 0 || ip.len > sizeof(peer->ip))
        return peer;
    peer = mem_zalloc(1, sizeof(*peer));
    memcpy(peer->ip, ip.ptr, ip.len);
    peer->ip_len = ip.len;
    if (map_add(&server->peers, ip, peer) != OK) {
        free(peer);
        return NULL;
    }
    return peer;
}

static void drop_peer_if_idle(struct server *server, struct peer *peer)
{
    if (peer->n_connections > 0 || peer->n_streams > 0)
        return;
    (void)map_remove(&server->peers, (struct slice){ peer->ip, peer->ip_len }); /* gives what we have */
    free(peer);
}

enum err server_add_conn(struct conn *conn)
{
    struct server *server = conn->server;
    const struct server_limits *limits = &server->options.limits;

    list_append(&server->conns, &conn->link);
    if (server->stats.connections >= limits->connections)
        return ERR_BUSY;
    struct peer *peer = get_peer(server, address_ip(stream_peer(conn->stream)));
    if (peer != NULL && peer->n_connections >= limits->connections_per_peer)
        return ERR_BUSY;
    if (peer != NULL)
        peer->n_connections++;
    server->stats.connections++;
    conn->peer = peer;
    conn->is_counted = true;
    return OK;
}

void server_drop_conn(struct conn *conn)
{
    struct server *server = conn->server;

    list_remove(&conn->link);
    if (conn->is_counted)
        server->stats.connections--;
    if (conn->peer != NULL) {
        conn->peer->n_connections--;
        drop_peer_if_idle(server, conn->peer);
    }
    if (server->is_draining && list_is_empty(&server->conns))
        slot_wake(&server->drained);
}

enum err server_add_stream(struct conn *conn)
{
    struct server *server = conn->server;
    const struct server_limits *limits = &server->options.limits;

    if (server->stats.streams >= limits->streams)
        return ERR_BUSY;
    if (conn->peer != NULL && conn->peer->n_streams >= limits->streams_per_peer)
        return ERR_BUSY;
    if (conn->peer != NULL)
        conn->peer->n_streams++;
    server->stats.streams++;
    return OK;
}

void server_drop_stream(struct conn *conn)
{
    conn->server->stats.streams--;
    if (conn->peer != NULL)
        conn->peer->n_streams--; /* its connection is still counted: the record stays */
}

struct slice server_date(struct server *server)
{
    int64_t now_s = loop_clock(server->loop)->wall_s;

    if (now_s != server->date_at_s || server->date.len == 0) {
        buf_clear(&server->date);
        h1_write_date(&server->date, now_s);
        server->date_at_s = now_s;
    }
    return buf_slice(&server->date);
}

struct server_stats server_stats(const struct server *server)
{
    return server->stats;
}

/* -- Draining ----------------------------------------------------------------------------------------------------- */

struct drain {
    struct op op; /* a root: frees itself */
    struct server *server;
    struct timer deadline;
};

static void cut_all(struct server *server)
{
    list_each(entry, following, &server->conns)
        op_cancel(&container_of(entry, struct conn, link)->op);
}

static enum err drain_run(struct op *op)
{
    struct drain *d = container_of(op, struct drain, op);
    unsigned n_cut = 0;

    TRY(timer_wait(&d->deadline, op));
    list_each(entry, following, &d->server->conns)
        n_cut++;
    if (n_cut > 0)
        LOG(d->server->log, WARN, "http.drain_cut", F("connections", n_cut));
    cut_all(d->server);
    return OK;
}

static void drain_release(struct op *op)
{
    struct drain *d = container_of(op, struct drain, op);

    d->server->drain = NULL;
    timer_stop(&d->deadline);
    free(d);
}

void server_drain(struct server *server, uint64_t deadline_ms)
{
    stop_accepting(server);
    server->is_draining = true;
    list_each(entry, following, &server->conns)
        op_wake(&container_of(entry, struct conn, link)->op); /* the idle ones end themselves */
    if (list_is_empty(&server->conns))
        slot_wake(&server->drained);

    if (server->drain == NULL) {
        server->drain = mem_zalloc(1, sizeof(*server->drain));
        server->drain->op = (struct op){ .run = drain_run, .release = drain_release };
        server->drain->server = server;
        op_start(&server->drain->op, server->loop, NULL);
    }
    timer_start(&server->drain->deadline, server->loop, deadline_ms);
}

enum err server_drained(struct server *server, struct op *op)
{
    if (server->is_draining && list_is_empty(&server->conns))
        return OK;
    return op_wait(op, &server->drained);
}

/* -- The server --------------------------------------------------------------------------------------------------- */

enum err server_new(struct loop *loop, struct log *log, const struct server_options *options, struct server **ret)
{
    TRY(route_check_all(options));

    struct server *server = mem_zalloc(1, sizeof(*server));
    server->loop = loop;
    server->log = log;
    server->options = *options;
    server->options.limits = with_defaults(options->limits);
    server->h1_limits = (struct h1_limits){
        .first_line_bytes = server->options.limits.request_line_bytes,
        .header_block_bytes = server->options.limits.header_block_bytes,
        .header_fields = server->options.limits.header_fields,
    };
    list_init(&server->acceptors);
    list_init(&server->conns);
    buf_init(&server->date, MAX_DATE_BYTES);
    map_init(&server->peers, server->options.limits.connections);
    *ret = server;
    return OK;
}

void server_free(struct server *server)
{
    if (server == NULL)
        return;
    stop_accepting(server);
    cut_all(server);
    if (server->drain != NULL)
        op_cancel(&server->drain->op);
    slot_clear(&server->drained);
    map_done(&server->peers);
    buf_done(&server->date);
    free(server);
}
