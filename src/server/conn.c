/*
 * One client connection: reads requests one after another, lets handlers answer them, and sends the answers.
 *
 *     HEAD --> BODY --> HANDLE --> FLUSH --> HEAD ...        one request at a time: what is pipelined waits unread
 *      |        |          |         |
 *      +--------+----------+---------+--> CLOSE              a refusal, "Connection: close", draining
 *
 * The connection alone reads and writes its stream. A client that vanishes ends it at once, but for HANDLE: there only
 * the handler is told (reply_watch_gone), and the connection lives on without a stream until the handler has ended.
 */
#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "http/h1_write.h"
#include "http/status.h"
#include "http/target.h"
#include "obs/log.h"
#include "server/server_internal.h"

#define MAX_PEER_BYTES 160u

static const struct server_limits *limits_of(const struct conn *conn)
{
    return &conn->server->options.limits;
}

/* -- Between requests --------------------------------------------------------------------------------------------- */

static void forget_request(struct conn *conn)
{
    buf_done(&conn->body);
    arena_done(&conn->arena);
    conn->request.method = conn->request.path = conn->request.query = conn->request.route_rest = NO_SLICE;
    conn->request.body = NO_SLICE;
    http_headers_init(&conn->request.headers, &conn->arena);
}

void request_forget(struct request *request)
{
    forget_request(container_of(request, struct conn, request));
}

static void await_request(struct conn *conn)
{
    forget_request(conn);
    if (conn->reply.is_stream)
        server_drop_stream(conn);
    reply_done(&conn->reply);
    reply_init(&conn->reply, conn);
    conn->is_head_request = false;
    conn->route = NULL;
    conn->request.number = ++conn->server->last_number;
    conn->state = CONN_HEAD;
    timer_start(&conn->timer, conn->server->loop, limits_of(conn)->idle_ms);
}

void conn_lose_client(struct conn *conn)
{
    if (conn->reply.is_gone)
        return;
    conn->reply.is_gone = true;
    stream_free(TAKE(conn->stream));
    timer_stop(&conn->timer);
    buf_done(&conn->reply.out);
    conn->reply.n_out_sent = 0;
    slot_wake(&conn->reply.room);
    slot_wake(&conn->reply.gone);
    op_wake(&conn->op);
}

/* -- Sending ------------------------------------------------------------------------------------------------------ */

/* Hands the stream what it takes. OK: all of it; WAIT: it is full, and the connection is woken; else: gone. */
static enum err push(struct conn *conn)
{
    struct reply *reply = &conn->reply;

    while (reply->n_out_sent < reply->out.len) {
        size_t n = min_u64(stream_write_max(conn->stream), reply->out.len - reply->n_out_sent);
        if (n == 0) {
            TRY(stream_room(conn->stream, &conn->op));
            continue;
        }
        TRY(stream_write(conn->stream, (struct slice){ reply->out.ptr + reply->n_out_sent, n }));
        reply->n_out_sent += n;
    }
    buf_done(&reply->out);
    reply->n_out_sent = 0;
    return OK;
}

/* ERR_TIMEOUT: bytes wait for the client, and it has taken none for too long. */
static enum err check_stall(struct conn *conn)
{
    struct loop *loop = conn->server->loop;
    uint64_t limit_ms = limits_of(conn)->stalled_ms;

    if (stream_unsent(conn->stream) == 0) {
        timer_stop(&conn->timer);
        return OK;
    }
    uint64_t now_ns = loop_clock(loop)->mono_ns;
    uint64_t since_ns = min_u64(stream_progress_ns(conn->stream), now_ns);
    uint64_t quiet_ms = (now_ns - since_ns) / NS_PER_MS;
    if (quiet_ms >= limit_ms)
        return ERR_TIMEOUT;
    if (!timer_pending(&conn->timer))
        timer_start(&conn->timer, loop, limit_ms - quiet_ms);
    (void)timer_wait(&conn->timer, &conn->op); /* always WAIT: it was started just now */
    return OK;
}

