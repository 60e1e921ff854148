#include "server/reply.h"

#include "base/check.h"
#include "http/h1_write.h"
#include "http/media.h"
#include "http/status.h"
#include "server/server_internal.h"

#define MAX_HEADERS_BYTES (64u << 10)
#define MAX_OUT_BYTES     (SIZE_MAX / 2) /* what is written bounds it: see reply_write */
#define MAX_ERROR_BYTES   256u
#define LOW_PART          4u /* there is room again when no more than this part of the limit is unsent */
#define RETRY_AFTER_S     2u /* and a little more for some, so that not all come back at once (S-110) */

void reply_init(struct reply *reply, struct conn *conn)
{
    *reply = (struct reply){ .conn = conn };
    buf_init(&reply->headers, MAX_HEADERS_BYTES);
    buf_init(&reply->out, MAX_OUT_BYTES);
}

void reply_done(struct reply *reply)
{
    buf_done(&reply->headers);
    buf_done(&reply->out);
    slot_clear(&reply->room);
    slot_clear(&reply->gone);
}

void reply_header(struct reply *reply, struct slice name, struct slice value)
{
    CHECK(!reply->is_begun);
    if (h1_write_header(&reply->headers, name, value) != OK)
        reply->is_spoilt = true;
}

/* The head as far as it is the same for all answers; the framing and the empty line follow. */
static enum err put_head(struct reply *reply, unsigned status, struct slice type)
{
    struct conn *conn = reply->conn;

    CHECK(!reply->is_begun);
    if (reply->is_gone)
        return ERR_CLOSED;
    if (reply->is_spoilt || buf_ok(&reply->headers) != OK)
        return ERR_INVALID;

    struct buf *to = &reply->out;
    conn->must_close = conn->must_close || conn->server->is_draining;
    h1_write_status_line(to, status);
    buf_put(to, server_date(conn->server));
    if (conn->server->options.server_name.len > 0)
        TRY(h1_write_header(to, S("Server"), conn->server->options.server_name));
    if (type.ptr != NULL)
        TRY(h1_write_header(to, S("Content-Type"), type));
    buf_put(to, buf_slice(&reply->headers));
    if (status == 503) {
        buf_put(to, S("Retry-After: "));
        buf_put_u64(to, RETRY_AFTER_S + conn->request.number % 3);
        buf_put(to, S("\r\n"));
    }
    return OK;
}

static void put_connection(struct reply *reply)
{
    if (reply->conn->must_close)
        buf_put(&reply->out, S("Connection: close\r\n"));
    h1_write_head_end(&reply->out);
}

/* What was put into `out` by a call that cannot be finished leaves no trace. */
static enum err undo(struct reply *reply, enum err e)
{
    buf_done(&reply->out);
    return e;
}

enum err reply_send(struct reply *reply, unsigned status, struct slice type, struct slice body)
{
    struct conn *conn = reply->conn;
    enum err e = put_head(reply, status, type);

    if (e != OK)
        return undo(reply, e);
    if (status != 204 && status != 304)
        h1_write_number_header(&reply->out, S("Content-Length"), body.len);
    put_connection(reply);
    if (!conn->is_head_request)
        buf_put(&reply->out, body);
    if (buf_ok(&reply->out) != OK)
        return undo(reply, ERR_MEMORY);
    buf_done(&reply->headers);
    reply->is_begun = true;
    reply->is_ended = true;
    op_wake(&conn->op);
    return OK;
}

enum err reply_send_err(struct reply *reply, enum err e)
{
    auto_buf body;

    buf_init(&body, MAX_ERROR_BYTES);
    buf_put(&body, S("{\"error\":\""));
    buf_put(&body, slice_of(err_text(e))); /* a text of ours: nothing in it needs escaping */
    buf_put(&body, S("\"}\n"));
    return reply_send(reply, http_status_of_err(e), S("application/json"), buf_slice(&body));
}

enum err reply_begin_stream(struct reply *reply, unsigned status, struct slice type)
{
    struct conn *conn = reply->conn;

