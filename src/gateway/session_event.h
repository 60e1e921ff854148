/*
 * What an upstream session says outside of calls, as a message for the legacy client whose session it is.
 *
 * Threads: one loop.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

struct event;
struct list;
struct session;

/*
 * Appends the message to `to`; a question is added to `questions` (gateway/question.h). Takes the event, which came from
 * the session's own upstream session. ERR_UNSUPPORTED: a question that this client cannot be asked; the upstream has
 * been told. ERR_LIMIT: the message is too large.
 */
must_use enum err session_event_put(struct session *s, struct list *questions, struct event *e, struct buf *to);