/* While a handler is at work: sends what it wrote, and watches the client. */
static void serve_client(struct conn *conn)
{
    struct reply *reply = &conn->reply;

    if (reply->is_gone)
        return;

    enum err e = push(conn);
    if (e == OK || e == WAIT)
        e = stream_watch_end(conn->stream, &conn->op);
    if (e == WAIT)
        e = check_stall(conn);
    if (e != OK) {
        if (e == ERR_TIMEOUT)
            LOG(conn->server->log, INFO, "http.stalled", F("peer", conn->peer_text));
        conn_lose_client(conn);
        return;
    }
    if (reply->room.op == NULL)
        return;
    e = reply_has_room(reply) ? OK : stream_room(conn->stream, &conn->op);
    if (e == OK && !reply_has_room(reply)) /* room by the stream's own measure, not by ours */
        e = stream_flushed(conn->stream, &conn->op);
    if (e != WAIT)
        slot_wake(&reply->room); /* room, or an error that it will learn of */
}

/* -- Refusing ----------------------------------------------------------------------------------------------------- */

/* The answer is on its way; what is left is to send it. */
static enum err flush(struct conn *conn)
{
    conn->state = conn->must_close ? CONN_CLOSE : CONN_FLUSH;
    timer_stop(&conn->timer);
    op_wake(&conn->op);
    return WAIT;
}

/* Answers the request without a handler. Whoever does not know where its body ends must close after it. */
static enum err refuse(struct conn *conn, enum err e)
{
    struct server *server = conn->server;

    server->stats.refused++;
    LOG(server->log, INFO, "http.refused", F("status", http_status_of_err(e)), F("reason", err_name(e)),
        F("peer", conn->peer_text), F("request", conn->request.number));
    if (e == ERR_HTTP_METHOD && conn->route != NULL) {
        auto_buf methods;
        buf_init(&methods, 64);
        route_put_methods(conn->route, &methods);
        reply_header(&conn->reply, S("Allow"), buf_slice(&methods));
    }
    if (reply_send_err(&conn->reply, e) != OK)
        return ERR_MEMORY;
    return flush(conn);
}

static enum err refuse_and_close(struct conn *conn, enum err e)
{
    conn->must_close = true;
    return refuse(conn, e);
}

/* -- Reading a head ----------------------------------------------------------------------------------------------- */

/* Of what has come, reads as much of the head as there is. */
static enum err read_some_head(struct conn *conn)
{
    struct slice in = stream_in(conn->stream);
    size_t n = in.len;
    bool was_begun = conn->h1.is_begun;

    if (n == 0)
        return WAIT;
    enum err e = h1_read_head(&conn->h1, &in, &conn->arena, &conn->head);
    stream_consume(conn->stream, n - in.len);
    if (e == WAIT && !was_begun)
        timer_start(&conn->timer, conn->server->loop, limits_of(conn)->head_ms);
    return e;
}

/* OK: the head is there. An error that refuses the request has been answered when this gives WAIT. */
static enum err read_head(struct conn *conn)
{
    for (;;) {
        enum err e = read_some_head(conn);
        if (e == OK)
            return OK;
        if (e != WAIT)
            return refuse_and_close(conn, e);
        if (!conn->h1.is_begun && conn->server->is_draining)
            return ERR_CLOSED;
        if (timer_wait(&conn->timer, &conn->op) == OK)
            return conn->h1.is_begun ? refuse_and_close(conn, ERR_HTTP_TOO_SLOW) : ERR_TIMEOUT;
        TRY(stream_more(conn->stream, &conn->op, 0));
    }
}

/* Whatever can be said about the request before its body. Host and Origin come first, whatever the path (S-49). */
static enum err judge_head(struct conn *conn)
{
    const struct h1_request *head = &conn->head;
    const struct server_options *options = &conn->server->options;
    struct target target;

