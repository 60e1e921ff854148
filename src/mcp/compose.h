/*
 * Messages in the words of one era, written into a buffer (eras 5, 5.2).
 *
 * Ids are JSON text (struct rpc). Nothing here fails by itself; buf_ok() of the buffer tells at the end.
 */
#pragma once

#include "base/buf.h"
#include "base/slice.h"
#include "mcp/code.h"
#include "mcp/envelope.h"
#include "json/json_write.h"

/* ---- Towards clients ---- */

/*
 * The answer to a request of `method`. Modern: adds resultType "complete" if absent, `server_info` (JSON, may be empty)
 * as _meta serverInfo if absent, and on lists, reads and discover ttlMs 0 and cacheScope "private" if absent (F-16).
 * Legacy: takes resultType, ttlMs, cacheScope and the reserved keys of _meta away.
 */
void compose_result(struct buf *to, struct slice id, struct slice method, const struct json_value *result,
                    const struct envelope *client, struct slice server_info);

/* An error of our own; `data` is JSON or empty. Without an id there is no id member (J-07). */
void compose_error(struct buf *to, struct slice id, int64_t code, struct slice message, struct slice data);

/* No answer came: an internal error with data.kind where the upstream is at fault. */
void compose_failure(struct buf *to, struct slice id, enum err failure);

/* An upstream's error object, its code translated for the client's revision: -32002 and -32602 on resources/read. */
void compose_error_value(struct buf *to, struct slice id, struct slice method, const struct json_value *error,
                         const struct envelope *client);

/* A tool's result that says it failed (isError), in any era. */
void compose_tool_failure(struct buf *to, struct slice id, struct slice text);

/* The modern answer that asks. `request_state` empty: none; `requests` NULL: none. */
void compose_input_required(struct buf *to, struct slice id, const struct json_value *requests,
                            struct slice request_state, struct slice server_info);

/* A notification whose params are changed by the edits (raw JSON values). `params` NULL and no edits: no params. */
void compose_notification(struct buf *to, struct slice method, const struct json_value *params,
                          const struct json_edit *edits, size_t n_edits);

/* A notification of a subscription, tagged with the id of its subscriptions/listen (S-04); a tag it had is replaced. */
void compose_subscribed(struct buf *to, struct slice method, const struct json_value *params, struct slice listen_id);

/* The last word of a subscription that the server ends (S-05). */
void compose_subscription_end(struct buf *to, struct slice listen_id);

/* ---- Towards upstreams ---- */

/*
 * A request in the era of `envelope`. Modern: params._meta gets the reserved keys from the envelope; legacy: it has
 * none. Foreign keys of _meta stay. The progress token becomes `token` (JSON text) if the client wants progress.
 * `edits` change further members of params.
 */
void compose_request(struct buf *to, uint64_t id, struct slice method, const struct json_value *params,
                     const struct envelope *envelope, struct slice token, const struct json_edit *edits,
                     size_t n_edits);

/* initialize with the client's revision, capabilities and info (a name of ours where it gave none). */
void compose_initialize(struct buf *to, uint64_t id, const struct envelope *envelope);

/* A response to a question; id as JSON text; one of the two texts (JSON) is empty. */
void compose_response(struct buf *to, struct slice id, struct slice result, struct slice error);
