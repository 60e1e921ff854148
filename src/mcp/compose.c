#include "mcp/compose.h"

#include "mcp/meta.h"

#define PART_MAX (64u * 1024) /* of a _meta that is rebuilt */

#define MAX_EDITS 16u

static void begin(struct json_writer *w, struct slice id)
{
    json_begin_object(w);
    json_set_string(w, S("jsonrpc"), S("2.0"));
    if (id.len > 0)
        json_set_raw(w, S("id"), id);
}

/* ---- Towards clients ---- */

/* Lists, reads and discover say how long they may be kept, and by whom (F-16). */
static bool is_cacheable(struct slice method)
{
    static const struct slice methods[] = {
        S("server/discover"), S("tools/list"),     S("prompts/list"),
        S("resources/list"),  S("resources/read"), S("resources/templates/list"),
    };

    for (size_t i = 0; i < N_ELEMENTS(methods); i++)
        if (slice_eq(method, methods[i]))
            return true;
    return false;
}

/* The keys of the modern era's _meta, none of which a legacy client knows. */
static const struct slice reserved[] = {
    META_PROTOCOL_VERSION, META_CLIENT_CAPABILITIES, META_CLIENT_INFO,
    META_SERVER_INFO,      META_LOG_LEVEL,           META_SUBSCRIPTION_ID,
};

static size_t take_reserved(struct json_edit *edits)
{
    for (size_t i = 0; i < N_ELEMENTS(reserved); i++)
        edits[i] = (struct json_edit){ reserved[i], NO_SLICE };
    return N_ELEMENTS(reserved);
}

/* _meta with the reserved keys taken away; empty when nothing is left of it. */
static void put_foreign_meta(struct buf *to, const struct json_value *meta)
{
    struct json_edit edits[N_ELEMENTS(reserved)];
    size_t n = take_reserved(edits);

    json_put_edited(to, meta, edits, n);
    if (slice_eq(buf_slice(to), S("{}")))
        buf_clear(to);
}

static void put_modern_result(struct buf *to, struct slice method, const struct json_value *result,
                              struct slice server_info)
{
    const struct json_value *meta = json_get(result, S("_meta"));
    const struct json_value *type = json_get(result, S("resultType"));
    bool keeps = is_cacheable(method) && (type == NULL || json_string_is(type, S("complete")));
    struct json_edit edits[5];
    size_t n = 0;
    auto_buf new_meta;

    if (type == NULL)
        edits[n++] = (struct json_edit){ S("resultType"), S("\"complete\"") };
    if (keeps && json_get(result, S("ttlMs")) == NULL)
        edits[n++] = (struct json_edit){ S("ttlMs"), S("0") };
    if (keeps && json_get(result, S("cacheScope")) == NULL)
        edits[n++] = (struct json_edit){ S("cacheScope"), S("\"private\"") };
    if (slice_eq(method, S("server/discover"))) /* what we serve, whatever the server behind us does */
        edits[n++] = (struct json_edit){ S("supportedVersions"), S("[\"2026-07-28\"]") };
    buf_init(&new_meta, PART_MAX);
    if (server_info.len > 0 && json_get(meta, META_SERVER_INFO) == NULL) {
        const struct json_edit add = { META_SERVER_INFO, server_info };
        json_put_edited(&new_meta, meta, &add, 1);
        if (buf_ok(&new_meta) == OK) /* a name is worth less than the answer */
            edits[n++] = (struct json_edit){ S("_meta"), buf_slice(&new_meta) };
    }
    json_put_edited(to, result, edits, n);
}

static void put_legacy_result(struct buf *to, const struct json_value *result)
{
    const struct json_value *meta = json_get(result, S("_meta"));
    struct json_edit edits[4] = {
        { S("resultType"), NO_SLICE },
        { S("ttlMs"), NO_SLICE },
        { S("cacheScope"), NO_SLICE },
    };
    size_t n = 3;
    auto_buf new_meta;

    buf_init(&new_meta, to->max);
    if (meta != NULL) {
        put_foreign_meta(&new_meta, meta);
        edits[n++] = (struct json_edit){ S("_meta"), new_meta.len > 0 ? buf_slice(&new_meta) : NO_SLICE };
    }
    json_put_edited(to, result, edits, n);
}

