/*
 * The line between a handler on its thread and the call that waits for it on a loop: it carries messages until the loop
 * cuts it.
 *
 * Memory: counted references, one of the call's, one of the handler's and one of each message under way; of these at
 * most LINE_MAX_UNREAD, what is said beyond is lost. Threads: line_cut on the loop's; the rest on any.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/slice.h"
#include "kit/kit.h"

#define LINE_MAX_UNREAD 256u

struct line;
struct loop;

/* What receives, on the loop's thread: never after line_cut. */
typedef void (*line_fn)(void *context, enum kit_event_kind kind, struct slice json);

struct line *line_new(struct loop *loop, line_fn fn, void *context);
struct line *line_ref(struct line *line);
void line_free(struct line *line); /* gives one reference back; NULL is fine */

/* Nothing is received after this, whoever waits is woken, and the loop is not touched again. */
void line_cut(struct line *line);
bool line_is_cut(struct line *line);
bool line_wait_ms(struct line *line, unsigned ms); /* false, and early: it was cut */

/* Sends a copy of `json`. It may be lost: when the line is cut, or nobody comes to read. */
void line_say(struct line *line, enum kit_event_kind kind, struct slice json);
