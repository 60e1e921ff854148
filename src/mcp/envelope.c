#include "mcp/envelope.h"

#include "base/buf.h"
#include "mcp/meta.h"
#include "json/json_write.h"

#define MEMBER_MAX (32u * 1024) /* of one member of an envelope, as text */

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

/* Text members of _meta; one of another type counts as absent, for nothing is decided by them. */
static enum err copy_text(const struct json_value *meta, struct slice name, struct arena *arena, struct slice *ret)
{
    struct slice text = json_get_string(meta, name);

    if (text.ptr == NULL)
        return OK;
    *ret = arena_dup(arena, text);
    return ret->ptr != NULL ? OK : ERR_LIMIT;
}

enum err envelope_from_legacy_meta(struct envelope *e, const struct json_value *params, struct arena *arena)
{
    const struct json_value *meta = json_get(params, S("_meta"));
    const struct json_value *token = json_get(meta, S("progressToken"));

    TRY(copy_text(meta, S("traceparent"), arena, &e->traceparent));
    TRY(copy_text(meta, S("tracestate"), arena, &e->tracestate));
    TRY(copy_text(meta, S("baggage"), arena, &e->baggage));
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
