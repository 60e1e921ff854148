#include "crypto/aead.h"

#include <limits.h>

#include <openssl/evp.h>

#include "base/check.h"

#define auto_cipher __attribute__((cleanup(cipher_done))) EVP_CIPHER_CTX *

static void cipher_done(EVP_CIPHER_CTX **cipher)
{
    EVP_CIPHER_CTX_free(*cipher);
}

static const unsigned char *bytes_of(struct slice s)
{
    return (const unsigned char *)s.ptr;
}

enum err aead_seal(const uint8_t key[AEAD_KEY_BYTES], const uint8_t nonce[AEAD_NONCE_BYTES], struct slice associated,
                   struct slice plain, struct buf *to)
{
    if (plain.len > INT_MAX - AEAD_TAG_BYTES)
        return ERR_LIMIT;
    CHECK(associated.len <= INT_MAX);
    TRY(buf_reserve(to, plain.len + AEAD_TAG_BYTES));

    auto_cipher cipher = EVP_CIPHER_CTX_new();
    unsigned char *out = (unsigned char *)to->ptr + to->len;
    int n = 0;
    CHECK(cipher != NULL);
    CHECK(EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce) == 1);
    if (associated.len > 0)
        CHECK(EVP_EncryptUpdate(cipher, NULL, &n, bytes_of(associated), (int)associated.len) == 1);
    if (plain.len > 0)
        CHECK(EVP_EncryptUpdate(cipher, out, &n, bytes_of(plain), (int)plain.len) == 1);
    CHECK(EVP_EncryptFinal_ex(cipher, out + plain.len, &n) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_BYTES, out + plain.len) == 1);
    buf_added(to, plain.len + AEAD_TAG_BYTES);
    return OK;
}

enum err aead_open(const uint8_t key[AEAD_KEY_BYTES], const uint8_t nonce[AEAD_NONCE_BYTES], struct slice associated,
                   struct slice sealed, struct buf *plain)
{
    if (sealed.len < AEAD_TAG_BYTES || sealed.len > INT_MAX)
        return ERR_SEAL;
    CHECK(associated.len <= INT_MAX);
    struct slice body = slice_first(sealed, sealed.len - AEAD_TAG_BYTES);
    TRY(buf_reserve(plain, body.len + 1)); /* one more, so that there is a pointer even for nothing */

    auto_cipher cipher = EVP_CIPHER_CTX_new();
    unsigned char tag[AEAD_TAG_BYTES];
    unsigned char *out = (unsigned char *)plain->ptr + plain->len;
    int n = 0;
    memcpy(tag, sealed.ptr + body.len, sizeof(tag));
    CHECK(cipher != NULL);
    CHECK(EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, nonce) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) == 1);
    if (associated.len > 0)
        CHECK(EVP_DecryptUpdate(cipher, NULL, &n, bytes_of(associated), (int)associated.len) == 1);
    if (body.len > 0)
        CHECK(EVP_DecryptUpdate(cipher, out, &n, bytes_of(body), (int)body.len) == 1);
    if (EVP_DecryptFinal_ex(cipher, out + body.len, &n) != 1) {
        explicit_bzero(out, body.len); /* what does not hold is not shown to anybody */
        return ERR_SEAL;
    }
    buf_added(plain, body.len);
    return OK;
}
