/*
 * An outlet: where the messages for one client request go, whatever carries them (an HTTP answer, a line on stdout).
 *
 * A call writes any number of messages and then one answer. The HTTP outlet decides late: an answer that comes first is
 * a JSON body, a message that comes first opens an event stream (eras 5, "response form").
 *
 * Threads: one loop. Functions never call back.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct op;
struct outlet;

#define OUTLET_MESSAGE_MAX (8u * 1024 * 1024) /* one message; where there is room, there is room for that */

struct outlet_type {
    /* OK: another message may be written; WAIT: not yet; ERR_CLOSED: nobody reads any more. */
    enum err (*room)(struct outlet *o, struct op *op);
    /* WAIT until the client has gone, then ERR_CLOSED; `op` is woken by that. */
    enum err (*gone)(struct outlet *o, struct op *op);
    /* One message before the answer. ERR_UNSUPPORTED: this client takes the answer only, nothing was written. */
    enum err (*message)(struct outlet *o, struct slice json);
    /* The answer and the end. `status` is for HTTP; an opened stream has said 200 already. */
    enum err (*answer)(struct outlet *o, unsigned status, struct slice json);
    /* The end without an answer: the call was cancelled. */
    void (*end)(struct outlet *o);
    /* A sign of life towards the client, where the transport has one. */
    void (*beat)(struct outlet *o);
};

struct outlet {
    const struct outlet_type *type;
    bool answered; /* answer or end was called */
};

static inline enum err outlet_room(struct outlet *o, struct op *op)
{
    return o->type->room(o, op);
}

static inline enum err outlet_gone(struct outlet *o, struct op *op)
{
    return o->type->gone(o, op);
}

static inline enum err outlet_message(struct outlet *o, struct slice json)
{
    return o->type->message(o, json);
}

static inline enum err outlet_answer(struct outlet *o, unsigned status, struct slice json)
{
    o->answered = true;
    return o->type->answer(o, status, json);
}

static inline void outlet_end(struct outlet *o)
{
    if (!o->answered)
        o->type->end(o);
    o->answered = true;
}

static inline void outlet_beat(struct outlet *o)
{
    o->type->beat(o);
}
