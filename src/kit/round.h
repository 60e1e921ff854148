/*
 * A round: one run of a handler, from what it was asked to what it came to. This is struct gatehouse_call.
 *
 * Memory: what was asked is copied, what is said has a limit, what is lent to the handler comes from an arena. Threads:
 * made on the loop, run on a thread of the kit's lane, read on the loop again or freed on either (loop/work.h).
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <gatehouse/server.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/slice.h"
#include "kit/answers.h"
#include "kit/kit.h"
#include "kit/outcome.h"
#include "loop/work.h"

#define MAX_SUGGESTED 100u /* values of a completion that are shown (F-14) */

struct entry;
struct json;
struct line;

struct gatehouse_call {
    struct work work;
    struct line *line;
    struct entry *entry;
    unsigned max_result_bytes;
    struct slice freshness; /* members of a read's result, as JSON; borrowed from the kit, or empty */

    /* What was asked: texts are copies; JSON is parsed when the handler's thread begins. */
    char *subject;
    char *principal; /* NULL: nobody is logged in */
    char *typed;     /* of a completion */
    struct buf arguments_text;
    struct json *arguments; /* an object */
    struct buf responses_text;
    struct buf state_text;
    struct answers answers;
    unsigned abilities;
    enum log_severity log_level;
    bool wants_progress;
    struct arena lent; /* what the handler was given to read */

    /* What the handler has said. */
    struct buf parts; /* content, messages, contents or values, with commas between */
    size_t n_parts;
    enum gatehouse_role role;
    struct buf description;
    struct buf structured;
    bool failed; /* by gatehouse_fail: `parts` is the one text that says why */
    bool ended;  /* `outcome` is an error of the protocol; nothing that is said now matters */
    bool progressed;
    double progress;

    /* What the handler has asked the client. */
    struct map asked;     /* key to one of the two below */
    struct buf questions; /* members of inputRequests */
    struct buf kept;      /* answers that were found, as members, for the next round */
    struct buf next_state;
    bool has_next_state;

    struct outcome outcome;
};

/* Everything borrowed for the call of round_new. */
struct round_options {
    struct entry *entry; /* takes the reference */
    struct line *line;   /* refs it */
    struct slice subject;
    struct slice principal;
    struct slice typed;
    struct slice arguments; /* JSON text of an object; empty: none */
    struct slice responses; /* JSON text of an object; empty: none */
    struct slice state;
    struct slice freshness; /* lives as long as the kit */
    unsigned abilities;
    enum log_severity log_level;
    bool wants_progress;
    unsigned max_result_bytes;
};

/* Gives a round whose `work` is ready to be submitted; work_drop (or its free) frees it. */
struct gatehouse_call *round_new(const struct round_options *options);

/* The handler is at fault, and the client shall be told no more than that: ends the round. */
void round_blame(struct gatehouse_call *call, const char *fault);
void round_refuse(struct gatehouse_call *call, int code, struct slice message);

/* Gives a copy with a NUL behind it, which lives as long as the round; NULL when too much was lent (the round ends). */
const char *round_lend(struct gatehouse_call *call, struct slice text);

/* Formats, for the printf-like functions. False: it is too long, and the round has ended. */
bool round_format(struct gatehouse_call *call, struct buf *to, const char *format, va_list args) format_like(3, 0);

/* The string, or the value as JSON, lent to the handler. NULL: it is none, or holds U+0000. */
const char *round_string(struct gatehouse_call *call, const struct json_value *value);
const char *round_json(struct gatehouse_call *call, const struct json_value *value);

/* Parses JSON that the handler wrote. NULL: it cannot be parsed, and the round has ended. */
struct json *round_parse(struct gatehouse_call *call, const char *json);