void compose_result(struct buf *to, struct slice id, struct slice method, const struct json_value *result,
                    const struct envelope *client, struct slice server_info)
{
    struct json_writer w = json_writer(to);

    begin(&w, id);
    json_name(&w, S("result"));
    if (client->era == ERA_MODERN)
        put_modern_result(to, method, result, server_info);
    else
        put_legacy_result(to, result);
    w.comma = true;
    json_end_object(&w);
}

void compose_error(struct buf *to, struct slice id, int64_t code, struct slice message, struct slice data)
{
    struct json_writer w = json_writer(to);

    begin(&w, id);
    json_name(&w, S("error"));
    json_begin_object(&w);
    json_set_i64(&w, S("code"), code);
    json_set_string(&w, S("message"), message);
    if (data.len > 0)
        json_set_raw(&w, S("data"), data);
    json_end_object(&w);
    json_end_object(&w);
}

void compose_failure(struct buf *to, struct slice id, enum err failure)
{
    struct slice kind = rpc_fault_kind(failure);
    auto_buf data;

    buf_init(&data, PART_MAX);
    if (kind.len > 0) {
        struct json_writer w = json_writer(&data);
        json_begin_object(&w);
        json_set_string(&w, S("kind"), kind);
        json_end_object(&w);
    }
    compose_error(to, id, rpc_code_of(failure), slice_of(err_text(failure)), buf_slice(&data));
}

/* Peers from before the release of 2026-07-28 have older codes for two errors that their data betrays (U-32). */
static int64_t recognize(int64_t code, const struct json_value *data)
{
    if (code == -32003 && json_is_object(json_get(data, S("requiredCapabilities"))))
        return RPC_MISSING_CAPABILITY;
    if (code == -32004 && json_is_array(json_get(data, S("supported"))))
        return RPC_UNSUPPORTED_VERSION;
    return code;
}

/*
 * The codes that mean something in one era only (eras 5.2). What is between the gateway and its upstream, mirrored
 * headers and the upstream's versions, is an internal error to every client.
 */
static int64_t translate_code(int64_t code, struct slice method, const struct json_value *data,
                              const struct envelope *client)
{
    bool is_modern = client->era == ERA_MODERN;
    bool names_uri = json_get(data, S("uri")) != NULL;

    switch (code) {
    case RPC_HEADER_MISMATCH:
    case RPC_UNSUPPORTED_VERSION:
        return RPC_INTERNAL_ERROR;
    case RPC_MISSING_CAPABILITY:
        return is_modern ? code : RPC_INTERNAL_ERROR;
    case RPC_LEGACY_URL_ELICITATION:
        return client->revision == REVISION_2025_11_25 ? code : RPC_INTERNAL_ERROR;
    case RPC_LEGACY_RESOURCE_NOT_FOUND: /* retired for modern clients, whatever the method (J-23) */
        return is_modern ? RPC_INVALID_PARAMS : code;
    case RPC_INVALID_PARAMS: /* of a read that names the resource: there is none (F-10) */
        return !is_modern && names_uri && slice_eq(method, S("resources/read")) ? RPC_LEGACY_RESOURCE_NOT_FOUND : code;
    default:
        return code;
    }
}

