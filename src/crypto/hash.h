/*
 * SHA-256, and what is built on it: HMAC (RFC 2104) and HKDF (RFC 5869).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define HASH_SHA256_BYTES 32

void hash_sha256(struct slice bytes, uint8_t ret[HASH_SHA256_BYTES]);
void hash_hmac_sha256(struct slice key, struct slice bytes, uint8_t ret[HASH_SHA256_BYTES]);

/* Derives `n` bytes, at most 255 * 32, from a key; `info` says what for, so that no two purposes share a key. */
void hash_hkdf_sha256(struct slice key, struct slice salt, struct slice info, uint8_t *ret, size_t n);
