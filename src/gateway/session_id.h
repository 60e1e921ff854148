/*
 * The id of a legacy client's session: sealed and self-contained, so that it outlives a restart (decisions 2, 3; S-51).
 *
 * It says for which endpoint and principal it is, what the client declared when it began, and when it ends. The random
 * part names the session in memory and in tombstones. Never in it: the upstream's own session id.
 *
 * Threads: any; only values go in and out.
 */
#pragma once

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "mcp/envelope.h"

struct keyring;

#define SESSION_NAME_BYTES 16u              /* of randomness */
#define SESSION_ID_MAX     6144u            /* bytes of a sealed id: it travels in a header block of 32 KiB */
#define SESSION_LIFE_S     (30 * 24 * 3600) /* from its beginning, whatever happens in between */

struct session_id {
    char name[SESSION_NAME_BYTES];
    struct slice endpoint;    /* its path */
    struct envelope envelope; /* principal, revision, capabilities, client info */
};

/* Appends the sealed id. ERR_LIMIT: what the client declared does not fit into one. */
must_use enum err session_id_seal(const struct session_id *id, const struct keyring *keyring, int64_t now_s,
                                  struct buf *to);

/* Gives what `text` says, in `arena`. ERR_SEAL, ERR_EXPIRED, ERR_SYNTAX, ERR_LIMIT: to a client all the same 404. */
must_use enum err session_id_open(struct slice text, const struct keyring *keyring, int64_t now_s, struct arena *arena,
                                  struct session_id *ret);
