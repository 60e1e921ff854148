/*
 * An upstream: an MCP server as we see it, whatever it is made of (a child's stdio, HTTP, tools written in C).
 *
 * An upstream session is one conversation with it. Legacy clients have one each (decision 2): it is opened with the
 * client's revision, capabilities and info, and does the handshake. Modern clients share one per principal: nothing is
 * negotiated, each exchange carries its envelope. Sessions open lazily: calls started before it is ready wait inside.
 *
 * Every kind is a table of functions (struct upstream_type); only this file's functions call them.
 *
 * Threads: an upstream, its sessions and their exchanges live on one loop. Functions never call back: they push events
 * and wake slots.
 */
#pragma once

#include "mcp/envelope.h"
#include "upstream/exchange.h"

struct log;
struct loop;
struct upstream;
struct upstream_session;

struct upstream_type {
    const char *name; /* "stdio", "http", "kit": for logs */

    /* Allocates the kind's own session struct, whose first member is struct upstream_session, and begins to open it. */
    enum err (*open)(struct upstream *u, const struct envelope *envelope, struct upstream_session **ret);
    void (*close)(struct upstream_session *s); /* takes; no exchange is in flight any more */

    void (*start)(struct upstream_session *s, struct exchange *ex);
    void (*cancel)(struct upstream_session *s, struct exchange *ex); /* forget it, tell the server; push nothing */
    void (*answer)(struct upstream_session *s, uint64_t question, struct slice result, struct slice error);
    void (*notify)(struct upstream_session *s, struct slice method, const struct json_value *params);

    void (*free)(struct upstream *u); /* takes; all sessions are closed */
};

/* Base of each kind's own struct. */
struct upstream {
    const struct upstream_type *type;
    char *name;         /* of the server, as configured */
    struct loop *loop;  /* borrowed */
    struct log *log;    /* borrowed; may be NULL */
    uint64_t n_started; /* exchanges so far: ids come from it, with the loop's number (decision 31a) */
    unsigned n_sessions;
};

/* Base of each kind's own struct. */
struct upstream_session {
    struct upstream *upstream;
    struct list exchanges;    /* in flight */
    unsigned n_holders;       /* whoever may come again: the struct stays until they have let go */
    bool is_closed;           /* nothing reaches the server any more */
    struct envelope envelope; /* the client's, copied at opening: era, revision, capabilities, info, principal, level */
    struct arena arena;       /* what `envelope` points into */

    /* How the opening went. Legacy: `server` is the InitializeResult of the upstream; modern: NULL. */
    enum { UPSTREAM_OPENING, UPSTREAM_READY, UPSTREAM_FAILED } state;
    enum err failure;
    struct json *server_json;
    const struct json_value *server;
    const struct json_value *refusal; /* the error object with which the upstream refused `initialize`, or NULL */
    struct slot opened;

    struct slice server_info;  /* JSON object for results' _meta; empty: the upstream says it itself, or nobody does */
    struct event_queue events; /* what belongs to no exchange: list changes, log lines, questions out of the blue */
};

/* The upstream edges' helpers for their structs. */
void upstream_init(struct upstream *u, const struct upstream_type *type, struct slice name, struct loop *loop,
                   struct log *log);
void upstream_session_init(struct upstream_session *s, struct upstream *u, const struct envelope *envelope);
void upstream_session_done(struct upstream_session *s);
/* The opening has ended: takes `json` (NULL on failure or in the modern era); wakes who waits. */
void upstream_session_opened(struct upstream_session *s, enum err result, struct json *json,
                             const struct json_value *server);
/* A request id of ours that this upstream has not seen: for what the edge itself asks. Exchanges get theirs here too. */
uint64_t upstream_next_id(struct upstream *u);
/* The exchange in flight with this id, or NULL: late and unknown answers find none (U-12). */
struct exchange *upstream_session_find(struct upstream_session *s, uint64_t id);
/* Queues an event of the session itself; the oldest make room. Takes `e`. */
void upstream_session_push(struct upstream_session *s, struct event *e);

/* For the gateway. */
void upstream_free(struct upstream *u); /* takes; NULL is fine */
DEFINE_AUTO_FREE(upstream)

/* Begins a conversation; `envelope` is copied. ERR_BUSY: the server's limit of sessions; ERR_SPAWN and the like. */
must_use enum err upstream_open(struct upstream *u, const struct envelope *envelope, struct upstream_session **ret);
void upstream_close(struct upstream_session *s); /* takes; fails what is in flight with ERR_CANCELLED; NULL is fine */

/*
 * Whoever may speak to a session again, after it was closed perhaps (because it has failed and another one was opened in
 * its place), holds it: what is started on it then fails with ERR_CLOSED, answers and notifications go nowhere.
 */
void upstream_hold(struct upstream_session *s);
void upstream_release(struct upstream_session *s); /* lets go of it once; NULL is fine */

/* WAIT until the conversation stands, then OK, or why it does not. */
must_use enum err upstream_ready(struct upstream_session *s, struct op *op);

void upstream_start(struct upstream_session *s, struct exchange *ex); /* never fails: an error comes as an event */

/* The client's answer to EVENT_QUESTION `question`: the JSON text of a result, or of an error object. */
void upstream_answer(struct upstream_session *s, uint64_t question, struct slice result, struct slice error);
void upstream_notify(struct upstream_session *s, struct slice method, const struct json_value *params);

/* Gives the next event that belongs to no exchange, or WAIT. One op at a time may wait. */
must_use enum err upstream_session_next(struct upstream_session *s, struct op *op, struct event **ret);