    TRY(host_check(&options->hosts, conn->is_local, head->host));
    struct slice origin = http_headers_find(&head->headers, S("origin"));
    TRY(host_check_origin(&options->hosts, conn->is_local, origin));
    if (http_headers_count(&head->headers, S("origin")) > 1)
        return ERR_HTTP_ORIGIN;
    if (target_parse(head->target, head->host, &conn->arena, &target) != OK)
        return ERR_HTTP_TARGET;

    conn->route = route_find(options, target.path, &conn->request.route_rest);
    if (conn->route == NULL)
        return ERR_NOT_FOUND;
    if (!route_allows(conn->route, head->method))
        return ERR_HTTP_METHOD;
    if (head->framing == H1_LENGTH && head->content_length > conn->route->max_body_bytes)
        return ERR_HTTP_BODY_TOO_LARGE;

    conn->request.path = target.path;
    conn->request.query = target.query;
    conn->request.method = conn->is_head_request ? S("GET") : head->method;
    conn->request.headers = head->headers;
    return OK;
}

static bool has_body(const struct h1_request *head)
{
    return head->framing == H1_CHUNKED || (head->framing == H1_LENGTH && head->content_length > 0);
}

/* Judges the head that is complete now. OK: go on with the body. */
static enum err take_head(struct conn *conn)
{
    conn->is_head_request = slice_eq(conn->head.method, S("HEAD"));
    conn->must_close = !conn->head.keep_alive;

    enum err e = judge_head(conn);
    if (e != OK)
        return has_body(&conn->head) ? refuse_and_close(conn, e) : refuse(conn, e);

    h1_body_init(&conn->body_reader, conn->head.framing, conn->head.content_length, 0, 0);
    buf_init(&conn->body, conn->route->max_body_bytes);
    conn->n_body_seen = 0;
    if (conn->head.expects_continue && stream_in(conn->stream).len == 0)
        TRY(stream_write(conn->stream, S("HTTP/1.1 100 Continue\r\n\r\n")));
    timer_start(&conn->timer, conn->server->loop, limits_of(conn)->body_grace_ms);
    return OK;
}

/* -- Reading a body ----------------------------------------------------------------------------------------------- */

/* Has enough of the body come since the last look? (S-67) */
static bool is_too_slow(struct conn *conn)
{
    const struct server_limits *limits = limits_of(conn);
    size_t n = conn->body.len - conn->n_body_seen;

    conn->n_body_seen = conn->body.len;
    timer_start(&conn->timer, conn->server->loop, limits->body_grace_ms);
    return n < limits->body_bytes_per_s * limits->body_grace_ms / MS_PER_S;
}

static enum err read_body(struct conn *conn)
{
    for (;;) {
        struct slice in = stream_in(conn->stream);
        size_t n = in.len;
        enum err e = h1_body_collect(&conn->body_reader, &in, &conn->body);
        stream_consume(conn->stream, n - in.len);
        if (e == OK)
            return OK;
        if (e != WAIT)
            return refuse_and_close(conn, e);
        if (timer_wait(&conn->timer, &conn->op) == OK) {
            if (is_too_slow(conn))
                return refuse_and_close(conn, ERR_HTTP_TOO_SLOW);
            (void)timer_wait(&conn->timer, &conn->op); /* always WAIT: it was started again */
        }
        TRY(stream_more(conn->stream, &conn->op, 0));
    }
}

/* -- Handling ----------------------------------------------------------------------------------------------------- */

static enum err start_handler(struct conn *conn)
{
    conn->server->stats.requests++;
    conn->request.body = buf_slice(&conn->body);
    timer_stop(&conn->timer);
    return conn->route->start(conn->route->context, &conn->request, &conn->reply, &conn->op, &conn->handler);
}

static void drop_handler(struct conn *conn)
{
    struct op *handler = TAKE(conn->handler);

    if (handler != NULL)
        op_cancel(handler);
    free(handler);
}

/* The handler has ended with `result`. OK: nobody is left to answer. */
static enum err end_request(struct conn *conn, enum err result)
{
    struct reply *reply = &conn->reply;

