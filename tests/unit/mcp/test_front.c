#include "mcp/front.h"

#include "mcp_case.h"

#define VERSION      "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\""
#define CAPABILITIES "\"io.modelcontextprotocol/clientCapabilities\":{}"
#define META         "\"_meta\":{" VERSION "," CAPABILITIES "}"
#define LIST         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META "}}"
#define CALL         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"add\"," META "}}"
#define LEGACY_LIST  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}"
#define INITIALIZE                                                                                                     \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-06-18\"}}"
#define RESPONSE "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}"

static const struct front_facts no_headers;

static struct front_facts modern(const char *method, const char *name)
{
    return (struct front_facts){
        .protocol_version = S("2026-07-28"),
        .mcp_method = slice_of(method),
        .mcp_name = slice_of(name),
    };
}

static struct front_facts version_only(const char *version)
{
    return (struct front_facts){ .protocol_version = slice_of(version) };
}

static struct front_verdict judge_into(struct front_facts facts, const char *message, struct buf *data)
{
    struct rpc rpc = rpc_of(message);

    return front_judge(&facts, &rpc, data);
}

static struct front_verdict judge(struct front_facts facts, const char *message)
{
    auto_buf data;

    buf_init(&data, 1000);
    return judge_into(facts, message, &data);
}

static void check_passes(struct front_facts facts, const char *message, enum era era, enum revision revision)
{
    struct front_verdict verdict = judge(facts, message);

    CHECK_EQ(verdict.status, 200);
    CHECK_EQ(verdict.era, era);
    CHECK_EQ(verdict.revision, revision);
}

static void check_refused(struct front_facts facts, const char *message, unsigned status, int64_t code)
{
    struct front_verdict verdict = judge(facts, message);

    CHECK_EQ(verdict.status, status);
    CHECK_EQ(verdict.code, code);
    CHECK(verdict.message.len > 0);
}

/* ---- The rows of eras.md, section 2 ---- */

TEST(a_post_with_an_envelope_is_modern)
{
    check_passes(modern("tools/list", NULL), LIST, ERA_MODERN, REVISION_2026_07_28);
    check_passes(modern("tools/call", "add"), CALL, ERA_MODERN, REVISION_2026_07_28);
}

TEST(initialize_without_an_envelope_is_the_legacy_handshake)
{
    check_passes(no_headers, INITIALIZE, ERA_LEGACY, REVISION_UNKNOWN);
    check_passes(version_only("2025-06-18"), INITIALIZE, ERA_LEGACY, REVISION_2025_06_18);
    check_passes(version_only("2031-01-01"), INITIALIZE, ERA_LEGACY, REVISION_UNKNOWN); /* the body negotiates */
    check_refused(version_only("2026-07-28"), INITIALIZE, 400, RPC_HEADER_MISMATCH);
}

TEST(initialize_with_a_modern_envelope_is_an_unknown_method)
{
    check_refused(modern("initialize", NULL),
                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{" META "}}", 404,
                  RPC_METHOD_NOT_FOUND);
}

TEST(no_envelope_with_a_modern_header_is_a_malformed_modern_attempt)
{
    check_refused(version_only("2026-07-28"), LEGACY_LIST, 400, RPC_INVALID_PARAMS);
    check_refused(modern("tools/list", NULL), LEGACY_LIST, 400, RPC_INVALID_PARAMS);
}

TEST(no_envelope_with_a_legacy_header_or_a_session_is_legacy)
{
    struct front_facts session = { .has_session = true };

    check_passes(version_only("2025-03-26"), LEGACY_LIST, ERA_LEGACY, REVISION_2025_03_26);
    check_passes(version_only("2025-11-25"), LEGACY_LIST, ERA_LEGACY, REVISION_2025_11_25);
    check_passes(session, LEGACY_LIST, ERA_LEGACY, REVISION_UNKNOWN);
}

TEST(no_envelope_no_header_no_session_is_legacy_and_names_no_revision)
{
    check_passes(no_headers, LEGACY_LIST, ERA_LEGACY, REVISION_UNKNOWN);
}

TEST(a_response_is_legacy_only)
{
    check_passes((struct front_facts){ .has_session = true }, RESPONSE, ERA_LEGACY, REVISION_UNKNOWN);
    check_refused(version_only("2026-07-28"), RESPONSE, 400, RPC_INVALID_REQUEST);
}

