#include "gateway/session_id.h"

#include <string.h>

#include "base/base64.h"
#include "crypto/seal.h"
#include "json/json_write.h"

static const struct json_limits limits = { .max_depth = 64, .max_nodes = 4096, .max_number_len = 64 };

enum err session_id_seal(const struct session_id *id, const struct keyring *keyring, int64_t now_s, struct buf *to)
{
    auto_buf plain;
    auto_buf name;

    buf_init(&plain, SESSION_ID_MAX);
    buf_init(&name, 2 * SESSION_NAME_BYTES);
    base64url_put(&name, (struct slice){ id->name, sizeof(id->name) });

    struct json_writer w = json_writer(&plain);
    json_begin_object(&w);
    json_set_string(&w, S("name"), buf_slice(&name));
    json_set_string(&w, S("endpoint"), id->endpoint);
    json_set_string(&w, S("principal"), id->envelope.principal);
    json_set_string(&w, S("revision"), revision_text(id->envelope.revision));
    if (id->envelope.capabilities.len > 0)
        json_set_raw(&w, S("capabilities"), id->envelope.capabilities);
    if (id->envelope.client_info.len > 0)
        json_set_raw(&w, S("client"), id->envelope.client_info);
    json_end_object(&w);
    TRY(buf_ok(&plain));

    size_t before = to->len;
    TRY(seal(keyring, SEAL_SESSION, NO_SLICE, buf_slice(&plain), now_s + SESSION_LIFE_S, to));
    if (to->len - before > SESSION_ID_MAX) {
        buf_truncate(to, before);
        return ERR_LIMIT;
    }
    return OK;
}

/* The member's JSON text, in the arena. */
static enum err copy_json(const struct json_value *value, struct arena *arena, struct slice *ret)
{
    auto_buf text = { 0 };

    buf_init(&text, SESSION_ID_MAX);
    if (value == NULL)
        return OK;
    json_put(&text, value);
    TRY(buf_ok(&text));
    *ret = arena_dup(arena, buf_slice(&text));
    return ret->ptr != NULL ? OK : ERR_LIMIT;
}

static enum err read_fields(const struct json_value *root, struct arena *arena, struct session_id *ret)
{
    struct envelope *e = &ret->envelope;
    auto_buf name;

    buf_init(&name, SESSION_NAME_BYTES);
    TRY(base64url_decode(&name, json_get_string(root, S("name"))));
    if (name.len != SESSION_NAME_BYTES)
        return ERR_SYNTAX;
    memcpy(ret->name, name.ptr, SESSION_NAME_BYTES);

    ret->endpoint = arena_dup(arena, json_get_string(root, S("endpoint")));
    e->principal = arena_dup(arena, json_get_string(root, S("principal")));
    e->revision = revision_of(json_get_string(root, S("revision")));
    e->era = ERA_LEGACY;
    e->log_level = SEVERITY_DEBUG; /* until logging/setLevel says otherwise */
    if (ret->endpoint.ptr == NULL || e->principal.ptr == NULL)
        return ERR_LIMIT;
    TRY(envelope_set_capabilities(e, json_get(root, S("capabilities")), arena));
    return copy_json(json_get(root, S("client")), arena, &e->client_info);
}

enum err session_id_open(struct slice text, const struct keyring *keyring, int64_t now_s, struct arena *arena,
                         struct session_id *ret)
{
    auto_buf plain = { 0 };
    auto_free(json) json = NULL;
    struct err_at at;

    buf_init(&plain, SESSION_ID_MAX);
    if (text.len > SESSION_ID_MAX)
        return ERR_LIMIT;
    TRY(unseal(keyring, SEAL_SESSION, NO_SLICE, text, now_s, &plain));
    TRY(json_parse(buf_slice(&plain), &limits, &json, &at));
    *ret = (struct session_id){ 0 };
    return read_fields(json_root(json), arena, ret);
}
