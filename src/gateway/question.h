/*
 * A question to a legacy client: a JSON-RPC request of ours on one of its streams, and the answer that it POSTs later.
 *
 * Whoever asks embeds a struct question per question, shows it with question_put() on a stream, and waits for its slot.
 * Ids are ours ("q-N"), so an answer finds exactly one question of its own session, or none.
 *
 * Memory: the answer is a heap copy, freed by question_done. Threads: one loop.
 */
#pragma once

#include "base/buf.h"
#include "base/list.h"
#include "loop/op.h"

struct event;
struct json_value;
struct session;
struct upstream_session;

/* Who asked: an upstream that waits for upstream_answer, or an input_required round that collects answers by key. */
struct question_origin {
    struct upstream_session *upstream; /* NULL: a round */
    uint64_t number;                   /* for upstream_answer */
    struct slice key;                  /* in the round */
};

struct question {
    struct list link;              /* for whoever asks several */
    struct session *session;       /* NULL: not asked */
    struct slice method;           /* owned copy */
    uint64_t number;               /* in the session */
    struct question_origin origin; /* its upstream held, its key a copy */
    bool answered;
    struct slice result; /* JSON, owned; empty when the client answered with an error */
    struct slice error;  /* JSON, owned */
    struct slot changed; /* woken when it is answered */
};

/* Gives the question an id in the session. ERR_LIMIT: too many are unanswered. */
must_use enum err question_begin(struct question *q, struct session *session, struct slice method);
void question_done(struct question *q); /* forgets it: a late answer is dropped; harmless twice */

/* The request as JSON: this question's id and method, and `params`. */
void question_put(const struct question *q, const struct json_value *params, struct buf *to);

/* May the client be asked this, by what it declared? */
bool question_is_allowed(const struct session *session, struct slice method, const struct json_value *params);

/* The client's response object with this id. False: no such question; the response is dropped. */
bool question_answer(struct session *session, struct slice id, const struct json_value *result,
                     const struct json_value *error);

/* ---- Lists of questions, each a heap block of its own ---- */

/*
 * Appends a question to the list, and its request to `to`. `origin` is copied. ERR_UNSUPPORTED: this client cannot be
 * asked that; an upstream that waits has been told so.
 */
must_use enum err question_add(struct list *questions, struct session *session, const struct question_origin *origin,
                               struct slice method, const struct json_value *params, struct buf *to);

/* Each tells an upstream that still waits for an answer that none will come. */
void question_forget_answered(struct list *questions); /* those of the upstream's own: it has its answer already */
void question_forget_last(struct list *questions);     /* the one added last: it could not be shown */
void question_forget_all(struct list *questions);

/* What an upstream gets when nobody can be asked (eras 6.1). Of a round: nothing. */
void question_decline(const struct question_origin *origin, struct slice method);
