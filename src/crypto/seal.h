/*
 * Sealed texts: something only we can read or make, handed to a client to bring back (session ids, request state).
 *
 * `v1.KEYID.` and base64url, so that it fits a header, a URL and JSON. Bound to the purpose and to a context that is
 * not inside (a principal, say): for another purpose or context it does not open. It expires. Sealing the same twice
 * gives two different texts. Layout and reasons: seal.c.
 */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/keyring.h"

enum seal_purpose {
    SEAL_SESSION = 1,   /* the ids of front sessions */
    SEAL_REQUEST_STATE, /* requestState of input_required */
};

#define SEAL_MAX_BYTES (32u * 1024) /* of a sealed text: 16 KiB of state and its wrapping fit (eras.md 11) */

/* Appends the sealed text. ERR_LIMIT: `to` is full, or the sealed text would exceed SEAL_MAX_BYTES. */
must_use enum err seal(const struct keyring *ring, enum seal_purpose purpose, struct slice context, struct slice plain,
                       int64_t expires_wall_s, struct buf *to);

/*
 * Appends what was sealed; on any error nothing.
 *
 *   ERR_SEAL     not ours: altered, cut, another purpose or context, an unknown key, or no sealed text at all
 *   ERR_EXPIRED  ours, but `now_wall_s` has reached its expiry
 *   ERR_LIMIT    `plain` is full
 */
must_use enum err unseal(const struct keyring *ring, enum seal_purpose purpose, struct slice context, struct slice text,
                         int64_t now_wall_s, struct buf *plain);
