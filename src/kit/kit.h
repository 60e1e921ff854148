/*
 * The kit as the gateway sees it: what a server written in C offers, and calls of its handlers as neutral events.
 *
 * A struct kit is what include/gatehouse/server.h calls a struct gatehouse_server. The edge in upstream/ starts calls
 * on its loop and is told what comes of them; which era the client speaks, the kit never learns.
 *
 * Memory: a call holds a copy of its arguments and its result, both limited. Threads: several loops may use one kit,
 * each with calls and listeners of its own, touched by that loop's thread alone. Handlers run on a lane (loop/work.h)
 * that starts with the first call that needs one, so a kit can be made before the process forks.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "mcp/envelope.h"

struct gatehouse_server;
struct json_value;
struct kit;
struct kit_call;
struct kit_listener;
struct loop;

struct kit *kit_of(struct gatehouse_server *server); /* the same thing by its inner name; borrowed */

/* Takes; NULL is fine. All calls were cancelled and all listeners ended before; waits for handlers still running. */
void kit_free(struct kit *kit);
DEFINE_AUTO_FREE(kit)

/* ---- Facts, for `initialize` and `server/discover`: each appends one JSON value ---------------------------------- */

void kit_put_server_info(struct kit *kit, struct buf *to);
void kit_put_capabilities(struct kit *kit, struct buf *to); /* what has no entries is not in it */
struct slice kit_instructions(const struct kit *kit);       /* plain text; empty: none */
struct slice kit_name(const struct kit *kit);
const char *kit_problem(struct kit *kit); /* why it must not be served: a registration failed; NULL: it may */

/* How long lists may be kept, and by whom: for the front edge's answer to discover. */
uint64_t kit_fresh_ms(const struct kit *kit);
bool kit_is_same_for_everyone(const struct kit *kit);

/* ---- Calls ------------------------------------------------------------------------------------------------------- */

/* All of it borrowed for kit_call_start. */
struct kit_request {
    struct slice method;
    const struct json_value *params;          /* NULL: none; its _meta is not looked at */
    const struct json_value *input_responses; /* of a later round: object of key and answer; NULL: none */
    struct slice state;                       /* what KIT_INPUT_REQUIRED gave in the round before, unsealed; or empty */
    struct slice principal;                   /* empty: nobody is logged in */
    unsigned abilities;                       /* of the client: bits of enum envelope_ability */
    enum log_severity log_level;              /* the least that the client wants to read; NONE: nothing */
    bool wants_progress;
};

enum kit_event_kind {
    KIT_PROGRESS,       /* `json`: params of notifications/progress, without the token */
    KIT_LOG,            /* `json`: params of notifications/message */
    KIT_INPUT_REQUIRED, /* last; `json`: the inputRequests object; `state`: to be sealed for the next round, or empty */
    KIT_RESULT,         /* last; `json`: the result object, without resultType and server info */
    KIT_ERROR,          /* last; `code`, `message`, and `json`: its data, or empty */
};

/* Borrowed for the kit_event_fn. */
struct kit_event {
    enum kit_event_kind kind;
    struct slice json;
    struct slice state;
    struct slice message;
    int code;
};

/* On the call's loop, between ops or inside the call's own: it notes and wakes, and may cancel this very call. */
typedef void (*kit_event_fn)(struct kit_call *call, const struct kit_event *event, void *context);

/*
 * Starts a call; never fails: what is wrong comes as KIT_ERROR. No event comes before this has returned. After the last
 * event the call still is the caller's to cancel.
 *
 * Methods: tools/list, tools/call, resources/list, resources/templates/list, resources/read, prompts/list, prompts/get,
 * completion/complete; any other, and those of which nothing is registered, get -32601. A resource that is not there is
 * -32602 with {"uri":…}; a full pool is -32603.
 */
struct kit_call *kit_call_start(struct kit *kit, struct loop *loop, const struct kit_request *request, kit_event_fn fn,
                                void *context);

/* Takes the call, in whatever state; NULL is fine. No event follows; a handler at work is told to stop. */
void kit_call_cancel(struct kit_call *call);

/* ---- Listening --------------------------------------------------------------------------------------------------- */

enum kit_change {
    KIT_TOOLS_CHANGED,
    KIT_PROMPTS_CHANGED,
    KIT_RESOURCES_CHANGED,
    KIT_RESOURCE_UPDATED, /* `uri`; empty: more of them than are worth naming, so perhaps any */
};

/* On the listener's loop, between ops: it notes and wakes, and may end this very listener. Equal changes are merged. */
typedef void (*kit_change_fn)(enum kit_change change, struct slice uri, void *context);

struct kit_listener *kit_listen(struct kit *kit, struct loop *loop, kit_change_fn fn, void *context);
void kit_unlisten(struct kit_listener *listener); /* takes; nothing is told after this; NULL is fine */
