#include "upstream/exchange.h"

#include "base/check.h"
#include "mcp/compose.h"
#include "upstream/upstream.h"

void exchange_init(struct exchange *ex, size_t max_queued_bytes)
{
    *ex = (struct exchange){ 0 };
    list_init(&ex->link);
    event_queue_init(&ex->events, max_queued_bytes);
}

static void leave_session(struct exchange *ex)
{
    list_remove(&ex->link);
    ex->session = NULL;
}

void exchange_done(struct exchange *ex)
{
    struct upstream_session *s = ex->session;

    if (s != NULL) {
        leave_session(ex);
        s->upstream->type->cancel(s, ex);
    }
    event_queue_done(&ex->events);
}

enum err exchange_next(struct exchange *ex, struct op *op, struct event **ret)
{
    CHECK(!ex->finished || ex->events.n > 0);
    return event_queue_next(&ex->events, op, ret);
}

bool exchange_push(struct exchange *ex, struct event *e)
{
    CHECK(!ex->finished);

    bool is_last = event_is_last(e);
    if (event_queue_push(&ex->events, e) != OK) {
        exchange_fail(ex, ERR_LIMIT);
        return false;
    }
    if (is_last) {
        ex->finished = true;
        leave_session(ex);
    }
    return true;
}

void exchange_fail(struct exchange *ex, enum err failure)
{
    (void)exchange_push(ex, event_of_failure(failure)); /* a last event always finds room */
}

void exchange_put(const struct exchange *ex, struct buf *to)
{
    struct json_edit edits[2];
    size_t n = 0;
    auto_buf token;
    auto_buf state;

    buf_init(&token, 32);
    buf_init(&state, to->max);
    if (ex->envelope->progress_token.len > 0)
        buf_put_u64(&token, ex->id);
    if (ex->request_state.len > 0)
        json_put_string(&state, ex->request_state);
    /* What the client sent is sealed by us, or not ours at all: it never gets there. */
    edits[n++] = (struct json_edit){ S("requestState"), state.len > 0 ? buf_slice(&state) : NO_SLICE };
    if (ex->input_responses.len > 0)
        edits[n++] = (struct json_edit){ S("inputResponses"), ex->input_responses };
    compose_request(to, ex->id, ex->method, ex->params, ex->envelope, buf_slice(&token), edits, n);
}
