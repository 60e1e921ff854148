/*
 * An MCP server behind streamable HTTP, spoken to in the client's own era.
 *
 * Legacy: a session opens with the client's own `initialize`; its id is kept here and never shown to anybody (U-02), and
 * a GET stream brings what belongs to no call. When the server has forgotten the session, a new one is opened once and
 * the refused request is sent again. Modern: a session begins with a `server/discover` of ours and then is nothing but
 * requests that say everything.
 *
 * Memory: an answer in JSON is read whole, an event stream event by event, each at most DIALOGUE_MESSAGE_MAX.
 * Threads: one loop's.
 */
#pragma once

#include "upstream/upstream.h"

struct http_upstream_options {
    struct slice name;     /* of the server, for logs; all texts are copied */
    struct slice url;      /* of its MCP endpoint */
    struct slice headers;  /* to send with each request, written with h1_write_header; may be empty */
    unsigned max_sessions; /* 0: 1024 */
};

/* Gives an upstream; connects to nobody yet. ERR_SYNTAX: not a URL of http; ERR_UNSUPPORTED: one of https. */
must_use enum err http_upstream_new(const struct http_upstream_options *options, struct loop *loop, struct log *log,
                                    struct upstream **ret);
