/*
 * What to do with an inbound message: the era it belongs to, and the checks of that era in their order (eras 2, T-71).
 *
 * Pure: the facts of the HTTP request and the parsed message in, a verdict out. The body decides, headers confirm.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"
#include "mcp/code.h"
#include "mcp/message.h"
#include "mcp/revision.h"

/* Header values without blanks at their ends; a NULL pointer means that the header is absent. */
struct front_facts {
    struct slice protocol_version;
    struct slice mcp_method;
    struct slice mcp_name;
    bool has_session; /* Mcp-Session-Id is there */
    bool is_stdio;    /* no headers exist: the checks that compare with them are left out */
};

struct front_verdict {
    enum era era;           /* ERA_UNKNOWN only when refused before it was known */
    enum revision revision; /* modern: of the request; legacy: of the header, or REVISION_UNKNOWN when it names none */
    unsigned status;        /* 200: go on; else the HTTP status of the refusal */
    int64_t code;           /* of the refusal's JSON-RPC error */
    struct slice message;   /* static */
};

/*
 * The verdict on a message. On refusal `data` (emptied first) may hold JSON for error.data: for -32022 the supported
 * revisions and the one asked for; for -32021 never, that check needs to know the tool.
 */
struct front_verdict front_judge(const struct front_facts *facts, const struct rpc *rpc, struct buf *data);

/* Does a client of that era call this method at all? (known methods; removed ones are unknown to the modern era, V-14) */
bool front_knows_method(enum era era, struct slice method);

/* What Mcp-Name must equal for this method: params.name, .uri or .taskId; NO_SLICE: the method has none (T-55). */
struct slice front_subject(struct slice method, const struct json_value *params);
