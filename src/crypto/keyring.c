#include "crypto/keyring.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/random.h"
#include "crypto/hash.h"
#include "crypto/keyring_internal.h"

struct master {
    uint8_t key[KEYRING_KEY_BYTES];
    char id[KEYRING_ID_CHARS];
};

struct keyring {
    struct master masters[KEYRING_MAX_KEYS];
    size_t n;
};

static struct slice key_of(const struct master *master)
{
    return (struct slice){ (const char *)master->key, sizeof(master->key) };
}

static struct slice id_of(const struct master *master)
{
    return (struct slice){ master->id, sizeof(master->id) };
}

/* The id follows from the key, so that it needs no file of its own; it tells nothing about it. */
static void set_id(struct master *master)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[KEYRING_ID_CHARS / 2];

    hash_hkdf_sha256(key_of(master), NO_SLICE, S("gatehouse key id"), bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++) {
        master->id[2 * i] = digits[bytes[i] >> 4];
        master->id[2 * i + 1] = digits[bytes[i] & 15];
    }
}

enum err keyring_of(struct slice keys, struct keyring **ret)
{
    size_t n = keys.len / KEYRING_KEY_BYTES;

    if (keys.len % KEYRING_KEY_BYTES != 0 || n < 1 || n > KEYRING_MAX_KEYS)
        return ERR_INVALID;

    struct keyring *ring = mem_zalloc(1, sizeof(*ring));
    ring->n = n;
    for (size_t i = 0; i < n; i++) {
        memcpy(ring->masters[i].key, keys.ptr + i * KEYRING_KEY_BYTES, KEYRING_KEY_BYTES);
        set_id(&ring->masters[i]);
    }
    *ret = ring;
    return OK;
}

enum err keyring_open(struct slice data_dir, struct keyring **ret)
{
    struct buf keys;

    buf_init(&keys, KEYRING_MAX_KEYS * KEYRING_KEY_BYTES + 1);
    enum err e = keyring_file_read(data_dir, &keys);
    if (e == OK)
        e = keyring_of(buf_slice(&keys), ret);
    if (keys.ptr != NULL)
        explicit_bzero(keys.ptr, keys.size);
    buf_done(&keys);
    return e;
}

enum err keyring_ephemeral(struct keyring **ret)
{
    char key[KEYRING_KEY_BYTES];

    random_bytes(key, sizeof(key));
    enum err e = keyring_of((struct slice){ key, sizeof(key) }, ret);
    explicit_bzero(key, sizeof(key));
    return e;
}

void keyring_free(struct keyring *ring)
{
    if (ring == NULL)
        return;
    explicit_bzero(ring, sizeof(*ring));
    free(ring);
}

struct slice keyring_sealing_id(const struct keyring *ring)
{
    return id_of(&ring->masters[0]);
}

enum err keyring_derive(const struct keyring *ring, struct slice id, struct slice purpose,
                        uint8_t ret[KEYRING_KEY_BYTES])
{
    for (size_t i = 0; i < ring->n; i++) {
        if (!slice_eq(id_of(&ring->masters[i]), id))
            continue;
        hash_hkdf_sha256(key_of(&ring->masters[i]), NO_SLICE, purpose, ret, KEYRING_KEY_BYTES);
        return OK;
    }
    return ERR_NOT_FOUND;
}
