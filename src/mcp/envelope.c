#include "mcp/envelope.h"

#include "base/buf.h"
#include "mcp/meta.h"
#include "json/json_write.h"

#define MEMBER_MAX (32u * 1024) /* of one member of an envelope, as text */
#define TRACE_MAX  8192u        /* of tracestate and baggage: what W3C asks to be passed on at most */

static const struct slice severities[] = {
    [SEVERITY_NONE] = { "", 0 },         [SEVERITY_DEBUG] = S("debug"),     [SEVERITY_INFO] = S("info"),
    [SEVERITY_NOTICE] = S("notice"),     [SEVERITY_WARNING] = S("warning"), [SEVERITY_ERROR] = S("error"),
    [SEVERITY_CRITICAL] = S("critical"), [SEVERITY_ALERT] = S("alert"),     [SEVERITY_EMERGENCY] = S("emergency"),
};

enum log_severity severity_of(struct slice text)
{
    for (enum log_severity s = SEVERITY_DEBUG; s <= SEVERITY_EMERGENCY; s++)
        if (slice_eq(text, severities[s]))
            return s;
    return SEVERITY_NONE;
}

struct slice severity_text(enum log_severity s)
{
    return severities[s];
}

/* A level that we do not know is let through: better one line too many than a lost one. */
bool envelope_wants_log(const struct envelope *e, struct slice level)
{
    enum log_severity s = severity_of(level);

    return e->log_level != SEVERITY_NONE && (s == SEVERITY_NONE || s >= e->log_level);
}

bool envelope_can(const struct envelope *e, enum envelope_ability ability)
{
    return (e->abilities >> ability & 1) != 0;
}

/* A value as JSON text in the arena. */
static enum err copy_json(const struct json_value *value, struct arena *arena, struct slice *ret)
{
    auto_buf text;

    buf_init(&text, MEMBER_MAX);
    json_put(&text, value);
    TRY(buf_ok(&text));
    *ret = arena_dup(arena, buf_slice(&text));
    return ret->ptr != NULL ? OK : ERR_LIMIT;
}

static unsigned bit(enum envelope_ability ability, bool can)
{
    return can ? 1u << ability : 0;
}

static unsigned read_abilities(const struct json_value *capabilities)
{
    const struct json_value *elicitation = json_get(capabilities, S("elicitation"));
    const struct json_value *sampling = json_get(capabilities, S("sampling"));
    bool has_url = json_get(elicitation, S("url")) != NULL;
    bool has_form = json_get(elicitation, S("form")) != NULL || (json_is_object(elicitation) && !has_url);

    return bit(ENVELOPE_CAN_ELICIT_FORM, has_form) | bit(ENVELOPE_CAN_ELICIT_URL, has_url) |
           bit(ENVELOPE_CAN_SAMPLE, json_is_object(sampling)) |
           bit(ENVELOPE_CAN_SAMPLE_WITH_TOOLS, json_is_object(json_get(sampling, S("tools")))) |
           bit(ENVELOPE_CAN_LIST_ROOTS, json_is_object(json_get(capabilities, S("roots"))));
}

enum err envelope_set_capabilities(struct envelope *e, const struct json_value *capabilities, struct arena *arena)
{
    e->abilities = read_abilities(capabilities);
    if (!json_is_object(capabilities)) {
        e->capabilities = NO_SLICE;
        return OK;
    }
    return copy_json(capabilities, arena, &e->capabilities);
}

enum err envelope_set_client_info(struct envelope *e, const struct json_value *info, struct arena *arena)
{
    if (!json_is_object(info)) {
        e->client_info = NO_SLICE;
        return OK;
    }
    return copy_json(info, arena, &e->client_info);
}

/* 2 + 32 + 16 + 2 hexadecimal digits in lower case, neither id all zeros: version 00 of W3C Trace Context. */
static bool is_traceparent(struct slice text)
{
    static const size_t n_digits[] = { 2, 32, 16, 2 };
    struct slice part;

    if (text.len != 55 || !slice_starts(text, S("00-")))
        return false;
    for (size_t i = 0; i < N_ELEMENTS(n_digits); i++) {
        bool has_other_than_0 = false;
        if (!slice_next(&text, '-', &part) || part.len != n_digits[i])
            return false;
        for (size_t k = 0; k < part.len; k++) {
            char c = part.ptr[k];
            if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
                return false;
            has_other_than_0 = has_other_than_0 || c != '0';
        }
        if ((i == 1 || i == 2) && !has_other_than_0)
            return false;
    }
    return true;
}

