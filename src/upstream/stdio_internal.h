/*
 * The inside of stdio upstreams: what the upstream knows of its server, and a session with its child.
 */
#pragma once

#include "loop/child.h"
#include "loop/timer.h"
#include "net/stream.h"
#include "upstream/dialogue.h"
#include "upstream/line_reader.h"
#include "upstream/stdio_upstream.h"

#define STDIO_RESERVE_BYTES (1u * 1024 * 1024) /* of the queue to the child: for answers and cancellations alone */

struct stdio_upstream {
    struct upstream base;
    struct warden *warden;
    struct child_command command; /* with copies of its own */
    unsigned max_children;
    unsigned n_failed_starts; /* in a row */
    uint64_t not_before_ns;   /* the next start: 0 or after a pause */
    uint64_t legacy_until_ns; /* until then the server is known to be of the legacy era only */
};

struct stdio_session {
    struct upstream_session base;
    struct dialogue dialogue;
    struct op op;        /* reads what the child writes */
    struct child *child; /* NULL, as are the streams, once the session has failed */
    struct stream *in;   /* the child's standard input, and so on */
    struct stream *out;
    struct stream *err;
    struct line_reader lines;
    struct line_reader err_lines;
    struct timer deadline; /* for the opening; then for the report of its end */
    bool is_ending;        /* its output has ended */
    struct dialogue_quota err_quota;
};

/* Prepares the session, without a child. */
void stdio_session_init(struct stdio_session *s);

/* Starts the child and the opening. Errors: those of child_new. */
must_use enum err stdio_session_begin(struct stdio_session *s);

/* Gives the child up: its streams close, it is ended with patience. Harmless twice. */
void stdio_session_end(struct stdio_session *s);

void stdio_session_send(struct stdio_session *s, struct exchange *ex);

/* Of a session's opening: the next start waits a while when children end before they have opened, again and again. */
void stdio_upstream_note_start(struct stdio_upstream *u, bool succeeded);
