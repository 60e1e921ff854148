/*
 * One JSON-RPC 2.0 message as a value: a request, a notification or a response (requirements J).
 *
 * Memory: all borrowed from the document, except the id's text, which lives in the arena given. Threads: any.
 */
#pragma once

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct json_value;

enum rpc_kind { RPC_REQUEST, RPC_NOTIFICATION, RPC_RESPONSE };

struct rpc {
    enum rpc_kind kind;
    struct slice id;     /* as JSON text, so that 1 and "1" differ; empty: none, or it could not be read */
    struct slice method; /* empty in a response */
    const struct json_value *params;
    const struct json_value *result; /* of a response: one of these two */
    const struct json_value *error;
};

/*
 * Reads a message. ERR_INVALID: not one (the answer is RPC_INVALID_REQUEST); ret->id is set even then when it could be
 * read. ERR_DUPLICATE: a name comes twice in the envelope, or anywhere in its params, where policy and server could
 * each see another value (S-78). ERR_LIMIT: the arena is full, or the id is too long to be echoed.
 */
must_use enum err rpc_parse(const struct json_value *root, struct arena *arena, struct rpc *ret);
