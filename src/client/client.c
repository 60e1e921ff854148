#include "client/client.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/list.h"
#include "base/mem.h"
#include "http/h1_write.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "net/connect.h"

#define MAX_CONNECTIONS   1024u
#define MAX_IDLE          64u
#define IDLE_MS           4000u
#define CONNECT_MS        10000u
#define MAX_REQUEST_BYTES (8u * 1024 * 1024)
#define HEAD_ARENA_BYTES  (256u * 1024) /* a head and its list of fields */

/* What an upstream may say about itself (security 1.5, as for clients). */
static const struct h1_limits head_limits = { .first_line_bytes = 8 * 1024,
                                              .header_block_bytes = 64 * 1024,
                                              .header_fields = 200 };

struct client {
    struct loop *loop;
    struct client_options o; /* its slices are copies */
    unsigned n_connections;
    unsigned n_idle;
    struct list idle; /* struct connection, the longest idle first */
    struct op sweep;  /* closes what has been idle too long */
    struct timer sweep_timer;
};

struct connection {
    struct stream *stream;
    struct list link;
    uint64_t idle_since_ns;
};

struct client_call {
    struct client *client;
    enum { CALL_START, CALL_CONNECT, CALL_SEND, CALL_HEAD, CALL_BODY, CALL_END, CALL_FAILED } state;
    enum err failure;
    struct buf request;
    struct connect *connect;
    struct connection *connection; /* NULL: none yet */
    bool holds_place;              /* counted in n_connections */
    struct h1_response_reader reader;
    struct h1_response response;
    struct h1_body body;
    struct arena arena;
    size_t n_given; /* bytes at the front of the stream's input that the caller has seen */
    bool to_head;
};

/* ---- The pool ---- */

static void close_connection(struct client *c, struct connection *connection)
{
    list_remove(&connection->link);
    stream_free(connection->stream);
    free(connection);
    c->n_connections--;
}

static enum err sweep_run(struct op *op)
{
    struct client *c = container_of(op, struct client, sweep);
    uint64_t now_ns = loop_clock(c->loop)->mono_ns, idle_ns = c->o.idle_ms * NS_PER_MS;

    list_each(entry, following, &c->idle) {
        struct connection *connection = container_of(entry, struct connection, link);
        if (now_ns - connection->idle_since_ns < idle_ns)
            break;
        c->n_idle--;
        close_connection(c, connection);
    }
    if (c->n_idle > 0 && !timer_pending(&c->sweep_timer))
        timer_start(&c->sweep_timer, c->loop, c->o.idle_ms);
    (void)!timer_wait(&c->sweep_timer, op); /* it was just started, or there is nothing to wait for */
    return WAIT;
}

static void sweep_release(struct op *op)
{
    timer_stop(&container_of(op, struct client, sweep)->sweep_timer);
}

static void give_back(struct client *c, struct connection *connection)
{
    if (c->n_idle >= c->o.max_idle) {
        close_connection(c, connection);
        return;
    }
    connection->idle_since_ns = loop_clock(c->loop)->mono_ns;
    list_append(&c->idle, &connection->link);
    c->n_idle++;
    op_wake(&c->sweep);
}

/* The one used last, if the server has not said or closed anything meanwhile: it is the likeliest to be alive. */
static struct connection *take_idle(struct client *c, struct op *op)
{
    while (c->n_idle > 0) {
        struct connection *connection = container_of(c->idle.prev, struct connection, link);
        c->n_idle--;
        /* The analyser does not see that what was closed has left the list. */
        if (stream_more(connection->stream, op, 0) == WAIT) { /* NOLINT(clang-analyzer-unix.Malloc) */
            list_remove(&connection->link);
            return connection;
        }
        close_connection(c, connection);
    }
    return NULL;
}

struct client *client_new(const struct client_options *options, struct loop *loop)
{
    struct client *c = mem_zalloc(1, sizeof(*c));

    c->loop = loop;
    c->o = *options;
    c->o.host = mem_dup(options->host);
    c->o.unix_path = mem_dup(options->unix_path);
    c->o.max_connections = options->max_connections > 0 ? options->max_connections : MAX_CONNECTIONS;
    c->o.max_idle = options->max_idle > 0 ? options->max_idle : MAX_IDLE;
    c->o.idle_ms = options->idle_ms > 0 ? options->idle_ms : IDLE_MS;
    c->o.connect_ms = options->connect_ms > 0 ? options->connect_ms : CONNECT_MS;
    c->o.max_request_bytes = options->max_request_bytes > 0 ? options->max_request_bytes : MAX_REQUEST_BYTES;
    list_init(&c->idle);
    c->sweep.run = sweep_run;
    c->sweep.release = sweep_release;
    op_start(&c->sweep, loop, NULL);
    return c;
}

void client_free(struct client *c)
{
    if (c == NULL)
        return;
    op_cancel(&c->sweep);
    list_each(entry, following, &c->idle)
        close_connection(c, container_of(entry, struct connection, link));
    CHECK(c->n_connections == 0); /* a call is still there */
    free((void *)(uintptr_t)c->o.host.ptr);
    free((void *)(uintptr_t)c->o.unix_path.ptr);
    free(c);
}

/* ---- Calls ---- */

static enum err write_request(struct buf *to, const struct client_request *request)
{
    TRY(h1_write_request_line(to, request->method, request->target));
    buf_put(to, request->headers);
    if (request->body.ptr != NULL)
        h1_write_number_header(to, S("Content-Length"), request->body.len);
    h1_write_head_end(to);
    buf_put(to, request->body);
    return buf_ok(to);
}

