/*
 * An MCP server behind the standard streams of a child process.
 *
 * Each upstream session has a child of its own (I-13). Legacy: the session opens with the client's own `initialize`.
 * Modern: it opens with a `server/discover` of ours, so that no call reaches a server that does not know the era; one
 * that does not answer every request with "method not found", and clients fall back (eras 3).
 *
 * A child that ends fails what is in flight, and the session with it; the next session starts a new one, after a pause
 * that grows while children end before they have opened.
 *
 * Memory: what waits in either direction is bounded, and so is the number of children. Threads: one loop's; the warden
 * is shared.
 */
#pragma once

#include "loop/warden.h"
#include "upstream/upstream.h"

struct stdio_upstream_options {
    struct slice name;            /* of the server, for logs */
    struct warden *warden;        /* borrowed */
    struct child_command command; /* copied */
    unsigned max_children;        /* at once; 0: 64 */
};

/* Gives an upstream. Nothing is started before the first session opens. */
struct upstream *stdio_upstream_new(const struct stdio_upstream_options *options, struct loop *loop, struct log *log);
