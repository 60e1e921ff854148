/*
 * Authenticated encryption: AES-256-GCM (NIST SP 800-38D).
 *
 * One key must never see one nonce twice. crypto/seal.h sees to that; whoever calls these has to as well.
 */
#pragma once

#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

#define AEAD_KEY_BYTES   32
#define AEAD_NONCE_BYTES 12
#define AEAD_TAG_BYTES   16

/* Appends ciphertext and tag. `associated` is bound but not included. ERR_LIMIT: `to` is full. */
must_use enum err aead_seal(const uint8_t key[AEAD_KEY_BYTES], const uint8_t nonce[AEAD_NONCE_BYTES],
                            struct slice associated, struct slice plain, struct buf *to);

/* Appends the plain text. ERR_SEAL: altered, or another key, nonce or associated data; ERR_LIMIT. Else nothing. */
must_use enum err aead_open(const uint8_t key[AEAD_KEY_BYTES], const uint8_t nonce[AEAD_NONCE_BYTES],
                            struct slice associated, struct slice sealed, struct buf *plain);
