/*
 * Reads the head of one HTTP/1 message, request or response, piece by piece; llhttp judges its syntax.
 *
 * llhttp runs strict and only as far as the empty line. Bodies are ours (h1_body.h): llhttp takes chunk extensions,
 * endless zeros before a chunk's size and trailers without a word, and S-66 wants these refused.
 *
 * Memory: what has come of an unfinished head is kept, up to the limits; a head that comes in one piece is copied once,
 * into the arena. Nothing is held between messages.
 */
#pragma once

#include <llhttp.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "http/headers.h"

struct h1_limits {
    size_t first_line_bytes;   /* without its line end */
    size_t header_block_bytes; /* all field lines with their line ends */
    size_t header_fields;
};

struct h1_head_reader {
    llhttp_t parser;
    const struct h1_limits *limits;
    struct buf raw;    /* the head so far, when it came in pieces */
    struct buf spans;  /* struct span: where the fields stand in it */
    const char *piece; /* what llhttp is reading now, */
    size_t piece_at;   /* and its place in the head */
    size_t line_end;   /* where the second line starts; 0: not known yet */
    size_t n_fields;
    bool in_name;
    bool is_complete;
    enum err verdict; /* why a callback stopped llhttp */
};

struct h1_head {
    struct slice first_line; /* without its line end */
    struct http_headers headers;
};

/* Borrows the limits. `type` is HTTP_REQUEST or HTTP_RESPONSE. */
void h1_head_reader_init(struct h1_head_reader *reader, llhttp_type_t type, const struct h1_limits *limits);
void h1_head_reader_done(struct h1_head_reader *reader);

/*
 * Takes bytes off the front of *in. OK: *ret lives in the arena, *in starts with the body; the reader must be
 * initialised again before the next message. WAIT: *in is used up. Else the message is refused: ERR_HTTP_SYNTAX,
 * ERR_HTTP_VERSION, ERR_HTTP_LENGTH, ERR_HTTP_URI_TOO_LONG (first line), ERR_HTTP_HEAD_TOO_LARGE; ERR_MEMORY.
 */
must_use enum err h1_head_read(struct h1_head_reader *reader, struct slice *in, struct arena *arena,
                               struct h1_head *ret);