void compose_error_value(struct buf *to, struct slice id, struct slice method, const struct json_value *error,
                         const struct envelope *client)
{
    struct json_writer w = json_writer(to);
    const struct json_value *data = json_get(error, S("data"));
    struct slice message = json_get_string(error, S("message"));
    int64_t code;

    if (json_integer(json_get(error, S("code")), &code) != OK)
        code = RPC_INTERNAL_ERROR;
    begin(&w, id);
    json_name(&w, S("error"));
    json_begin_object(&w);
    json_set_i64(&w, S("code"), translate_code(recognize(code, data), method, data, client));
    json_set_string(&w, S("message"), message.ptr != NULL ? message : S("The server gave no reason"));
    if (data != NULL)
        json_set_value(&w, S("data"), data);
    json_end_object(&w);
    json_end_object(&w);
}

void compose_tool_failure(struct buf *to, struct slice id, struct slice text)
{
    struct json_writer w = json_writer(to);

    begin(&w, id);
    json_name(&w, S("result"));
    json_begin_object(&w);
    json_name(&w, S("content"));
    json_begin_array(&w);
    json_begin_object(&w);
    json_set_string(&w, S("type"), S("text"));
    json_set_string(&w, S("text"), text);
    json_end_object(&w);
    json_end_array(&w);
    json_set_bool(&w, S("isError"), true);
    json_end_object(&w);
    json_end_object(&w);
}

static void set_server_info(struct json_writer *w, struct slice server_info)
{
    if (server_info.len == 0)
        return;
    json_name(w, S("_meta"));
    json_begin_object(w);
    json_set_raw(w, META_SERVER_INFO, server_info);
    json_end_object(w);
}

void compose_input_required(struct buf *to, struct slice id, const struct json_value *requests,
                            struct slice request_state, struct slice server_info)
{
    struct json_writer w = json_writer(to);

    begin(&w, id);
    json_name(&w, S("result"));
    json_begin_object(&w);
    json_set_string(&w, S("resultType"), S("input_required"));
    if (requests != NULL)
        json_set_value(&w, S("inputRequests"), requests);
    if (request_state.len > 0)
        json_set_string(&w, S("requestState"), request_state);
    set_server_info(&w, server_info);
    json_end_object(&w);
    json_end_object(&w);
}

void compose_notification(struct buf *to, struct slice method, const struct json_value *params,
                          const struct json_edit *edits, size_t n_edits)
{
    struct json_writer w = json_writer(to);

    begin(&w, NO_SLICE);
    json_set_string(&w, S("method"), method);
    if (params != NULL || n_edits > 0) {
        json_name(&w, S("params"));
        json_put_edited(to, params, edits, n_edits);
        w.comma = true;
    }
    json_end_object(&w);
}

void compose_subscribed(struct buf *to, struct slice method, const struct json_value *params, struct slice listen_id)
{
    const struct json_edit tag = { META_SUBSCRIPTION_ID, listen_id };
    auto_buf meta;

    buf_init(&meta, to->max);
    json_put_edited(&meta, json_get(params, S("_meta")), &tag, 1);
    const struct json_edit tagged = { S("_meta"), buf_slice(&meta) };
    compose_notification(to, method, params, &tagged, 1);
}

void compose_subscription_end(struct buf *to, struct slice listen_id)
{
    struct json_writer w = json_writer(to);

    begin(&w, listen_id);
    json_name(&w, S("result"));
    json_begin_object(&w);
    json_set_string(&w, S("resultType"), S("complete"));
    json_name(&w, S("_meta"));
    json_begin_object(&w);
    json_set_raw(&w, META_SUBSCRIPTION_ID, listen_id);
    json_end_object(&w);
    json_end_object(&w);
    json_end_object(&w);
}

/* ---- Towards upstreams ---- */

/* A string as JSON, or NO_SLICE for an empty one. The text lives in `room`. */
static struct slice quoted(struct buf *room, struct slice text)
{
    buf_init(room, PART_MAX);
    if (text.len == 0)
        return NO_SLICE;
    json_put_string(room, text);
    return buf_slice(room);
}

static void put_legacy_request_meta(struct buf *to, const struct json_value *meta, struct slice token)
{
    struct json_edit edits[N_ELEMENTS(reserved) + 1];
    size_t n = take_reserved(edits);

    edits[n++] = (struct json_edit){ S("progressToken"), token };
    json_put_edited(to, meta, edits, n);
    if (slice_eq(buf_slice(to), S("{}")))
        buf_clear(to);
}

