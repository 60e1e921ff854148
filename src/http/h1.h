/*
 * HTTP/1.1 requests: bytes in, a checked head out, and how its body is framed.
 *
 * Whatever two parsers might read differently is refused (S-66): lengths in doubt, codings other than one "chunked",
 * folded or bare line ends, blanks where none belong, no Host or several. Limits are counted on the bytes as sent.
 *
 * Memory: an unfinished head is kept up to the limits; a finished one lives in the caller's arena. Between requests
 * nothing is held. Threads: none of its own; one owner at a time. The struct must not move while a head is being read.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "http/h1_body.h"
#include "http/h1_head.h"
#include "http/headers.h"

struct h1 {
    struct h1_head_reader head;
    enum { H1_FIRST, H1_EMPTY_LINE, H1_HEAD } state;
    bool is_begun; /* a byte of the next request has come */
};

struct h1_request {
    struct slice method; /* one that llhttp knows, in capitals */
    struct slice target; /* as sent: printable ASCII without "#" */
    struct slice host;   /* the one Host header; not empty */
    struct http_headers headers;
    unsigned minor;        /* HTTP/1.minor: 0 or 1 */
    bool keep_alive;       /* the client would go on with this connection; never with 1.0 */
    bool expects_continue; /* it waits for "100 Continue" before it sends the body */
    enum h1_framing framing;
    uint64_t content_length; /* of H1_LENGTH */
};

void h1_init(struct h1 *h1, const struct h1_limits *limits); /* borrows the limits */
void h1_done(struct h1 *h1);

/*
 * Reads the head of the next request off the front of *in.
 *
 *   OK    *ret lives in `arena`; *in starts with the body, and the next call reads the request after it
 *   WAIT  *in is used up, the head is not complete
 *   else  the connection cannot be used any more; http_status_of_err() tells the status: ERR_HTTP_SYNTAX, _TARGET,
 *         _LENGTH, _HOST_SYNTAX (400), _URI_TOO_LONG, _EXPECT, _HEAD_TOO_LARGE, _CODING, _VERSION; ERR_MEMORY
 */
must_use enum err h1_read_head(struct h1 *h1, struct slice *in, struct arena *arena, struct h1_request *ret);
