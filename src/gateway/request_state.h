/*
 * The requestState that modern clients carry from round to round: an upstream's own state, wrapped and sealed by us.
 *
 * Bound to endpoint, principal, method, name and arguments, with an expiry (S-55, requirements M-06, M-07): what comes
 * back altered, late, or with another call is refused. Pure but for the keyring.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct endpoint;
struct envelope;
struct rpc;

#define REQUEST_STATE_INNER_MAX (16u * 1024) /* of an upstream, before wrapping (decision 6) */
#define REQUEST_STATE_MAX       (32u * 1024) /* wrapped */
#define REQUEST_STATE_LIFE_S    (10 * 60)

/* Appends the sealed form of `inner`. ERR_LIMIT: the upstream's state is too large. */
must_use enum err request_state_wrap(const struct endpoint *endpoint, const struct envelope *envelope,
                                     const struct rpc *rpc, struct slice inner, struct buf *to);

/* Appends the upstream's own state. ERR_SEAL: altered, or of another call or caller; ERR_EXPIRED. */
must_use enum err request_state_unwrap(const struct endpoint *endpoint, const struct envelope *envelope,
                                       const struct rpc *rpc, struct slice sealed, struct buf *inner);