    drop_handler(conn);
    if (reply->is_gone)
        return OK;
    if (!reply->is_begun) {
        bool is_our_fault = result == OK || reply->is_spoilt;
        enum err e = is_our_fault ? ERR_HTTP_UNANSWERED : result;
        reply->is_spoilt = false;
        buf_clear(&reply->headers);
        LOG(conn->server->log, WARN, "http.unanswered", F("status", http_status_of_err(e)),
            F("reason", err_name(result)), F("peer", conn->peer_text), F("request", conn->request.number));
        if (reply_send_err(reply, e) != OK)
            return OK;
    } else if (!reply->is_ended) {
        LOG(conn->server->log, INFO, "http.cut", F("reason", err_name(result)), F("peer", conn->peer_text),
            F("request", conn->request.number));
        conn->must_close = true; /* without a last chunk: the client sees that something is missing */
    }
    return flush(conn);
}

/* -- The life of a connection ------------------------------------------------------------------------------------- */

static enum err conn_run(struct op *op)
{
    struct conn *conn = container_of(op, struct conn, op);
    enum err e;

    switch (conn->state) {
    case CONN_HEAD:
        TRY(read_head(conn));
        TRY(take_head(conn));
        conn->state = CONN_BODY;
        FALLTHROUGH;

    case CONN_BODY:
        TRY(read_body(conn));
        conn->state = CONN_HANDLE;
        e = start_handler(conn);
        if (e != OK)
            return end_request(conn, e);
        FALLTHROUGH;

    case CONN_HANDLE:
        e = op_result(conn->handler);
        if (e != WAIT)
            return end_request(conn, e);
        serve_client(conn);
        return WAIT;

    case CONN_FLUSH:
        e = push(conn);
        if (e == OK)
            e = stream_room(conn->stream, op); /* who reads no answers is asked for no more requests */
        if (e == WAIT)
            return check_stall(conn) == OK ? WAIT : ERR_TIMEOUT;
        TRY(e);
        await_request(conn);
        op_wake(op); /* the others have their turn first */
        return WAIT;

    case CONN_CLOSE:
        e = push(conn);
        if (e == OK)
            e = stream_flushed(conn->stream, op);
        if (e == WAIT)
            return check_stall(conn) == OK ? WAIT : ERR_TIMEOUT;
        if (e == OK)
            stream_close(TAKE(conn->stream)); /* lingers, so that a refusal is not lost in a reset */
        return e;
    }
    UNREACHABLE();
}

static void conn_release(struct op *op)
{
    struct conn *conn = container_of(op, struct conn, op);

    drop_handler(conn);
    timer_stop(&conn->timer);
    stream_free(TAKE(conn->stream));
    if (conn->reply.is_stream)
        server_drop_stream(conn);
    reply_done(&conn->reply);
    h1_done(&conn->h1);
    buf_done(&conn->body);
    arena_done(&conn->arena);
    free((void *)(uintptr_t)conn->peer_text.ptr);
    server_drop_conn(conn);
    free(conn);
}

static struct slice text_of(const struct address *address)
{
    auto_buf text;

    buf_init(&text, MAX_PEER_BYTES);
    address_format(address, &text);
    return mem_dup(buf_slice(&text));
}

void conn_start(struct server *server, struct stream *stream, bool is_local)
{
    struct conn *conn = mem_zalloc(1, sizeof(*conn));

    conn->op = (struct op){ .run = conn_run, .release = conn_release };
    conn->server = server;
    conn->stream = stream;
    conn->is_local = is_local;
    conn->peer_text = text_of(stream_peer(stream));
    conn->request.peer = conn->peer_text;
    conn->request.arena = &conn->arena;
    conn->request.clock = loop_clock(server->loop);
    arena_init(&conn->arena, server->options.limits.arena_bytes);
    h1_init(&conn->h1, &server->h1_limits);
    reply_init(&conn->reply, conn);
    await_request(conn);

    enum err e = server_add_conn(conn);
    op_start(&conn->op, server->loop, NULL);
    if (e != OK && refuse_and_close(conn, e) != WAIT)
        op_cancel(&conn->op);
}