TEST(a_modern_notification_needs_no_envelope)
{
    const char *cancelled = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}";

    check_passes(version_only("2026-07-28"), cancelled, ERA_MODERN, REVISION_2026_07_28);
    check_passes(modern("notifications/cancelled", NULL), cancelled, ERA_MODERN, REVISION_2026_07_28);
    check_refused(modern("tools/list", NULL), cancelled, 400, RPC_HEADER_MISMATCH); /* T-54 */
}

TEST(on_stdio_the_body_alone_decides)
{
    struct front_facts stdio = { .is_stdio = true };

    check_passes(stdio, CALL, ERA_MODERN, REVISION_2026_07_28);
    check_passes(stdio, LEGACY_LIST, ERA_LEGACY, REVISION_UNKNOWN);
    check_passes(stdio, INITIALIZE, ERA_LEGACY, REVISION_UNKNOWN);
    check_refused(stdio, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{" META "}}", 404,
                  RPC_METHOD_NOT_FOUND);
    check_refused(stdio,
                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{" VERSION "}}}", 400,
                  RPC_INVALID_PARAMS);
}

/* ---- Tolerated, because shipping clients do it (R-35) ---- */

TEST(a_legacy_header_with_a_modern_body_is_modern)
{
    check_passes(version_only("2025-11-25"), CALL, ERA_MODERN, REVISION_2026_07_28);
    check_refused((struct front_facts){ .protocol_version = S("2025-11-25"), .mcp_method = S("tools/list") }, CALL, 400,
                  RPC_HEADER_MISMATCH);
}

TEST(a_repeated_version_counts_once)
{
    struct front_facts facts = modern("tools/list", NULL);

    check_passes(version_only("2025-11-25, 2025-11-25"), LEGACY_LIST, ERA_LEGACY, REVISION_2025_11_25);
    check_refused(version_only("2025-11-25, 2025-06-18"), LEGACY_LIST, 400, RPC_INVALID_REQUEST);
    facts.protocol_version = S("2026-07-28,2026-07-28");
    check_passes(facts, LIST, ERA_MODERN, REVISION_2026_07_28);
}

TEST(a_session_whose_header_is_ahead_of_it_stays_legacy)
{
    check_passes((struct front_facts){ .protocol_version = S("2026-07-28"), .has_session = true }, LEGACY_LIST,
                 ERA_LEGACY, REVISION_UNKNOWN);
}

TEST(a_legacy_header_that_nobody_knows_is_refused)
{
    check_refused(version_only("1999-01-01"), LEGACY_LIST, 400, RPC_INVALID_REQUEST);
    check_refused(version_only(""), LEGACY_LIST, 400, RPC_INVALID_REQUEST);
}

/* ---- The modern checks, in the order of T-71 ---- */

TEST(header_and_body_that_disagree_come_first)
{
    const char *bad = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"_meta\":{"
                      "\"io.modelcontextprotocol/protocolVersion\":\"v999.0.0\"}}}";

    check_refused(version_only("2026-07-28"), bad, 400, RPC_HEADER_MISMATCH);
    check_refused(version_only("2030-01-01"), LIST, 400, RPC_HEADER_MISMATCH);
    check_refused(modern("prompts/list", NULL), LIST, 400, RPC_HEADER_MISMATCH);
    check_refused(modern("Tools/list", NULL), LIST, 400, RPC_HEADER_MISMATCH);
    check_refused(modern("tools/call", "Add"), CALL, 400, RPC_HEADER_MISMATCH);
}

TEST(then_what_is_missing_in_meta)
{
    check_refused(modern("ping", NULL),
                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"_meta\":{" CAPABILITIES "}}}", 400,
                  RPC_INVALID_PARAMS);
    check_refused(version_only("v9"),
                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"_meta\":{"
                  "\"io.modelcontextprotocol/protocolVersion\":\"v9\"}}}",
                  400, RPC_INVALID_PARAMS);
    check_refused(version_only("2026-07-28"),
                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
                  "\"io.modelcontextprotocol/protocolVersion\":20260728," CAPABILITIES "}}}",
                  400, RPC_INVALID_PARAMS);
}

TEST(then_a_version_that_is_not_served_with_those_that_are)
{
    auto_buf data;

    buf_init(&data, 1000);
    struct front_verdict verdict =
        judge_into(version_only("v9"),
                   "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"_meta\":{"
                   "\"io.modelcontextprotocol/protocolVersion\":\"v9\"," CAPABILITIES "}}}",
                   &data);
    CHECK_EQ(verdict.status, 400);
    CHECK_EQ(verdict.code, RPC_UNSUPPORTED_VERSION);
    CHECK_SLICE(buf_slice(&data), "{\"supported\":[\"2026-07-28\"],\"requested\":\"v9\"}");
}

