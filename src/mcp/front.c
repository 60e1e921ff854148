#include "mcp/front.h"

#include "mcp/header_value.h"
#include "mcp/meta.h"
#include "json/json.h"
#include "json/json_write.h"

#define MAX_MIRRORED_BYTES (16u * 1024) /* of a header value when it is decoded */

/* ---- What the protocol has ---- */

enum in_era { LEGACY = 1, MODERN = 2, BOTH = 3 };

/* A method, and the member of params that Mcp-Name mirrors, if any (T-55). */
struct method {
    struct slice name;
    enum in_era eras;
    struct slice mirrored;
};

static const struct method methods[] = {
    { S("tools/list"), BOTH, { NULL, 0 } },
    { S("tools/call"), BOTH, S("name") },
    { S("prompts/list"), BOTH, { NULL, 0 } },
    { S("prompts/get"), BOTH, S("name") },
    { S("resources/list"), BOTH, { NULL, 0 } },
    { S("resources/read"), BOTH, S("uri") },
    { S("resources/templates/list"), BOTH, { NULL, 0 } },
    { S("completion/complete"), BOTH, { NULL, 0 } },
    { S("tasks/get"), BOTH, S("taskId") },
    { S("tasks/cancel"), BOTH, S("taskId") },
    { S("notifications/cancelled"), BOTH, { NULL, 0 } },

    { S("server/discover"), MODERN, { NULL, 0 } },
    { S("subscriptions/listen"), MODERN, { NULL, 0 } },
    { S("tasks/update"), MODERN, S("taskId") },

    { S("initialize"), LEGACY, { NULL, 0 } }, /* these eight the modern era has given up (V-14) */
    { S("notifications/initialized"), LEGACY, { NULL, 0 } },
    { S("ping"), LEGACY, { NULL, 0 } },
    { S("logging/setLevel"), LEGACY, { NULL, 0 } },
    { S("resources/subscribe"), LEGACY, { NULL, 0 } },
    { S("resources/unsubscribe"), LEGACY, { NULL, 0 } },
    { S("notifications/roots/list_changed"), LEGACY, { NULL, 0 } },
    { S("notifications/elicitation/complete"), LEGACY, { NULL, 0 } },
    { S("notifications/progress"), LEGACY, { NULL, 0 } },
    { S("tasks/result"), LEGACY, { NULL, 0 } },
    { S("tasks/list"), LEGACY, { NULL, 0 } },
};

static const struct method *find_method(struct slice name)
{
    for (size_t i = 0; i < N_ELEMENTS(methods); i++)
        if (slice_eq(methods[i].name, name))
            return &methods[i];
    return NULL;
}

bool front_knows_method(enum era era, struct slice method)
{
    const struct method *m = find_method(method);

    return m != NULL &&
           (((m->eras & LEGACY) != 0 && era == ERA_LEGACY) || ((m->eras & MODERN) != 0 && era == ERA_MODERN));
}

struct slice front_subject(struct slice method, const struct json_value *params)
{
    const struct method *m = find_method(method);

    return m == NULL || m->mirrored.len == 0 ? NO_SLICE : json_get_string(params, m->mirrored);
}

static bool has_subject(struct slice method)
{
    const struct method *m = find_method(method);

    return m != NULL && m->mirrored.len > 0;
}

/* ---- Verdicts ---- */

static struct front_verdict go_on(enum era era, enum revision revision)
{
    return (struct front_verdict){ .era = era, .revision = revision, .status = 200 };
}

static struct front_verdict refuse(enum era era, unsigned status, int64_t code, struct slice message)
{
    return (struct front_verdict){ .era = era, .status = status, .code = code, .message = message };
}

static struct front_verdict mismatch(struct slice message)
{
    return refuse(ERA_MODERN, 400, RPC_HEADER_MISMATCH, message);
}

/* ---- What headers and body say ---- */

/* A version that a client or a proxy repeated, "v, v", counts once. */
static struct slice header_version(const struct front_facts *facts)
{
    struct slice rest = facts->protocol_version;
    struct slice first, part;