    if (reply->is_gone)
        return ERR_CLOSED;
    if (!conn->is_head_request)
        TRY(server_add_stream(conn));
    reply->is_chunked = conn->head.minor == 1;
    if (!reply->is_chunked)
        conn->must_close = true; /* its end is the end of the connection */

    enum err e = put_head(reply, status, type);
    if (e != OK) {
        if (!conn->is_head_request)
            server_drop_stream(conn);
        return undo(reply, e);
    }
    if (media_is(type, S("text/event-stream")))
        buf_put(&reply->out, S("Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n"));
    if (reply->is_chunked)
        buf_put(&reply->out, S("Transfer-Encoding: chunked\r\n"));
    put_connection(reply);
    buf_done(&reply->headers);
    reply->is_begun = true;
    reply->is_stream = !conn->is_head_request;
    if (conn->is_head_request) { /* the head is all there is: nobody reads what follows */
        reply->is_ended = true;
        slot_wake(&reply->gone);
        slot_wake(&reply->room);
    }
    op_wake(&conn->op);
    return OK;
}

/* Bytes that the client has not taken. */
static size_t unsent_of(const struct reply *reply)
{
    const struct conn *conn = reply->conn;

    return reply->out.len - reply->n_out_sent + (conn->stream != NULL ? stream_unsent(conn->stream) : 0);
}

bool reply_has_room(const struct reply *reply)
{
    return unsent_of(reply) <= reply->conn->server->options.limits.unsent_bytes / LOW_PART;
}

bool reply_is_begun(const struct reply *reply)
{
    return reply->is_begun;
}

bool reply_is_gone(const struct reply *reply)
{
    return reply->is_gone || (reply->conn->is_head_request && reply->is_ended);
}

enum err reply_room(struct reply *reply, struct op *op)
{
    struct conn *conn = reply->conn;

    if (reply_is_gone(reply))
        return ERR_CLOSED;
    if (reply_has_room(reply))
        return OK;
    op_wake(&conn->op); /* it waits for the client, and wakes us in turn */
    return op_wait(op, &reply->room);
}

static void put_part(struct reply *reply, struct slice bytes)
{
    if (reply->is_chunked)
        h1_write_chunk(&reply->out, bytes);
    else
        buf_put(&reply->out, bytes);
}

static enum err check_written(struct reply *reply)
{
    struct conn *conn = reply->conn;

    if (buf_ok(&reply->out) != OK) {
        conn_lose_client(conn); /* a chunk may be there in part */
        return ERR_MEMORY;
    }
    op_wake(&conn->op);
    return OK;
}

enum err reply_write(struct reply *reply, struct slice bytes)
{
    struct conn *conn = reply->conn;

    if (reply_is_gone(reply))
        return ERR_CLOSED;
    CHECK(reply->is_stream && !reply->is_ended);
    size_t unsent = unsent_of(reply);
    if (reply->has_parts && unsent > 0 && unsent + bytes.len > conn->server->options.limits.unsent_bytes) {
        conn_lose_client(conn);
        return ERR_LIMIT;
    }
    put_part(reply, bytes);
    reply->has_parts = true;
    return check_written(reply);
}

enum err reply_write_last(struct reply *reply, struct slice bytes)
{
    if (reply_is_gone(reply))
        return ERR_CLOSED;
    CHECK(reply->is_stream && !reply->is_ended);
    put_part(reply, bytes);
    return reply_end(reply);
}

enum err reply_end(struct reply *reply)
{
    if (reply_is_gone(reply))
        return ERR_CLOSED;
    CHECK(reply->is_stream && !reply->is_ended);
    if (reply->is_chunked)
        h1_write_last_chunk(&reply->out);
    reply->is_ended = true;
    return check_written(reply);
}

enum err reply_watch_gone(struct reply *reply, struct op *op)
{
    return reply_is_gone(reply) ? ERR_CLOSED : op_wait(op, &reply->gone);
}
