/*
 * Are this Host and this Origin ours? The answer to DNS rebinding (S-49).
 *
 * A page on another site that points its own name at our address still says its own name in Host and Origin, so both
 * must be on the list: the configured public names, and on local listeners (loopback, unix) the loopback names.
 * Pure functions over borrowed texts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct host_rules {
    const struct slice *names; /* "gate.example" on any port, or "gate.example:8443" on that one */
    size_t n_names;
    const struct slice *origins; /* further origins whose pages may call us: "https://app.example" */
    size_t n_origins;
};

/* A host and perhaps a port: "gate.example", "127.0.0.1:80", "[::1]:8080". */
struct authority {
    struct slice host; /* without brackets */
    uint16_t port;     /* 0: none was given */
    bool is_ipv6;
};

/* Borrows from `text`. ERR_SYNTAX: not a host with an optional port; userinfo, zones and percent signs are refused. */
must_use enum err authority_parse(struct slice text, struct authority *ret);

bool host_is_loopback(struct slice host); /* localhost, 127.0.0.0/8 as four numbers, ::1 */

/* The Host header. ERR_HTTP_HOST_SYNTAX: malformed (400); ERR_HTTP_HOST: not ours (421). */
must_use enum err host_check(const struct host_rules *rules, bool is_local, struct slice host);

/* The Origin header, if there is one. OK: it is absent or ours; ERR_HTTP_ORIGIN: it is not (403), as is "null". */
must_use enum err host_check_origin(const struct host_rules *rules, bool is_local, struct slice origin);