    if (facts->is_stdio || !slice_next(&rest, ',', &first))
        return NO_SLICE;
    first = slice_trim(first);
    while (slice_next(&rest, ',', &part))
        if (!slice_eq(slice_trim(part), first))
            return facts->protocol_version;
    return first;
}

/* Does a mirrored header say just this? A value that cannot be decoded says nothing (T-56). */
static bool says(struct slice header, struct slice expected)
{
    struct slice value;
    struct arena arena;

    arena_init(&arena, MAX_MIRRORED_BYTES);
    bool same = header_value_decode(header, &arena, &value) == OK && slice_eq(value, expected);
    arena_done(&arena);
    return same;
}

/* A request that carries any part of the modern envelope is an attempt at the modern era. */
static bool has_envelope(const struct rpc *rpc)
{
    const struct json_value *meta = json_get(rpc->params, S("_meta"));

    return json_get(meta, META_PROTOCOL_VERSION) != NULL || json_get(meta, META_CLIENT_CAPABILITIES) != NULL;
}

/* ---- The modern era: the checks of T-71 in their order, as far as they need no knowledge of tools ---- */

/*
 * One disagreement is tolerated: builds in use send the header of their legacy revision with a modern body, and the
 * body wins (R-35, S-57).
 */
static bool versions_agree(struct slice header, struct slice body)
{
    if (header.ptr == NULL || body.ptr == NULL || slice_eq(header, body))
        return true;
    return revision_era(revision_of(header)) == ERA_LEGACY && revision_era(revision_of(body)) == ERA_MODERN;
}

static struct front_verdict check_agreement(const struct front_facts *facts, const struct rpc *rpc, struct slice body)
{
    if (!versions_agree(header_version(facts), body))
        return mismatch(S("MCP-Protocol-Version is not the version in _meta"));
    if (facts->mcp_method.ptr != NULL && !says(facts->mcp_method, rpc->method))
        return mismatch(S("Mcp-Method is not the method of the message"));
    if (facts->mcp_name.ptr != NULL && has_subject(rpc->method)) {
        struct slice subject = front_subject(rpc->method, rpc->params);
        if (subject.ptr == NULL || !says(facts->mcp_name, subject))
            return mismatch(S("Mcp-Name is not what the message is about"));
    }
    return go_on(ERA_MODERN, REVISION_UNKNOWN);
}

/* Whoever names a legacy revision in the header, the tolerated case, knows of no mirrored headers either. */
static struct front_verdict check_presence(const struct front_facts *facts, const struct rpc *rpc)
{
    struct slice version = header_version(facts);

    if (version.ptr == NULL)
        return mismatch(S("MCP-Protocol-Version is missing"));
    if (revision_era(revision_of(version)) == ERA_LEGACY)
        return go_on(ERA_MODERN, REVISION_UNKNOWN);
    if (facts->mcp_method.ptr == NULL)
        return mismatch(S("Mcp-Method is missing"));
    if (facts->mcp_name.ptr == NULL && front_subject(rpc->method, rpc->params).ptr != NULL)
        return mismatch(S("Mcp-Name is missing"));
    return go_on(ERA_MODERN, REVISION_UNKNOWN);
}

static void put_version_data(struct buf *to, struct slice requested)
{
    struct json_writer w = json_writer(to);

    json_begin_object(&w);
    json_name(&w, S("supported"));
    json_begin_array(&w);
    json_add_string(&w, revision_text(REVISION_NEWEST_MODERN)); /* legacy ones are not for _meta (eras.md 2) */
    json_end_array(&w);
    json_set_string(&w, S("requested"), requested);
    json_end_object(&w);
    if (buf_ok(to) != OK)
        buf_clear(to); /* half of it would not be JSON */
}

static struct front_verdict judge_modern_request(const struct front_facts *facts, const struct rpc *rpc,
                                                 struct buf *data)
{
    const struct json_value *meta = json_get(rpc->params, S("_meta"));
    struct slice version = json_get_string(meta, META_PROTOCOL_VERSION);

