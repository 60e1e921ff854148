/*
 * Values as people write them: sizes, times, counts, names and URLs.
 *
 * Pure: nothing is looked up or opened. Functions that take a slice borrow it for the call.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

/* ERR_SYNTAX: it is none; ERR_LIMIT: it does not fit 64 bits. */
must_use enum err value_count(struct slice text, uint64_t *ret);    /* 200000 or 200_000 */
must_use enum err value_bytes(struct slice text, uint64_t *ret);    /* 512, 64KiB, 4MiB, 1GiB */
must_use enum err value_duration(struct slice text, uint64_t *ret); /* 500ms, 10s, 5m, 1h, 30d; in milliseconds */

bool value_is_server_name(struct slice text);   /* a-z, 0-9 and inner dashes, at most 63: it becomes a path segment */
bool value_is_variable_name(struct slice text); /* of an environment: letters, digits and _, no digit first */

/* An http or https URL without user and fragment (http/url.h), as far as its safety goes. */
struct value_url {
    bool is_https;
    bool is_local;  /* its host is this machine's loopback */
    bool has_path;  /* beyond the host and a "/" */
    bool is_origin; /* nothing at all behind host and port */
};

/* ERR_SYNTAX: it is none of these. */
must_use enum err value_url(struct slice text, struct value_url *ret);
