/*
 * The inside of HTTP upstreams: the server, a session with it, and a post, which is one request and its answer.
 */
#pragma once

#include "base/arena.h"
#include "client/client.h"
#include "http/sse.h"
#include "http/url.h"
#include "loop/timer.h"
#include "upstream/dialogue.h"
#include "upstream/http_upstream.h"

#define HTTP_SESSION_ID_MAX 1024u /* of a server's own */

struct http_upstream {
    struct upstream base;
    struct client *client;
    struct url url; /* its texts, and `headers`, are in `arena` */
    struct slice headers;
    struct arena arena;
    unsigned max_sessions;
    uint64_t legacy_until_ns; /* until then the server is known to be of the legacy era only */
    struct list farewells;    /* posts whose session is closed: struct http_post */
};

struct http_session {
    struct upstream_session base;
    struct dialogue dialogue;
    struct buf id;         /* the server's Mcp-Session-Id; empty: none */
    struct slice version;  /* for the header, once negotiated; static or in the server's answer */
    struct list posts;     /* under way: struct http_post */
    unsigned n_openings;   /* so far */
    bool was_reopened;     /* and no request has been answered since */
    struct json *greeting; /* the result of initialize, until the server has taken `initialized` */
    const struct json_value *greeting_value;
};

enum http_post_purpose {
    HTTP_POST_OPENING,
    HTTP_POST_INITIALIZED, /* the session stands when the server has taken it */
    HTTP_POST_EXCHANGE,
    HTTP_POST_MESSAGE, /* an answer or a notification */
    HTTP_POST_LISTEN,  /* the GET stream */
    HTTP_POST_DELETE,
};

struct http_post {
    struct op op; /* a root: frees the post */
    struct list link;
    struct http_session *session; /* NULL: it is closed, and the answer interests nobody */
    struct upstream *upstream;
    enum http_post_purpose purpose;
    enum { HTTP_POST_HEAD, HTTP_POST_JSON, HTTP_POST_SSE, HTTP_POST_REST, HTTP_POST_PAUSE } state;
    struct dialogue_source source; /* its exchange, while that is under way */
    struct client_call *call;
    struct buf body;
    struct sse_reader events;
    struct buf last_event_id; /* of a stream that can be resumed */
    uint64_t retry_ms;
    unsigned n_resumed; /* without an event in between */
    unsigned status;
    bool named_session; /* the request bore the server's session id */
    unsigned opening;   /* the session's at the time of sending, by its number */
    struct timer timer; /* deadline of short posts, pause before a stream is resumed */
};

static inline struct http_upstream *http_upstream_of(const struct http_session *s)
{
    return container_of(s->base.upstream, struct http_upstream, base);
}

/* -- http_post.c ---------------------------------------------------------------------------------------------------- */

/* Starts a post; `text` is its message, or empty for GET and DELETE. `ex` may be NULL; the exchange remembers its post. */
void http_post_start(struct http_session *s, enum http_post_purpose purpose, struct slice text, struct exchange *ex);

/* Lets go of a closed session's post: short ones go on by themselves, all others end. */
void http_post_orphan(struct http_post *post);

/* -- http_session.c ------------------------------------------------------------------------------------------------- */

void http_session_init(struct http_session *s);
void http_session_begin(struct http_session *s);
void http_session_end(struct http_session *s); /* lets go of all posts, and tells the server */
void http_session_send(struct http_session *s, struct exchange *ex);

/* What posts tell their session. It may be lost when these return. */
void http_session_greeted(struct http_session *s,
                          const struct h1_response *head); /* the head of the opening's answer */
void http_session_not_opened(struct http_session *s, unsigned status, enum err failure); /* `status` 0: no answer */
void http_session_stands(struct http_session *s);
void http_session_forgotten(struct http_session *s, const struct http_post *post); /* the server says 404 */

/* Writes the headers of a request; `ex` is NULL or whose it is. */
void http_session_put_headers(const struct http_session *s, enum http_post_purpose purpose, const struct exchange *ex,
                              bool has_body, struct buf *to);