/* tracestate and baggage travel in headers as they are, so that nothing but printable ASCII may be in them. */
static bool is_list(struct slice text)
{
    if (text.len == 0 || text.len > TRACE_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 0x20 || text.ptr[i] > 0x7e)
            return false;
    return true;
}

/* A member of the trace context that is malformed counts as absent, for nothing is decided by it (J-28). */
static enum err copy_trace(const struct json_value *meta, struct slice name, bool (*is_valid)(struct slice),
                           struct arena *arena, struct slice *ret)
{
    struct slice text = json_get_string(meta, name);

    if (!is_valid(text))
        return OK;
    *ret = arena_dup(arena, text);
    return ret->ptr != NULL ? OK : ERR_LIMIT;
}

enum err envelope_from_initialize(struct envelope *e, const struct json_value *params, struct arena *arena)
{
    const struct json_value *capabilities = json_get(params, S("capabilities"));
    enum revision asked = revision_of(json_get_string(params, S("protocolVersion")));

    if (!json_is_string(json_get(params, S("protocolVersion"))) || !json_is_object(capabilities))
        return ERR_INVALID;
    e->era = ERA_LEGACY;
    e->revision = revision_era(asked) == ERA_LEGACY ? asked : REVISION_NEWEST_LEGACY;
    e->log_level = SEVERITY_DEBUG;
    TRY(envelope_set_capabilities(e, capabilities, arena));
    return envelope_set_client_info(e, json_get(params, S("clientInfo")), arena);
}

enum err envelope_from_legacy_meta(struct envelope *e, const struct json_value *params, struct arena *arena)
{
    const struct json_value *meta = json_get(params, S("_meta"));
    const struct json_value *token = json_get(meta, S("progressToken"));

    TRY(copy_trace(meta, S("traceparent"), is_traceparent, arena, &e->traceparent));
    TRY(copy_trace(meta, S("tracestate"), is_list, arena, &e->tracestate));
    TRY(copy_trace(meta, S("baggage"), is_list, arena, &e->baggage));
    if (token == NULL)
        return OK;
    if (!json_is_string(token) && !json_is_integer(token))
        return ERR_INVALID;
    return copy_json(token, arena, &e->progress_token);
}

enum err envelope_from_meta(struct envelope *e, const struct json_value *params, struct arena *arena)
{
    const struct json_value *meta = json_get(params, S("_meta"));
    const struct json_value *level = json_get(meta, META_LOG_LEVEL);

    e->revision = revision_of(json_get_string(meta, META_PROTOCOL_VERSION));
    if (!json_is_object(json_get(meta, META_CLIENT_CAPABILITIES)))
        return ERR_INVALID;
    TRY(envelope_set_capabilities(e, json_get(meta, META_CLIENT_CAPABILITIES), arena));
    TRY(envelope_set_client_info(e, json_get(meta, META_CLIENT_INFO), arena));
    e->log_level = severity_of(json_string(level));
    if (level != NULL && e->log_level == SEVERITY_NONE) /* S-16 */
        return ERR_INVALID;
    return envelope_from_legacy_meta(e, params, arena);
}

enum err envelope_copy(const struct envelope *from, struct arena *arena, struct envelope *ret)
{
    struct envelope copy = *from;
    struct slice *texts[] = { &copy.principal,   &copy.capabilities, &copy.client_info, &copy.progress_token,
                              &copy.traceparent, &copy.tracestate,   &copy.baggage };

    for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
        if (texts[i]->ptr == NULL)
            continue;
        *texts[i] = arena_dup(arena, *texts[i]);
        if (texts[i]->ptr == NULL)
            return ERR_LIMIT;
    }
    *ret = copy;
    return OK;
}
