#include "gateway/http_outlet.h"

#include "base/buf.h"
#include "http/sse.h"
#include "server/reply.h"

#define EVENT_MAX (16u * 1024 * 1024) /* of one message as an event; what goes in was limited where it was read */

#define JSON_TYPE   S("application/json")
#define STREAM_TYPE S("text/event-stream")

static struct http_outlet *of(struct outlet *o)
{
    return container_of(o, struct http_outlet, outlet);
}

enum err http_outlet_open(struct http_outlet *o)
{
    return reply_is_begun(o->reply) ? OK : reply_begin_stream(o->reply, 200, STREAM_TYPE);
}

/* Opens the stream if need be, and appends the event to `to`. */
static enum err make_event(struct http_outlet *o, struct slice json, struct buf *to)
{
    TRY(http_outlet_open(o));
    return sse_write(to, &(struct sse_event){ .data = json });
}

static enum err write_event(struct http_outlet *o, struct slice json)
{
    auto_buf event = { 0 };

    buf_init(&event, EVENT_MAX);
    TRY(make_event(o, json, &event));
    return reply_write(o->reply, buf_slice(&event));
}

/* The answer is never too much for its client, however much of what came before is still unsent (decision 11). */
static enum err write_last_event(struct http_outlet *o, struct slice json)
{
    auto_buf event;

    buf_init(&event, EVENT_MAX);
    TRY(make_event(o, json, &event));
    return reply_write_last(o->reply, buf_slice(&event));
}

static enum err http_room(struct outlet *outlet, struct op *op)
{
    struct http_outlet *o = of(outlet);

    if (reply_is_gone(o->reply))
        return ERR_CLOSED;
    return reply_is_begun(o->reply) ? reply_room(o->reply, op) : OK;
}

static enum err http_gone(struct outlet *outlet, struct op *op)
{
    return reply_watch_gone(of(outlet)->reply, op);
}

static enum err http_message(struct outlet *outlet, struct slice json)
{
    struct http_outlet *o = of(outlet);

    return o->takes_stream ? write_event(o, json) : ERR_UNSUPPORTED;
}

static enum err http_answer(struct outlet *outlet, unsigned status, struct slice json)
{
    struct http_outlet *o = of(outlet);

    if (!reply_is_begun(o->reply) && (o->takes_json || status != 200))
        return reply_send(o->reply, status, JSON_TYPE, json);
    return write_last_event(o, json);
}

/* A cancelled call has no answer; what HTTP wants is an end all the same. */
static void http_end(struct outlet *outlet)
{
    struct http_outlet *o = of(outlet);

    if (reply_is_begun(o->reply))
        (void)!reply_end(o->reply);
    else
        (void)!reply_send(o->reply, 202, NO_SLICE, NO_SLICE);
}

/* Also opens the stream of a call that has been quiet for a while, so that proxies in between see life. */
static void http_beat(struct outlet *outlet)
{
    struct http_outlet *o = of(outlet);
    auto_buf comment = { 0 };

    buf_init(&comment, 64);
    sse_write_comment(&comment, S("still here"));
    if (o->takes_stream && http_outlet_open(o) == OK)
        (void)!reply_write(o->reply, buf_slice(&comment));
}

void http_outlet_init(struct http_outlet *o, struct reply *reply, bool takes_json, bool takes_stream)
{
    static const struct outlet_type type = {
        .room = http_room,
        .gone = http_gone,
        .message = http_message,
        .answer = http_answer,
        .end = http_end,
        .beat = http_beat,
    };

    *o = (struct http_outlet){
        .outlet = { .type = &type }, .reply = reply, .takes_json = takes_json, .takes_stream = takes_stream
    };
}
