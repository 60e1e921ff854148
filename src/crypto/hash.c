#include "crypto/hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/buf.h"
#include "base/check.h"

void hash_sha256(struct slice bytes, uint8_t ret[HASH_SHA256_BYTES])
{
    CHECK(EVP_Digest(bytes.ptr, bytes.len, ret, NULL, EVP_sha256(), NULL) == 1);
}

void hash_hmac_sha256(struct slice key, struct slice bytes, uint8_t ret[HASH_SHA256_BYTES])
{
    static const unsigned char none[1];
    CHECK(key.len <= INT32_MAX);

    /* The library takes a NULL key for "the one of the last call" and NULL bytes for a mistake. */
    const void *key_ptr = key.len > 0 ? key.ptr : (const char *)none;
    const void *ptr = bytes.len > 0 ? bytes.ptr : (const char *)none;
    CHECK(HMAC(EVP_sha256(), key_ptr, (int)key.len, ptr, bytes.len, ret, NULL) != NULL);
}

/*
 * RFC 5869, section 2: first all entropy of the key is gathered into one block, then as many blocks are made of it as
 * are wanted, each out of the one before, the purpose and a counter.
 */
void hash_hkdf_sha256(struct slice key, struct slice salt, struct slice info, uint8_t *ret, size_t n)
{
    uint8_t gathered[HASH_SHA256_BYTES];
    uint8_t block[HASH_SHA256_BYTES];
    size_t n_block = 0; /* there is none before the first */
    struct buf input;
    CHECK(n <= 255 * HASH_SHA256_BYTES);

    buf_init(&input, HASH_SHA256_BYTES + info.len + 1);
    hash_hmac_sha256(salt, key, gathered);
    for (unsigned counter = 1; n > 0; counter++) {
        buf_clear(&input);
        buf_put(&input, (struct slice){ (const char *)block, n_block });
        buf_put(&input, info);
        buf_putc(&input, (char)counter);
        CHECK(buf_ok(&input) == OK);
        hash_hmac_sha256((struct slice){ (const char *)gathered, sizeof(gathered) }, buf_slice(&input), block);

        n_block = n < sizeof(block) ? n : sizeof(block);
        memcpy(ret, block, n_block);
        ret += n_block;
        n -= n_block;
        n_block = sizeof(block);
    }
    explicit_bzero(gathered, sizeof(gathered));
    explicit_bzero(block, sizeof(block));
    if (input.ptr != NULL)
        explicit_bzero(input.ptr, input.size);
    buf_done(&input);
}