TEST(a_legacy_revision_in_meta_is_a_version_that_is_not_served)
{
    check_refused(version_only("2025-11-25"),
                  "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"_meta\":{"
                  "\"io.modelcontextprotocol/protocolVersion\":\"2025-11-25\"," CAPABILITIES "}}}",
                  400, RPC_UNSUPPORTED_VERSION);
}

TEST(then_headers_that_are_missing)
{
    struct front_facts no_version = { .mcp_method = S("tools/list") };

    check_refused(no_version, LIST, 400, RPC_HEADER_MISMATCH);
    check_refused(no_headers, LIST, 400, RPC_HEADER_MISMATCH);
    check_refused(modern(NULL, NULL), LIST, 400, RPC_HEADER_MISMATCH);
    check_refused(modern("tools/call", NULL), CALL, 400, RPC_HEADER_MISMATCH);
    check_refused(modern(NULL, NULL), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"no/such\",\"params\":{" META "}}",
                  400, RPC_HEADER_MISMATCH);
}

TEST(then_a_method_that_does_not_exist)
{
    static const char *const removed[] = {
        "initialize", "ping",         "logging/setLevel", "resources/subscribe", "resources/unsubscribe",
        "no/such",    "tasks/result", "tasks/list"
    };

    for (size_t i = 0; i < N_ELEMENTS(removed); i++) {
        auto_buf text;
        buf_init(&text, 1000);
        buf_printf(&text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{%s}}", removed[i], META);
        buf_putc(&text, '\0');
        check_refused(modern(removed[i], NULL), text.ptr, 404, RPC_METHOD_NOT_FOUND);
    }
}

TEST(mirrored_values_are_compared_decoded)
{
    const char *call =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"gr\xc3\xbc\xc3\x9f\"," META
        "}}";

    check_passes(modern("tools/call", "=?base64?Z3LDvMOf?="), call, ERA_MODERN, REVISION_2026_07_28);
    check_passes(modern("=?base64?dG9vbHMvY2FsbA==?=", "=?base64?YWRk?="), CALL, ERA_MODERN, REVISION_2026_07_28);
    check_refused(modern("tools/call", "=?base64?YWR?="), CALL, 400, RPC_HEADER_MISMATCH);
    check_refused(modern("tools/call", "=?BASE64?YWRk?="), CALL, 400, RPC_HEADER_MISMATCH);
    check_refused(modern("tools/call", "gr\xc3\xbc\xc3\x9f"), call, 400, RPC_HEADER_MISMATCH);
}

TEST(each_method_with_a_subject_mirrors_its_own_member)
{
    const struct json_value *params = value_of("{\"name\":\"n\",\"uri\":\"u\",\"taskId\":\"t\"}");

    CHECK_SLICE(front_subject(S("tools/call"), params), "n");
    CHECK_SLICE(front_subject(S("prompts/get"), params), "n");
    CHECK_SLICE(front_subject(S("resources/read"), params), "u");
    CHECK_SLICE(front_subject(S("tasks/get"), params), "t");
    CHECK_SLICE(front_subject(S("tasks/update"), params), "t");
    CHECK_SLICE(front_subject(S("tasks/cancel"), params), "t");
    CHECK(front_subject(S("tools/list"), params).ptr == NULL);
    CHECK(front_subject(S("tools/call"), value_of("{\"name\":1}")).ptr == NULL);
    CHECK(front_subject(S("tools/call"), NULL).ptr == NULL);
}

TEST(a_header_about_nothing_is_a_disagreement_and_a_call_about_nothing_is_left_to_the_tool)
{
    const char *call = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{" META "}}";

    check_refused(modern("tools/call", "add"), call, 400, RPC_HEADER_MISMATCH);
    check_passes(modern("tools/call", NULL), call, ERA_MODERN, REVISION_2026_07_28);
}

TEST(each_era_knows_its_methods)
{
    CHECK(front_knows_method(ERA_LEGACY, S("ping")) && !front_knows_method(ERA_MODERN, S("ping")));
    CHECK(!front_knows_method(ERA_LEGACY, S("server/discover")) &&
          front_knows_method(ERA_MODERN, S("server/discover")));
    CHECK(front_knows_method(ERA_LEGACY, S("tools/call")) && front_knows_method(ERA_MODERN, S("tools/call")));
    CHECK(!front_knows_method(ERA_UNKNOWN, S("tools/call")) && !front_knows_method(ERA_LEGACY, S("tools/Call")));
}
