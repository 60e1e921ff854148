/*
 * URLs of upstreams: http or https, a host, perhaps a port, a path and a query, and nothing else.
 *
 * No userinfo (it belongs into a credential), no fragment (it never travels), no white space, no backslash: what is
 * accepted is read the same way by everybody. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct url {
    bool is_https;
    bool is_ipv6;
    uint16_t port;          /* the scheme's own when none was written */
    struct slice host;      /* in lower case, without brackets */
    struct slice authority; /* for the Host header: in lower case, with the port where it is not the scheme's own */
    struct slice path;      /* as written, still encoded; at least "/" */
    struct slice query;     /* as written, without the "?"; NO_SLICE: none */
    struct slice target;    /* path and query, as they stand in a request line */
};

/* Gives slices of the arena; `text` is borrowed for the call. ERR_SYNTAX: refused. ERR_LIMIT: the arena is full. */
must_use enum err url_parse(struct slice text, struct arena *arena, struct url *ret);

bool url_same_origin(const struct url *a, const struct url *b); /* scheme, host and port */