    if (!facts->is_stdio) {
        struct front_verdict verdict = check_agreement(facts, rpc, version);
        if (verdict.status != 200)
            return verdict;
    }
    if (version.ptr == NULL)
        return refuse(ERA_MODERN, 400, RPC_INVALID_PARAMS, S("_meta has no protocolVersion"));
    if (!json_is_object(json_get(meta, META_CLIENT_CAPABILITIES)))
        return refuse(ERA_MODERN, 400, RPC_INVALID_PARAMS, S("_meta has no clientCapabilities"));
    if (revision_era(revision_of(version)) != ERA_MODERN) {
        put_version_data(data, version);
        return refuse(ERA_MODERN, 400, RPC_UNSUPPORTED_VERSION, S("This protocol version is not served"));
    }
    if (!facts->is_stdio) {
        struct front_verdict verdict = check_presence(facts, rpc);
        if (verdict.status != 200)
            return verdict;
    }
    if (!front_knows_method(ERA_MODERN, rpc->method))
        return refuse(ERA_MODERN, 404, RPC_METHOD_NOT_FOUND, S("There is no such method"));
    return go_on(ERA_MODERN, revision_of(version));
}

static struct front_verdict judge_modern(const struct front_facts *facts, const struct rpc *rpc, struct buf *data)
{
    struct slice version = json_get_string(json_get(rpc->params, S("_meta")), META_PROTOCOL_VERSION);

    switch (rpc->kind) {
    case RPC_REQUEST:
        return judge_modern_request(facts, rpc, data);
    case RPC_RESPONSE: /* modern servers ask nothing (J-12, T-70) */
        return refuse(ERA_MODERN, 400, RPC_INVALID_REQUEST, S("A client of this era sends no responses"));
    case RPC_NOTIFICATION: { /* needs no envelope and no mirrored headers, but those there are must agree (T-54) */
        struct front_verdict verdict =
            facts->is_stdio ? go_on(ERA_MODERN, REVISION_UNKNOWN) : check_agreement(facts, rpc, version);
        if (verdict.status == 200)
            verdict.revision = REVISION_NEWEST_MODERN;
        return verdict;
    }
    }
    UNREACHABLE();
}

/* ---- The legacy era ---- */

/*
 * The header of a legacy message only names the revision where nothing else does; a newer one than was negotiated is
 * tolerated, one that nobody knows is not (T-36).
 */
static struct front_verdict judge_legacy(struct slice version)
{
    enum revision revision = revision_of(version);

    if (version.ptr != NULL && revision == REVISION_UNKNOWN)
        return refuse(ERA_LEGACY, 400, RPC_INVALID_REQUEST, S("MCP-Protocol-Version names no known revision"));
    return go_on(ERA_LEGACY, revision_era(revision) == ERA_LEGACY ? revision : REVISION_UNKNOWN);
}

/* The handshake agrees on the revision in its body, so that a header nobody knows does not matter yet. */
static struct front_verdict judge_initialize(struct slice version)
{
    if (revision_era(revision_of(version)) == ERA_MODERN)
        return refuse(ERA_LEGACY, 400, RPC_HEADER_MISMATCH, S("MCP-Protocol-Version is of an era without initialize"));
    return go_on(ERA_LEGACY, revision_of(version));
}

struct front_verdict front_judge(const struct front_facts *facts, const struct rpc *rpc, struct buf *data)
{
    struct slice version = header_version(facts);
    bool header_is_modern = revision_era(revision_of(version)) == ERA_MODERN;

    buf_clear(data);
    if (has_envelope(rpc))
        return judge_modern(facts, rpc, data);
    if (rpc->kind == RPC_REQUEST && slice_eq(rpc->method, S("initialize")))
        return judge_initialize(version);
    if (header_is_modern && !facts->has_session) /* with a session it is a legacy client ahead of its time */
        return judge_modern(facts, rpc, data);
    return judge_legacy(version);
}
