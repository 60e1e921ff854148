#include "gateway/session_event.h"

#include "gateway/endpoint.h"
#include "gateway/question.h"
#include "gateway/session.h"
#include "mcp/compose.h"

enum err session_event_put(struct session *s, struct list *questions, struct event *taken, struct buf *to)
{
    auto_free(event) e = taken;

    if (e->kind == EVENT_QUESTION) {
        const struct question_origin origin = { s->upstream, e->question, NO_SLICE };
        return question_add(questions, s, &origin, e->method, e->value, to);
    }
    endpoint_heard(s->endpoint, e->method);
    compose_notification(to, e->kind == EVENT_LOG ? S("notifications/message") : e->method, e->value, NULL, 0);
    return buf_ok(to);
}
