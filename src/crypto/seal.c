/*
 * A sealed text:
 *
 *     v1 . KEYID . base64url( salt 24 | AES-256-GCM( expiry 8, big endian | plain ) | tag 16 )
 *
 * Every text has a key of its own, HMAC-SHA256(key of the purpose, salt), so that no number of texts brings a random
 * nonce near its birthday; the nonce is the first half of the salt. Bound, besides: version, key id and context.
 */
#include "crypto/seal.h"

#include "base/base64.h"
#include "base/check.h"
#include "base/random.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

#define SALT_BYTES   24
#define EXPIRY_BYTES 8
#define OVERHEAD     (SALT_BYTES + EXPIRY_BYTES + AEAD_TAG_BYTES)

/* These names are in the keys of everything ever sealed: they never change. */
static struct slice purpose_name(enum seal_purpose purpose)
{
    switch (purpose) {
    case SEAL_SESSION:
        return S("gatehouse seal v1 session");
    case SEAL_REQUEST_STATE:
        return S("gatehouse seal v1 request state");
    }
    UNREACHABLE();
}

/* Wipes what it held before it frees it. */
static void wiped_done(struct buf *b)
{
    if (b->ptr != NULL)
        explicit_bzero(b->ptr, b->size);
    buf_done(b);
}

#define auto_wiped_buf __attribute__((cleanup(wiped_done))) struct buf

static enum err key_of(const struct keyring *ring, struct slice id, enum seal_purpose purpose, struct slice salt,
                       uint8_t ret[AEAD_KEY_BYTES])
{
    uint8_t purpose_key[KEYRING_KEY_BYTES];

    TRY(keyring_derive(ring, id, purpose_name(purpose), purpose_key));
    hash_hmac_sha256((struct slice){ (const char *)purpose_key, sizeof(purpose_key) }, salt, ret);
    explicit_bzero(purpose_key, sizeof(purpose_key));
    return OK;
}

/* "v1.KEYID." and the context: the first has a fixed length, so that the two cannot run into each other. */
static void put_associated(struct buf *to, struct slice id, struct slice context)
{
    buf_put(to, S("v1."));
    buf_put(to, id);
    buf_putc(to, '.');
    buf_put(to, context);
    CHECK(buf_ok(to) == OK);
}

static void put_expiry(struct buf *to, int64_t wall_s)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        buf_putc(to, (char)((uint64_t)wall_s >> shift & 0xff));
}

static int64_t read_expiry(struct slice plain)
{
    uint64_t wall_s = 0;

    for (size_t i = 0; i < EXPIRY_BYTES; i++)
        wall_s = wall_s << 8 | (unsigned char)plain.ptr[i];
    return (int64_t)wall_s;
}

enum err seal(const struct keyring *ring, enum seal_purpose purpose, struct slice context, struct slice plain,
              int64_t expires_wall_s, struct buf *to)
{
    struct slice id = keyring_sealing_id(ring);
    char salt[SALT_BYTES];
    uint8_t key[AEAD_KEY_BYTES];
    auto_wiped_buf content = { .max = EXPIRY_BYTES + SEAL_MAX_BYTES };
    auto_buf associated = { .max = 16 + context.len };
    auto_buf binary = { .max = OVERHEAD + SEAL_MAX_BYTES };
    auto_buf text = { .max = SEAL_MAX_BYTES };

    random_bytes(salt, sizeof(salt));
    struct slice salt_bytes = { salt, sizeof(salt) };
    TRY(buf_reserve(&content, EXPIRY_BYTES + plain.len)); /* at once: growing would leave copies behind */
    put_expiry(&content, expires_wall_s);
    buf_put(&content, plain);
    put_associated(&associated, id, context);

    TRY(key_of(ring, id, purpose, salt_bytes, key));
    buf_put(&binary, salt_bytes);
    enum err e = aead_seal(key, (const uint8_t *)salt, buf_slice(&associated), buf_slice(&content), &binary);
    explicit_bzero(key, sizeof(key));
    TRY(e);

    buf_put(&text, slice_first(buf_slice(&associated), associated.len - context.len));
    base64url_put(&text, buf_slice(&binary));
    TRY(buf_ok(&text));
    TRY(buf_reserve(to, text.len));
    buf_put(to, buf_slice(&text));
    return OK;
}

static enum err open_binary(const struct keyring *ring, enum seal_purpose purpose, struct slice id,
                            struct slice context, struct slice binary, struct buf *content)
{
    auto_buf associated = { .max = 16 + context.len };
    uint8_t key[AEAD_KEY_BYTES];

    if (binary.len < OVERHEAD)
        return ERR_SEAL;
    if (key_of(ring, id, purpose, slice_first(binary, SALT_BYTES), key) != OK)
        return ERR_SEAL;
    put_associated(&associated, id, context);
    enum err e =
        aead_open(key, (const uint8_t *)binary.ptr, buf_slice(&associated), slice_from(binary, SALT_BYTES), content);
    explicit_bzero(key, sizeof(key));
    return e;
}

enum err unseal(const struct keyring *ring, enum seal_purpose purpose, struct slice context, struct slice text,
                int64_t now_wall_s, struct buf *plain)
{
    auto_wiped_buf content = { .max = EXPIRY_BYTES + SEAL_MAX_BYTES };
    auto_buf binary = { .max = SEAL_MAX_BYTES };
    struct slice version, id;

    if (text.len > SEAL_MAX_BYTES)
        return ERR_SEAL;
    if (!slice_next(&text, '.', &version) || !slice_eq(version, S("v1")) || !slice_next(&text, '.', &id) ||
        id.len != KEYRING_ID_CHARS || base64url_decode(&binary, text) != OK)
        return ERR_SEAL;
    TRY(open_binary(ring, purpose, id, context, buf_slice(&binary), &content));
    if (now_wall_s >= read_expiry(buf_slice(&content)))
        return ERR_EXPIRED;

    struct slice found = slice_from(buf_slice(&content), EXPIRY_BYTES);
    TRY(buf_reserve(plain, found.len));
    buf_put(plain, found);
    return OK;
}
