/*
 * The keyring: master keys kept outside the store, from which every purpose derives a key of its own (HKDF).
 *
 * The first master key seals; all of them open. A new one put in front of the others thus takes over without ending
 * what the old ones sealed. Each is named by an id of 8 hexadecimal digits, which stands in every sealed text.
 *
 * Memory: key material is wiped when freed. Threads: immutable once made; any may read it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

#define KEYRING_KEY_BYTES 32u
#define KEYRING_MAX_KEYS  8u
#define KEYRING_ID_CHARS  8u

struct keyring;

/*
 * Gives the keyring of DATA_DIR/master.key: one to eight keys of 32 bytes, one after the other. Makes the file with one
 * random key, mode 0400, if there is none; two processes that start at once end up with the same.
 *
 *   ERR_PERMISSION  somebody other than the owner may read it, it is not ours, or it is not a plain file
 *   ERR_INVALID     its length is not that of one to eight keys
 *   ERR_SYSTEM      the folder or the file cannot be read or written; errno says why
 */
must_use enum err keyring_open(struct slice data_dir, struct keyring **ret);

/* Gives a keyring of one random key that is written nowhere: what it sealed is lost when it is freed. */
must_use enum err keyring_ephemeral(struct keyring **ret);

/* Gives a keyring of the keys themselves, as they come from the environment or a credential. ERR_INVALID: as above. */
must_use enum err keyring_of(struct slice keys, struct keyring **ret);

void keyring_free(struct keyring *ring); /* takes; NULL is fine */
DEFINE_AUTO_FREE(keyring)

/* The id of the key that seals: borrowed from the ring. */
struct slice keyring_sealing_id(const struct keyring *ring);

/* The key for a purpose under the master key of this id. ERR_NOT_FOUND: no such id. */
must_use enum err keyring_derive(const struct keyring *ring, struct slice id, struct slice purpose,
                                 uint8_t ret[KEYRING_KEY_BYTES]);
