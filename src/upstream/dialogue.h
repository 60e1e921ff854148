/*
 * What is said with one MCP server, whatever carries it: our notifications and answers out, and what comes back told
 * apart and given to whom it belongs.
 *
 * Answers and progress name our ids. Questions and log lines of legacy servers name nothing: where the carrier knows the
 * call they came for (an HTTP answer), they are that call's; on a channel that all share (stdout), they are the call's
 * only when just one can be meant; everything else is the session's (eras 10).
 *
 * An exchange that the server has been told of has a non-NULL `upstream_part`, set by the carrier.
 *
 * Memory: at most DIALOGUE_QUESTIONS_MAX unanswered questions. Threads: one loop.
 */
#pragma once

#include "upstream/upstream.h"

#define DIALOGUE_MESSAGE_MAX   (4u * 1024 * 1024) /* one message, in either direction (S-84) */
#define DIALOGUE_QUESTIONS_MAX 64u                /* unanswered, of one session */

struct dialogue;

/* How a server took the opening. */
enum dialogue_opening {
    DIALOGUE_STANDS,
    DIALOGUE_LEGACY_ONLY, /* it does not speak a revision of the modern era, in which it was asked */
    DIALOGUE_REFUSED,     /* `value` is its error object */
    DIALOGUE_NONSENSE,
};

/* What the carrier does for the dialogue. */
struct dialogue_carrier {
    /* Sends an answer, a cancellation or another notification. Not OK: it is logged, for nobody waits for it. */
    enum err (*say)(struct dialogue *d, struct buf *message);

    /* Forgets the exchange: its end is about to be pushed, or it is cancelled. Clears its upstream_part. */
    void (*forget)(struct dialogue *d, struct exchange *ex);

    /* The answer to the opening has come. Takes `json`; `value` is the result, or the error, inside it. */
    void (*opened)(struct dialogue *d, enum dialogue_opening how, struct json *json, const struct json_value *value);
};

/* So many lines of a kind are logged in a minute, and the rest is counted. */
struct dialogue_quota {
    uint64_t minute_began_ns;
    unsigned n_logged;
    unsigned n_passed_over;
};

struct dialogue {
    struct upstream_session *session; /* borrowed: what embeds this */
    const struct dialogue_carrier *carrier;
    uint64_t opening_id;   /* of our initialize or server/discover; 0: it was answered, or not sent */
    struct list questions; /* of the server, unanswered */
    unsigned n_questions;
    uint64_t n_asked; /* so far: their numbers */
    struct dialogue_quota noise;
};

void dialogue_init(struct dialogue *d, struct upstream_session *session, const struct dialogue_carrier *carrier);
void dialogue_done(struct dialogue *d); /* forgets all questions, unanswered; may be begun anew */

/* Writes the request that opens the session: the client's own `initialize`, or a `server/discover` in its name. */
void dialogue_put_opening(struct dialogue *d, struct buf *to);

/* The client has gone before the answer: declines what was asked in its name and tells the server. */
void dialogue_cancel(struct dialogue *d, struct exchange *ex);

void dialogue_answer(struct dialogue *d, uint64_t question, struct slice result, struct slice error);
void dialogue_notify(struct dialogue *d, struct slice method, const struct json_value *params); /* legacy era only */

/* On which way a message came. */
struct dialogue_source {
    bool is_shared;      /* by all exchanges under way: nobody knows whose it is */
    struct exchange *ex; /* whose it is; NULL: the session's */
};

/* Takes one message of the server. The session may be lost, and the source's exchange finished, when it returns. */
void dialogue_take(struct dialogue *d, struct slice text, const struct dialogue_source *source);

/* A message was too long and passed over: the exchange that must be meant, if that is known, fails. */
void dialogue_note_too_long(struct dialogue *d);

/* The session has failed: everything that waits is told, in words from which clients of the modern era learn the era. */
void dialogue_fail_all(struct dialogue *d, enum err failure);

/* Ends one exchange on a session that has failed with `failure`. */
void dialogue_fail(struct dialogue *d, struct exchange *ex, enum err failure);

/* True when one more line of the kind may be logged now. */
bool dialogue_quota_take(struct dialogue_quota *q, uint64_t now_ns, unsigned per_minute);
