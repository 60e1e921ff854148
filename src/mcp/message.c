#include "mcp/message.h"

#include "base/buf.h"
#include "json/json_write.h"

#define ID_MAX (16u * 1024) /* of an id as text; it is echoed in every answer */

static enum err read_id(const struct json_value *id, struct arena *arena, struct slice *ret)
{
    auto_buf text = { 0 };

    buf_init(&text, ID_MAX);
    if (!json_is_string(id) && !json_is_integer(id)) /* null and fractions are no ids (J-02) */
        return ERR_INVALID;
    json_put(&text, id);
    TRY(buf_ok(&text));
    *ret = arena_dup(arena, buf_slice(&text));
    return ret->ptr != NULL ? OK : ERR_LIMIT;
}

static enum err read_response(const struct json_value *root, struct rpc *ret)
{
    ret->kind = RPC_RESPONSE;
    ret->result = json_get(root, S("result"));
    ret->error = json_get(root, S("error"));
    if ((ret->result == NULL) == (ret->error == NULL)) /* exactly one of them (J-05) */
        return ERR_INVALID;
    if (ret->error == NULL)
        return ret->id.len > 0 ? OK : ERR_INVALID;
    return json_is_object(ret->error) ? OK : ERR_INVALID;
}

/* Whoever could not read a message's id says null, or leaves it out (J-07). No other message may. */
static bool is_id_of_unreadable(const struct json_value *root, const struct json_value *id)
{
    return json_is_null(id) && json_get(root, S("error")) != NULL && json_get(root, S("method")) == NULL;
}

enum err rpc_parse(const struct json_value *root, struct arena *arena, struct rpc *ret)
{
    const struct json_value *id = json_get(root, S("id"));
    const struct json_value *method = json_get(root, S("method"));

    *ret = (struct rpc){ 0 };
    if (!json_is_object(root))
        return ERR_INVALID;
    if (id != NULL && !is_id_of_unreadable(root, id))
        TRY(read_id(id, arena, &ret->id));
    if (json_find_duplicate(root).ptr != NULL)
        return ERR_DUPLICATE;
    if (!json_string_is(json_get(root, S("jsonrpc")), S("2.0")))
        return ERR_INVALID;
    if (method == NULL)
        return read_response(root, ret);
    if (!json_is_string(method) || json_get(root, S("result")) != NULL || json_get(root, S("error")) != NULL)
        return ERR_INVALID;
    ret->kind = id != NULL ? RPC_REQUEST : RPC_NOTIFICATION;
    ret->method = json_string(method);
    ret->params = json_get(root, S("params"));
    if (ret->params != NULL && !json_is_object(ret->params))
        return ERR_INVALID;
    return json_find_duplicate_below(ret->params).ptr == NULL ? OK : ERR_DUPLICATE; /* another reader may see another */
}