static void put_modern_request_meta(struct buf *to, const struct json_value *meta, const struct envelope *e,
                                    struct slice token)
{
    auto_buf version, level, traceparent, tracestate, baggage;
    struct json_edit edits[] = {
        { META_PROTOCOL_VERSION, quoted(&version, revision_text(e->revision)) },
        { META_CLIENT_CAPABILITIES, e->capabilities.len > 0 ? e->capabilities : S("{}") },
        { META_CLIENT_INFO, e->client_info },
        { META_LOG_LEVEL, quoted(&level, severity_text(e->log_level)) },
        { META_SERVER_INFO, NO_SLICE },
        { META_SUBSCRIPTION_ID, NO_SLICE },
        { S("progressToken"), token },
        { S("traceparent"), quoted(&traceparent, e->traceparent) },
        { S("tracestate"), quoted(&tracestate, e->tracestate) },
        { S("baggage"), quoted(&baggage, e->baggage) },
    };

    json_put_edited(to, meta, edits, N_ELEMENTS(edits));
}

/* A request's _meta: foreign keys stay, ours are said anew. Empty when there is nothing to say. */
static void put_request_meta(struct buf *to, const struct json_value *meta, const struct envelope *e,
                             struct slice token)
{
    if (e->era == ERA_MODERN)
        put_modern_request_meta(to, meta, e, token);
    else
        put_legacy_request_meta(to, meta, token);
}

void compose_request(struct buf *to, uint64_t id, struct slice method, const struct json_value *params,
                     const struct envelope *envelope, struct slice token, const struct json_edit *edits, size_t n_edits)
{
    struct json_writer w = json_writer(to);
    struct json_edit all[MAX_EDITS];
    size_t n = 0;
    auto_buf meta;

    buf_init(&meta, to->max);
    put_request_meta(&meta, json_get(params, S("_meta")), envelope, token);
    all[n++] = (struct json_edit){ S("_meta"), meta.len > 0 ? buf_slice(&meta) : NO_SLICE };
    for (size_t i = 0; i < n_edits && n < MAX_EDITS; i++)
        all[n++] = edits[i];

    json_begin_object(&w);
    json_set_string(&w, S("jsonrpc"), S("2.0"));
    json_set_u64(&w, S("id"), id);
    json_set_string(&w, S("method"), method);
    if (params != NULL || meta.len > 0 || n > 1) {
        json_name(&w, S("params"));
        json_put_edited(to, params, all, n);
        w.comma = true;
    }
    json_end_object(&w);
}

void compose_initialize(struct buf *to, uint64_t id, const struct envelope *envelope)
{
    struct json_writer w = json_writer(to);

    json_begin_object(&w);
    json_set_string(&w, S("jsonrpc"), S("2.0"));
    json_set_u64(&w, S("id"), id);
    json_set_string(&w, S("method"), S("initialize"));
    json_name(&w, S("params"));
    json_begin_object(&w);
    json_set_string(&w, S("protocolVersion"), revision_text(envelope->revision));
    json_set_raw(&w, S("capabilities"), envelope->capabilities.len > 0 ? envelope->capabilities : S("{}"));
    json_set_raw(&w, S("clientInfo"),
                 envelope->client_info.len > 0 ? envelope->client_info
                                               : S("{\"name\":\"gatehouse\",\"version\":\"0.1.0\"}"));
    json_end_object(&w);
    json_end_object(&w);
}

void compose_response(struct buf *to, struct slice id, struct slice result, struct slice error)
{
    struct json_writer w = json_writer(to);

    begin(&w, id);
    if (error.len > 0)
        json_set_raw(&w, S("error"), error);
    else
        json_set_raw(&w, S("result"), result.len > 0 ? result : S("{}"));
    json_end_object(&w);
}
