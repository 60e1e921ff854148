#include "gateway/request_state.h"

#include "crypto/hash.h"
#include "crypto/seal.h"
#include "gateway/endpoint.h"
#include "gateway/gateway_internal.h"
#include "loop/loop.h"
#include "mcp/message.h"
#include "json/json_write.h"

#define SALIENT_MAX (8u * 1024 * 1024) /* the salient parameters as text, for the digest */
#define DIGEST_SIZE 32u

/* Everything the state is bound to, as one digest: no two different calls give the same bytes. */
static enum err bind(const struct endpoint *endpoint, const struct envelope *envelope, const struct rpc *rpc,
                     unsigned char digest[DIGEST_SIZE])
{
    auto_buf text;

    buf_init(&text, SALIENT_MAX);
    struct json_writer w = json_writer(&text);
    json_begin_array(&w);
    json_add_string(&w, endpoint->path);
    json_add_string(&w, envelope->principal);
    json_add_string(&w, rpc->method);
    json_add_value(&w, json_get(rpc->params, S("name")));
    json_add_value(&w, json_get(rpc->params, S("uri")));
    json_add_value(&w, json_get(rpc->params, S("arguments")));
    json_end_array(&w);
    TRY(buf_ok(&text));
    hash_sha256(buf_slice(&text), digest);
    return OK;
}

enum err request_state_wrap(const struct endpoint *endpoint, const struct envelope *envelope, const struct rpc *rpc,
                            struct slice inner, struct buf *to)
{
    const struct gateway_options *options = &endpoint->gateway->options;
    unsigned char digest[DIGEST_SIZE];

    if (inner.len > REQUEST_STATE_INNER_MAX)
        return ERR_LIMIT;
    TRY(bind(endpoint, envelope, rpc, digest));
    return seal(endpoint->gateway->keyring, SEAL_REQUEST_STATE, (struct slice){ (const char *)digest, DIGEST_SIZE },
                inner, loop_clock(options->loop)->wall_s + REQUEST_STATE_LIFE_S, to);
}

enum err request_state_unwrap(const struct endpoint *endpoint, const struct envelope *envelope, const struct rpc *rpc,
                              struct slice sealed, struct buf *inner)
{
    const struct gateway_options *options = &endpoint->gateway->options;
    unsigned char digest[DIGEST_SIZE];

    if (sealed.len > REQUEST_STATE_MAX)
        return ERR_SEAL;
    TRY(bind(endpoint, envelope, rpc, digest));
    return unseal(endpoint->gateway->keyring, SEAL_REQUEST_STATE, (struct slice){ (const char *)digest, DIGEST_SIZE },
                  sealed, loop_clock(options->loop)->wall_s, inner);
}
