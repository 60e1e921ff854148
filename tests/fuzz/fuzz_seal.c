/*
 * Sealed texts: nothing that a client could send opens but what was sealed, and what was sealed comes back as it was.
 */
#include "base/buf.h"
#include "base/check.h"
#include "crypto/seal.h"
#include "support/fuzz.h"

static void check_forgery(const struct keyring *ring, struct slice text)
{
    auto_buf plain;

    buf_init(&plain, SEAL_MAX_BYTES);
    enum err e = unseal(ring, SEAL_SESSION, S("ada"), text, 1, &plain);
    CHECK(e == ERR_SEAL); /* this key has sealed nothing yet */
    CHECK(plain.len == 0);
}

/* The input as what is sealed; then one bit of the sealed text, which the input chooses, is another. */
static void check_round(const struct keyring *ring, struct slice content)
{
    auto_buf text;
    auto_buf plain;

    buf_init(&text, SEAL_MAX_BYTES);
    buf_init(&plain, SEAL_MAX_BYTES);
    enum err e = seal(ring, SEAL_SESSION, S("ada"), content, 2, &text);
    CHECK(e == OK || (e == ERR_LIMIT && content.len > SEAL_MAX_BYTES / 2));
    if (e != OK)
        return;
    CHECK(unseal(ring, SEAL_SESSION, S("ada"), buf_slice(&text), 1, &plain) == OK);
    CHECK(slice_eq(buf_slice(&plain), content));

    size_t bit = (size_t)slice_hash(content, 1) % (text.len * 8);
    text.ptr[bit / 8] = (char)(text.ptr[bit / 8] ^ (1 << bit % 8));
    CHECK(unseal(ring, SEAL_SESSION, S("ada"), buf_slice(&text), 1, &plain) == ERR_SEAL);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    static const char key[KEYRING_KEY_BYTES] = "a key for the fuzzer, and no one";
    auto_free(keyring) ring = NULL;
    struct slice input = { (const char *)data, size };

    CHECK(keyring_of((struct slice){ key, sizeof(key) }, &ring) == OK);
    check_forgery(ring, input);
    check_round(ring, input);
    return 0;
}
