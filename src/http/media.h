/*
 * What a message carries and what its sender takes: Content-Type and Accept, as far as MCP needs them.
 *
 * Accept is judged mildly, for real clients are careless (T-05, R-37): absent, a wildcard or JSON alone are all fine, and
 * only a client that excludes JSON and event streams both can be refused. Pure functions.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"
#include "http/headers.h"

/* Is the Content-Type `value` of that type, whatever its parameters? "Application/JSON; charset=utf-8" is JSON. */
bool media_is(struct slice value, struct slice type);

struct media_accept {
    bool json;
    bool sse;
};

/* Neither: 406. */
struct media_accept media_accept(const struct http_headers *headers);
