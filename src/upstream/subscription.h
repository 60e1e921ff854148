/*
 * What one listener wants to hear of: kinds of list changes, and resources by URI (requirements S-01).
 *
 * Memory: at most SUBSCRIPTION_URIS_MAX URIs, copied. Threads: one owner.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/slice.h"

struct json_value;

#define SUBSCRIPTION_URIS_MAX 1024u

enum subscription_kind {
    SUBSCRIPTION_TOOLS = 1 << 0,
    SUBSCRIPTION_PROMPTS = 1 << 1,
    SUBSCRIPTION_RESOURCES = 1 << 2,
};

struct subscription {
    unsigned kinds;
    struct map uris;
};

void subscription_init(struct subscription *s);
void subscription_done(struct subscription *s);

void subscription_add_kinds(struct subscription *s, unsigned kinds);
must_use enum err subscription_add_uri(struct subscription *s, struct slice uri); /* again is fine; ERR_LIMIT */
void subscription_remove_uri(struct subscription *s, struct slice uri);

bool subscription_has(const struct subscription *s, enum subscription_kind kind);
bool subscription_has_uri(const struct subscription *s, struct slice uri);
bool subscription_next_uri(const struct subscription *s, size_t *at, struct slice *ret);

/* Takes over what `filter` (params.notifications of subscriptions/listen) asks and the server's capabilities allow. */
must_use enum err subscription_from_filter(struct subscription *s, const struct json_value *filter,
                                           const struct json_value *capabilities);

/* Appends the params of notifications/subscriptions/acknowledged: what is honoured. */
void subscription_put_acknowledgement(const struct subscription *s, struct buf *to);
