/*
 * The envelope of a request: who asks, in which era, and what that client can do (design 5).
 *
 * Legacy edges fill it from a session, modern edges from `_meta`; nothing behind the front edge looks anywhere else.
 *
 * Memory: all texts are borrowed; envelope_copy makes a copy that lives as long as an arena. Threads: any.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "mcp/revision.h"

struct json_value;

#define ENVELOPE_PRINCIPAL_MAX 1024u /* bytes of issuer, subject and client together */

/* The syslog levels of RFC 5424, and none. */
enum log_severity {
    SEVERITY_NONE = 0,
    SEVERITY_DEBUG,
    SEVERITY_INFO,
    SEVERITY_NOTICE,
    SEVERITY_WARNING,
    SEVERITY_ERROR,
    SEVERITY_CRITICAL,
    SEVERITY_ALERT,
    SEVERITY_EMERGENCY,
};

enum envelope_ability {
    ENVELOPE_CAN_ELICIT_FORM, /* `elicitation:{}` means form (M-15) */
    ENVELOPE_CAN_ELICIT_URL,
    ENVELOPE_CAN_SAMPLE,
    ENVELOPE_CAN_SAMPLE_WITH_TOOLS,
    ENVELOPE_CAN_LIST_ROOTS,
};

struct envelope {
    enum era era;
    enum revision revision;
    struct slice principal;      /* who: compared in full where it separates users */
    struct slice capabilities;   /* the client's, a JSON object; empty: none declared */
    struct slice client_info;    /* a JSON object; empty: unknown */
    enum log_severity log_level; /* the least severe message wanted; SEVERITY_NONE: none */
    struct slice progress_token; /* the client's, as JSON text; empty: no progress wanted */
    struct slice traceparent;    /* W3C trace context; empty: none */
    struct slice tracestate;
    struct slice baggage;
    unsigned abilities; /* bits of enum envelope_ability, out of `capabilities` */
};

/* Sets capabilities (text in `arena`) and abilities from the client's object. ERR_LIMIT: the arena is full. */
must_use enum err envelope_set_capabilities(struct envelope *e, const struct json_value *capabilities,
                                            struct arena *arena);

/* Sets client_info (text in `arena`); anything but an object counts as none. ERR_LIMIT: the arena is full. */
must_use enum err envelope_set_client_info(struct envelope *e, const struct json_value *info, struct arena *arena);

/*
 * Fills what a request of the modern era says in params._meta: revision, capabilities, client info, log level, progress
 * token, trace context. Texts in `arena`. ERR_INVALID: a member has the wrong type; ERR_LIMIT.
 */
must_use enum err envelope_from_meta(struct envelope *e, const struct json_value *params, struct arena *arena);

/*
 * Fills what a client of the legacy era says once, in the params of `initialize`: the revision (the newest of that era
 * for one we do not know, V-02), capabilities, client info; every log message is wanted until logging/setLevel. Texts in
 * `arena`. ERR_INVALID: protocolVersion or capabilities are missing; ERR_LIMIT.
 */
must_use enum err envelope_from_initialize(struct envelope *e, const struct json_value *params, struct arena *arena);

/* Legacy: only the progress token and the trace context stand in params._meta. */
must_use enum err envelope_from_legacy_meta(struct envelope *e, const struct json_value *params, struct arena *arena);

must_use enum err envelope_copy(const struct envelope *from, struct arena *arena, struct envelope *ret);

bool envelope_can(const struct envelope *e, enum envelope_ability ability);

enum log_severity severity_of(struct slice text); /* "warning"; SEVERITY_NONE for anything else */
struct slice severity_text(enum log_severity s);  /* empty for SEVERITY_NONE */
bool envelope_wants_log(const struct envelope *e, struct slice level);
