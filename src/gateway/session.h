/*
 * The session of a legacy client, in memory: what it declared at `initialize`, its upstream session, its calls, the
 * questions that wait for its answer.
 *
 * The id is sealed and outlives this struct (session_id.h): a session that is not in memory is revived from its id and
 * opens its upstream session anew, with what the client declared then. A stdio client has one session and no id.
 *
 * Memory: bounded by the table's `max`; at the limit the session that was idle longest makes room, its id stays good.
 * Threads: one loop.
 */
#pragma once

#include "base/list.h"
#include "base/map.h"
#include "gateway/session_id.h"
#include "loop/timer.h"
#include "upstream/upstream.h"

struct call;
struct endpoint;
struct json_value;
struct question;

#define SESSION_CALLS_MAX     256u /* in flight, of one session */
#define SESSION_QUESTIONS_MAX 64u  /* unanswered, of one session */
#define TOMBSTONES_MAX        65536u

struct session {
    char name[SESSION_NAME_BYTES];
    struct endpoint *endpoint; /* borrowed */
    struct envelope envelope;  /* in `arena`; its log level follows logging/setLevel */
    struct arena arena;
    struct upstream_session *upstream; /* NULL: not opened yet, or lost */
    struct map calls;                  /* by the client's request id: struct call, borrowed */
    struct map questions;              /* by our request id: struct question, borrowed */
    uint64_t n_questions;              /* asked so far: their ids come from it */
    unsigned n_uses;                   /* requests and streams that hold it: it is not freed under them */
    bool has_listener;                 /* a stream takes the session's own events */
    bool ended;                        /* by DELETE: freed when the last user lets go */
    uint64_t used_ns;                  /* when it was last let go of */
    struct session_table *table;       /* NULL: a stdio client's, which is in none */
    struct session_owner *owner;
    struct list idle;       /* among all idle sessions, the longest idle first */
    struct list owner_idle; /* among its owner's */
};

struct session_limits {
    unsigned max_sessions;           /* in memory */
    unsigned max_sessions_per_owner; /* of one principal */
    uint64_t idle_ms;                /* after which the memory is freed */
};

struct session_table {
    const struct keyring *keyring; /* borrowed, as are the next two */
    const struct clock *clock;
    struct session_limits limits;
    struct map sessions; /* by name */
    struct map owners;   /* by principal: struct session_owner */
    struct list idle;
    struct map tombstones; /* names of ended sessions: struct tombstone */
    struct list stones;    /* the oldest first */
};

void session_table_init(struct session_table *t, const struct keyring *keyring, const struct clock *clock,
                        const struct session_limits *limits);
void session_table_done(struct session_table *t); /* frees all sessions; none is in use */

/* A new session for a client that said `initialize`. Copies the envelope. ERR_BUSY: no room, all are in use. */
must_use enum err session_begin(struct session_table *t, struct endpoint *endpoint, const struct envelope *envelope,
                                struct session **ret);

/* The session of a sealed id, revived if it is not in memory. ERR_NOT_FOUND: unknown, ended, expired or not theirs. */
must_use enum err session_find(struct session_table *t, struct endpoint *endpoint, struct slice principal,
                               struct slice id, struct session **ret);

/* A session that is in no table, for the one client of a stdio server. Given back with session_release. */
must_use enum err session_alone(struct endpoint *endpoint, const struct envelope *envelope, struct session **ret);

/* Appends the sealed id. ERR_LIMIT: what the client declared is too large for one. */
must_use enum err session_put_id(const struct session *s, struct buf *to);

/* Whoever got a session from begin or find lets go of it once. */
void session_hold(struct session *s);
void session_release(struct session *s);

/* The client said DELETE: 404 from now on. Calls in flight end with the last user. */
void session_end(struct session *s);

/*
 * Ends the upstream session of the endpoint's session that was idle longest; the session itself stays, and opens it anew
 * when it is used. False: none of its sessions is idle and has one.
 */
bool session_table_yield(struct session_table *t, const struct endpoint *endpoint);

/* The open upstream session; a lost one is opened again. When the server has no room, one of an idle session ends. */
must_use enum err session_upstream(struct session *s, struct upstream_session **ret);

/* Makes every call of every session look again at what may end it. */
void session_table_wake_calls(struct session_table *t);

/* Frees sessions that nobody has used for the idle time. */
void session_table_sweep(struct session_table *t);
