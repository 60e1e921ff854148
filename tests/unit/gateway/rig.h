/*
 * What the gateway's tests share: a gateway on a loop whose clock is moved by hand, an upstream that says what a test
 * makes it say, and an outlet that remembers what was written.
 */
#pragma once

#include "gateway/call.h"
#include "gateway/endpoint.h"
#include "gateway/gateway_internal.h"
#include "gateway/session.h"
#include "support/fake_upstream.h"
#include "support/test.h"

struct rig {
    struct loop *loop;
    struct gateway *gateway;
    struct fake_upstream *fake;
    struct endpoint *endpoint;
    struct envelope envelope; /* of the client at hand */
};

static inline void rig_begin(struct rig *rig, const struct gateway_options *options)
{
    struct gateway_options o = *options;

    CHECK_OK(loop_new(1, &rig->loop));
    o.loop = rig->loop;
    CHECK_OK(gateway_new(&o, &rig->gateway));
    rig->fake = fake_new(rig->loop);
    CHECK_OK(gateway_add(rig->gateway, S("/mcp"), &rig->fake->base));
    rig->endpoint = gateway_find(rig->gateway, S("/mcp"));
    loop_turn(rig->loop);
}

static inline void rig_end(struct rig *rig)
{
    gateway_free(rig->gateway);
    loop_free(rig->loop);
}

static inline void rig_be_modern(struct rig *rig)
{
    rig->envelope = (struct envelope){ .era = ERA_MODERN, .revision = REVISION_2026_07_28, .principal = S("ada") };
}

/* A client that can be asked everything. */
static inline void rig_be_legacy(struct rig *rig)
{
    rig->envelope = (struct envelope){
        .era = ERA_LEGACY,
        .revision = REVISION_2025_11_25,
        .principal = S("ada"),
        .log_level = SEVERITY_DEBUG,
        .abilities = 1u << ENVELOPE_CAN_ELICIT_FORM | 1u << ENVELOPE_CAN_SAMPLE | 1u << ENVELOPE_CAN_LIST_ROOTS,
    };
}

static inline void rig_turn(struct rig *rig)
{
    for (unsigned i = 0; i < 10; i++)
        loop_turn(rig->loop);
}

/* Time passes, in steps that let what expires on the way start anew. */
static inline void rig_skip_ms(struct rig *rig, uint64_t ms)
{
    loop_skip_ns(rig->loop, ms * NS_PER_MS);
    rig_turn(rig);
}

/* ---- An outlet that remembers ---- */

struct recorder {
    struct outlet outlet;
    struct buf said; /* a line for each thing: "message {json}", "answer 200 {json}", "end", "beat" */
    struct slot room;
    struct slot gone;
    bool is_full;
    bool is_gone;
    bool takes_answer_only;
};

static inline struct recorder *recorder_of(struct outlet *o)
{
    return container_of(o, struct recorder, outlet);
}

static inline enum err recorder_room(struct outlet *o, struct op *op)
{
    struct recorder *r = recorder_of(o);

    if (r->is_gone)
        return ERR_CLOSED;
    return r->is_full ? op_wait(op, &r->room) : OK;
}

static inline enum err recorder_gone(struct outlet *o, struct op *op)
{
    struct recorder *r = recorder_of(o);

    return r->is_gone ? ERR_CLOSED : op_wait(op, &r->gone);
}

static inline enum err recorder_message(struct outlet *o, struct slice json)
{
    struct recorder *r = recorder_of(o);

    if (r->is_gone)
        return ERR_CLOSED;
    if (r->takes_answer_only)
        return ERR_UNSUPPORTED;
    buf_printf(&r->said, "message %.*s\n", SLICE_ARGS(json));
    return OK;
}

static inline enum err recorder_answer(struct outlet *o, unsigned status, struct slice json)
{
    struct recorder *r = recorder_of(o);

    if (r->is_gone)
        return ERR_CLOSED;
    buf_printf(&r->said, "answer %u %.*s\n", status, SLICE_ARGS(json));
    return OK;
}

static inline void recorder_end(struct outlet *o)
{
    buf_put(&recorder_of(o)->said, S("end\n"));
}

static inline void recorder_beat(struct outlet *o)
{
    buf_put(&recorder_of(o)->said, S("beat\n"));
}

static inline void recorder_init(struct recorder *r)
{
    static const struct outlet_type type = {
        .room = recorder_room,
        .gone = recorder_gone,
        .message = recorder_message,
        .answer = recorder_answer,
        .end = recorder_end,
        .beat = recorder_beat,
    };

    *r = (struct recorder){ .outlet = { .type = &type } };
    buf_init(&r->said, 32 << 20);
}

/* Gives what was said, as a text of one or more lines, and forgets it. */
static inline void check_said(struct recorder *r, const char *expected)
{
    CHECK_SLICE(buf_slice(&r->said), expected);
    buf_clear(&r->said);
}

static inline bool recorder_has(const struct recorder *r, const char *part)
{
    return slice_search(buf_slice(&r->said), slice_of(part)) != SIZE_MAX;
}
