/*
 * The request target: which path is meant, decoded exactly once (S-76).
 *
 * What could be read in two ways is refused: encoded slashes, backslashes and control characters, dot segments, bytes
 * that are not UTF-8, an absolute form whose host is not the Host header. Pure.
 */
#pragma once

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct target {
    struct slice path;  /* decoded; starts with "/" */
    struct slice query; /* as sent, without the "?"; NO_SLICE: there was none */
};

/*
 * Gives slices of `raw` and of the arena; `host` is the Host header. ERR_HTTP_TARGET: refused, as are the forms that
 * only CONNECT and OPTIONS use. ERR_LIMIT: the arena is full.
 */
must_use enum err target_parse(struct slice raw, struct slice host, struct arena *arena, struct target *ret);
