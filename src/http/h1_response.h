/*
 * HTTP/1.1 answers of upstreams: the head, and how the body is framed. Interim answers (1xx) are skipped.
 *
 * A server behind us is trusted with little more than a client: what leaves its length in doubt is an error, and its
 * connection must not be used again (S-66).
 *
 * Memory and threads: as http/h1.h.
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

struct h1_response_reader {
    struct h1_head_reader head;
    unsigned n_interim;
};

struct h1_response {
    unsigned status; /* 200 .. 599 */
    struct http_headers headers;
    bool keep_alive; /* once the body has been read, the connection may carry another request */
    enum h1_framing framing;
    uint64_t content_length; /* of H1_LENGTH */
};

void h1_response_reader_init(struct h1_response_reader *reader,
                             const struct h1_limits *limits); /* borrows the limits */
void h1_response_reader_done(struct h1_response_reader *reader);

/*
 * Reads the head of the answer to one request off the front of *in; `to_head`: that request was a HEAD.
 * OK: *ret lives in `arena`, *in starts with the body. WAIT: *in is used up. ERR_LIMIT: the head is too large.
 * ERR_PROTOCOL: not an answer that can be trusted. ERR_MEMORY.
 */
must_use enum err h1_response_read_head(struct h1_response_reader *reader, bool to_head, struct slice *in,
                                        struct arena *arena, struct h1_response *ret);

/* The body reader for an answer: chunk extensions of 256 bytes and trailers of 8 KiB are skipped. */
void h1_response_body_init(const struct h1_response *response, struct h1_body *body);
