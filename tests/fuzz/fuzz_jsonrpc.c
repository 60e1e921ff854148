/*
 * JSON-RPC messages: whatever is parsed, judged and composed again for either era is one JSON message that can be read,
 * and what is refused is answered with one.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "mcp/compose.h"
#include "mcp/front.h"
#include "mcp/message.h"
#include "mcp/param.h"
#include "support/fuzz.h"
#include "json/json.h"

#define GROWTH 8u /* an escaped control character takes six bytes, and composing adds members */

struct round {
    struct arena arena;
    size_t max; /* of a composed message */
    struct rpc rpc;
    struct envelope envelope;
};

/* What was written is a message of this kind. */
static void check_message(struct buf *to, enum rpc_kind kind)
{
    const struct json_limits limits = { .max_depth = 140, .max_nodes = 300000, .max_number_len = 64 };
    auto_free(json) json = NULL;
    struct arena arena;
    struct err_at at;
    struct rpc rpc;

    arena_init(&arena, 1u << 20);
    CHECK(buf_ok(to) == OK);
    CHECK(json_parse(buf_slice(to), &limits, &json, &at) == OK);
    CHECK(rpc_parse(json_root(json), &arena, &rpc) == OK);
    CHECK(rpc.kind == kind);
    arena_done(&arena);
    buf_done(to);
}

static void compose_refusal(const struct round *r, int64_t code, struct slice message, struct slice data)
{
    struct buf to;

    buf_init(&to, r->max);
    compose_error(&to, r->rpc.id, code, message, data);
    check_message(&to, RPC_RESPONSE);
}

static void judge(const struct round *r, const struct front_facts *facts)
{
    auto_buf data;

    buf_init(&data, r->max);
    struct front_verdict verdict = front_judge(facts, &r->rpc, &data);
    if (verdict.status == 200)
        CHECK(verdict.era != ERA_UNKNOWN);
    else
        compose_refusal(r, verdict.code, verdict.message, buf_slice(&data));
}

static void relay_request(const struct round *r)
{
    struct buf to;

    buf_init(&to, r->max);
    compose_request(&to, 7, r->rpc.method, r->rpc.params, &r->envelope, r->envelope.progress_token, NULL, 0);
    check_message(&to, RPC_REQUEST);
    buf_init(&to, r->max);
    compose_subscribed(&to, r->rpc.method, r->rpc.params, S("1"));
    check_message(&to, RPC_NOTIFICATION);
}

static void relay_response(const struct round *r)
{
    struct buf to;

    buf_init(&to, r->max);
    if (r->rpc.error != NULL)
        compose_error_value(&to, S("1"), S("resources/read"), r->rpc.error, &r->envelope);
    else
        compose_result(&to, S("\"a\""), S("tools/list"), r->rpc.result, &r->envelope, S("{\"name\":\"x\"}"));
    check_message(&to, RPC_RESPONSE);
}

static void relay(struct round *r, enum era era)
{
    r->envelope = (struct envelope){ .era = era };
    enum err e = era == ERA_MODERN ? envelope_from_meta(&r->envelope, r->rpc.params, &r->arena)
                                   : envelope_from_legacy_meta(&r->envelope, r->rpc.params, &r->arena);
    if (e != OK && r->rpc.kind != RPC_RESPONSE)
        return;
    r->envelope.revision = era == ERA_MODERN ? REVISION_NEWEST_MODERN : REVISION_NEWEST_LEGACY;
    if (r->rpc.kind == RPC_RESPONSE)
        relay_response(r);
    else
        relay_request(r);
}

/* Any header that is asked for says the method's name, which now and then is what the argument says. */
static struct slice find_header(void *context, struct slice name)
{
    const struct round *r = context;

    return name.len % 2 == 0 ? NO_SLICE : r->rpc.method;
}

static void mirror(struct round *r)
{
    auto_free(param_map) map = NULL;
    auto_buf value = { 0 };

    if (param_map_new(r->rpc.params, &map) != OK)
        return;
    enum err e = param_map_check(map, r->rpc.params, find_header, r);
    CHECK(e == OK || e == ERR_INVALID);
    for (size_t i = 0; i < param_map_size(map); i++) {
        buf_init(&value, r->max);
        if (param_map_encode(map, i, r->rpc.params, &value) == OK)
            CHECK(slice_find(buf_slice(&value), '\n') == SIZE_MAX && slice_find(buf_slice(&value), '\r') == SIZE_MAX);
        buf_done(&value);
    }
}

static void run(struct round *r)
{
    judge(r, &(struct front_facts){ .is_stdio = true });
    judge(r, &(struct front_facts){ .protocol_version = S("2026-07-28"), .mcp_method = r->rpc.method });
    judge(r, &(struct front_facts){ .protocol_version = r->rpc.method, .has_session = true });
    relay(r, ERA_LEGACY);
    relay(r, ERA_MODERN);
    mirror(r);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    auto_free(json) json = NULL;
    struct round r = { .max = 4096 + GROWTH * size };
    struct err_at at;

    if (json_parse((struct slice){ (const char *)data, size }, &JSON_LIMITS_MCP, &json, &at) != OK)
        return 0;
    arena_init(&r.arena, 1u << 20);
    if (rpc_parse(json_root(json), &r.arena, &r.rpc) == OK)
        run(&r);
    else
        compose_refusal(&r, RPC_INVALID_REQUEST, S("no"), NO_SLICE);
    arena_done(&r.arena);
    return 0;
}