struct client_call *client_send(struct client *c, const struct client_request *request)
{
    struct client_call *call = mem_zalloc(1, sizeof(*call));

    call->client = c;
    call->to_head = slice_eq(request->method, S("HEAD"));
    buf_init(&call->request, c->o.max_request_bytes);
    arena_init(&call->arena, HEAD_ARENA_BYTES);
    h1_response_reader_init(&call->reader, &head_limits);
    call->failure = write_request(&call->request, request);
    call->state = call->failure == OK ? CALL_START : CALL_FAILED;
    return call;
}

void client_call_free(struct client_call *call)
{
    if (call == NULL)
        return;

    struct client *c = call->client;
    connect_free(TAKE(call->connect));
    if (call->connection != NULL) {
        bool reusable = call->state == CALL_END && call->response.keep_alive &&
                        call->response.framing != H1_UNTIL_CLOSE && stream_in(call->connection->stream).len == 0 &&
                        stream_unsent(call->connection->stream) == 0 && !stream_is_broken(call->connection->stream);
        if (reusable)
            give_back(c, call->connection);
        else
            close_connection(c, call->connection);
    } else if (call->holds_place) {
        c->n_connections--;
    }
    h1_response_reader_done(&call->reader);
    buf_done(&call->request);
    arena_done(&call->arena);
    free(call);
}

static enum err begin(struct client_call *call, struct op *op)
{
    struct client *c = call->client;

    call->connection = take_idle(c, op);
    if (call->connection != NULL) {
        call->state = CALL_SEND;
        return OK;
    }
    if (c->n_connections >= c->o.max_connections)
        return ERR_BUSY;
    c->n_connections++;
    call->holds_place = true;
    call->connect = connect_start(c->loop,
                                  &(struct connect_options){ .host = c->o.host,
                                                             .port = c->o.port,
                                                             .unix_path = c->o.unix_path,
                                                             .timeout_ms = c->o.connect_ms,
                                                             .stream = { .in_max_bytes = CLIENT_IN_BYTES,
                                                                         .out_max_bytes = c->o.max_request_bytes,
                                                                         .out_low_bytes = 0 } },
                                  op);
    call->state = CALL_CONNECT;
    return OK;
}

static enum err finish_connecting(struct client_call *call)
{
    struct stream *stream;

    TRY(connect_result(call->connect, &stream));
    connect_free(TAKE(call->connect));
    call->connection = mem_zalloc(1, sizeof(*call->connection));
    call->connection->stream = stream;
    list_init(&call->connection->link);
    return OK;
}

static enum err read_head(struct client_call *call, struct op *op)
{
    struct stream *stream = call->connection->stream;

    for (;;) {
        enum err more = stream_more(stream, op, 0);
        if (more != OK)
            return more;
        struct slice input = stream_in(stream), rest = input;
        enum err e = h1_response_read_head(&call->reader, call->to_head, &rest, &call->arena, &call->response);
        stream_consume(stream, input.len - rest.len);
        if (e != WAIT)
            return e;
    }
}

/* As far as it goes: OK when the head is there. */
static enum err advance(struct client_call *call, struct op *op)
{
    switch (call->state) {
    case CALL_START:
        TRY(begin(call, op));
        if (call->state == CALL_SEND)
            return advance(call, op);
        FALLTHROUGH;

    case CALL_CONNECT:
        TRY(finish_connecting(call));
        call->state = CALL_SEND;
        FALLTHROUGH;

    case CALL_SEND:
        TRY(stream_write(call->connection->stream, buf_slice(&call->request)));
        buf_done(&call->request);
        call->state = CALL_HEAD;
        FALLTHROUGH;

    case CALL_HEAD:
        TRY(read_head(call, op));
        h1_response_body_init(&call->response, &call->body);
        call->state = CALL_BODY;
        FALLTHROUGH;

    case CALL_BODY:
    case CALL_END:
        return OK;

    case CALL_FAILED:
        return call->failure;
    }
    UNREACHABLE();
}

static enum err note(struct client_call *call, enum err e)
{
    if (e != OK && e != WAIT) {
        call->failure = e;
        call->state = CALL_FAILED;
    }
    return e;
}

enum err client_head(struct client_call *call, struct op *op, const struct h1_response **ret)
{
    TRY(note(call, advance(call, op)));
    *ret = &call->response;
    return OK;
}

static enum err next_part(struct client_call *call, struct op *op, struct slice *ret_part)
{
    struct stream *stream = call->connection->stream;

    stream_consume(stream, call->n_given);
    call->n_given = 0;
    while (!h1_body_is_complete(&call->body)) {
        enum err more = stream_more(stream, op, 0);
        if (more == ERR_CLOSED) {
            TRY(h1_body_end_of_input(&call->body));
            break;
        }
        TRY(more);
        struct slice input = stream_in(stream), rest = input;
        enum err e = h1_body_next(&call->body, &rest, ret_part);
        if (e == OK && ret_part->len > 0) {
            call->n_given = input.len - rest.len; /* after it was looked at */
            return OK;
        }
        stream_consume(stream, input.len - rest.len);
        if (e != OK && e != WAIT)
            return ERR_PROTOCOL;
    }
    call->state = CALL_END;
    *ret_part = S("");
    return OK;
}

enum err client_body(struct client_call *call, struct op *op, struct slice *ret_part)
{
    if (call->state == CALL_END) {
        *ret_part = S("");
        return OK;
    }
    TRY(note(call, advance(call, op)));
    return note(call, next_part(call, op, ret_part));
}
