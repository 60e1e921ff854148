/*
 * What a call came to: a result, an error or questions to the client, as the texts of its last event.
 *
 * Threads: one owner at a time; it may be filled on a handler's thread and read on the loop's.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/slice.h"
#include "kit/kit.h"
#include "mcp/code.h"

#define OUTCOME_MAX_MESSAGE 4096 /* bytes of an error's message */

struct outcome {
    enum kit_event_kind kind; /* KIT_RESULT, KIT_INPUT_REQUIRED or KIT_ERROR */
    struct buf json;
    struct buf state;
    struct buf message;
    int code;
};

void outcome_init(struct outcome *o, size_t max_bytes); /* of its JSON; an empty result until something is put */
void outcome_done(struct outcome *o);

/* Makes it an error, whatever it was. A message too long is cut at a character. */
void outcome_refuse(struct outcome *o, int code, struct slice message);

/* The event that tells it; borrowed from the outcome. */
struct kit_event outcome_event(const struct outcome *o);

/* Adds {"uri":…} to an error: the resource that is not there. */
void outcome_name_uri(struct outcome *o, struct slice uri);
