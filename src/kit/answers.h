/*
 * Answers of the client, and what travels with a call from round to round: its state.
 *
 * The state is a JSON object that the edge seals: "s", the handler's own bytes in Base64, and "a", the answers of
 * earlier rounds that the handler has asked for again. Answers that came with this round stand before those.
 *
 * Memory: two documents. Threads: one owner.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct json;
struct json_value;

struct answers {
    struct json *fresh; /* NULL: none */
    struct json *state; /* NULL: the first round */
    struct buf bytes;   /* the handler's own */
    bool has_bytes;
};

/* Both may be empty. ERR_INVALID: the state is none that we made, or the answers are no object. */
must_use enum err answers_init(struct answers *a, struct slice responses, struct slice state);
void answers_done(struct answers *a); /* zero bits are fine */

const struct json_value *answers_find(const struct answers *a, struct slice key); /* NULL: there is none */

/* Appends the state for the next round; nothing when there is nothing to keep. `kept`: members of an object. */
void answers_put_state(struct buf *to, struct slice kept, bool has_bytes, struct slice bytes);

/* The value at a JSON Pointer (RFC 6901); NULL: nothing is there. */
const struct json_value *answers_at(const struct json_value *value, struct slice pointer);
