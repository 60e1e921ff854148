#include "mcp/compose.h"

#include "mcp_case.h"

static const struct envelope modern = { .era = ERA_MODERN, .revision = REVISION_2026_07_28 };
static const struct envelope legacy = { .era = ERA_LEGACY, .revision = REVISION_2025_11_25 };

#define INFO "{\"name\":\"up\",\"version\":\"1\"}"

/* What was written is one JSON value, and just this text. */
static void check_text(struct buf *to, const char *expected)
{
    CHECK_OK(buf_ok(to));
    CHECK_SLICE(buf_slice(to), expected);
    buf_putc(to, '\0');
    CHECK(json_is_object(value_of(to->ptr)));
    buf_done(to);
}

static void check_result(const struct envelope *client, const char *method, const char *result, const char *info,
                         const char *expected)
{
    struct buf to;

    buf_init(&to, 10000);
    compose_result(&to, S("1"), slice_of(method), value_of(result), client, slice_of(info));
    check_text(&to, expected);
}

/* ---- Results towards clients (eras.md 5: Results, Caching; J-13, J-16, F-16) ---- */

TEST(a_modern_result_says_that_it_is_complete_and_by_whom)
{
    check_result(&modern, "tools/call", "{\"content\":[]}", INFO,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[],\"resultType\":\"complete\","
                 "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":" INFO "}}}");
    check_result(&modern, "tools/call", "{}", NULL,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\"}}");
}

TEST(what_a_modern_result_says_itself_is_kept)
{
    check_result(
        &modern, "tools/list",
        "{\"resultType\":\"complete\",\"tools\":[],\"ttlMs\":5,\"cacheScope\":\"public\",\"_meta\":{\"k\":1,"
        "\"io.modelcontextprotocol/serverInfo\":{\"name\":\"own\"}}}",
        INFO,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",\"tools\":[],\"ttlMs\":5,"
        "\"cacheScope\":\"public\",\"_meta\":{\"k\":1,\"io.modelcontextprotocol/serverInfo\":{\"name\":\"own\"}}}}");
}

TEST(F_16_lists_and_reads_say_how_long_they_keep)
{
    static const char *const methods[] = { "tools/list", "prompts/list", "resources/list", "resources/templates/list",
                                           "resources/read" };

    for (size_t i = 0; i < N_ELEMENTS(methods); i++)
        check_result(&modern, methods[i], "{}", NULL,
                     "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",\"ttlMs\":0,"
                     "\"cacheScope\":\"private\"}}");
    check_result(&modern, "prompts/get", "{}", NULL,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\"}}");
}

TEST(F_16_a_read_that_asks_first_is_not_kept)
{
    check_result(
        &modern, "resources/read", "{\"resultType\":\"input_required\",\"requestState\":\"s\"}", NULL,
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"input_required\",\"requestState\":\"s\"}}");
}

TEST(a_legacy_result_has_nothing_of_the_modern_era)
{
    check_result(&legacy, "tools/list",
                 "{\"resultType\":\"complete\",\"tools\":[],\"ttlMs\":5,\"cacheScope\":\"public\","
                 "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{\"name\":\"own\"}}}",
                 INFO, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[]}}");
    check_result(&legacy, "tools/call",
                 "{\"_meta\":{\"com.example/k\":1,\"io.modelcontextprotocol/subscriptionId\":2},\"content\":[]}", NULL,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"_meta\":{\"com.example/k\":1},\"content\":[]}}");
}

TEST(J_27_keys_of_others_pass_in_both_eras)
{
    check_result(&legacy, "tools/call", "{\"_meta\":{\"io.modelcontextprotocol/related-task\":{\"taskId\":\"t\"}}}",
                 NULL,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"_meta\":{\"io.modelcontextprotocol/related-task\":"
                 "{\"taskId\":\"t\"}}}}");
    check_result(&modern, "tools/call", "{\"_meta\":{\"com.example/k\":1}}", INFO,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"_meta\":{\"com.example/k\":1,"
                 "\"io.modelcontextprotocol/serverInfo\":" INFO "},\"resultType\":\"complete\"}}");
}

TEST(numbers_of_a_result_pass_digit_by_digit)
{
    check_result(&legacy, "tools/call", "{\"structuredContent\":{\"n\":12345678901234567890.10}}", NULL,
                 "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"structuredContent\":{\"n\":12345678901234567890.10}}}");
}

/* ---- Errors (eras.md 5.2) ---- */

static void check_error(const struct envelope *client, const char *method, const char *error, const char *expected)
{
    struct buf to;

    buf_init(&to, 10000);
    compose_error_value(&to, S("\"a\""), slice_of(method), value_of(error), client);
    check_text(&to, expected);
}

#define ERROR(code, message, data)                                                                                     \
    "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"error\":{\"code\":" code ",\"message\":\"" message "\"" data "}}"

TEST(resource_not_found_has_another_code_in_each_era)
{
    const char *old = "{\"code\":-32002,\"message\":\"gone\",\"data\":{\"uri\":\"x:y\"}}";
    const char *now = "{\"code\":-32602,\"message\":\"gone\",\"data\":{\"uri\":\"x:y\"}}";

    check_error(&modern, "resources/read", old, ERROR("-32602", "gone", ",\"data\":{\"uri\":\"x:y\"}"));
    check_error(&modern, "resources/read", now, ERROR("-32602", "gone", ",\"data\":{\"uri\":\"x:y\"}"));
    check_error(&legacy, "resources/read", now, ERROR("-32002", "gone", ",\"data\":{\"uri\":\"x:y\"}"));
    check_error(&legacy, "resources/read", old, ERROR("-32002", "gone", ",\"data\":{\"uri\":\"x:y\"}"));
}

TEST(other_invalid_params_are_passed_on)
{
    check_error(&legacy, "resources/read", "{\"code\":-32602,\"message\":\"bad\"}", ERROR("-32602", "bad", ""));
    check_error(&legacy, "tools/call", "{\"code\":-32602,\"message\":\"bad\",\"data\":{\"uri\":\"x:y\"}}",
                ERROR("-32602", "bad", ",\"data\":{\"uri\":\"x:y\"}"));
    check_error(&modern, "tools/call", "{\"code\":-32602,\"message\":\"bad\"}", ERROR("-32602", "bad", ""));
    check_error(&modern, "tools/call", "{\"code\":-1,\"message\":\"own\",\"data\":[1]}",
                ERROR("-1", "own", ",\"data\":[1]"));
}

TEST(J_23_retired_codes_never_reach_a_modern_client)
{
    check_error(&modern, "prompts/get", "{\"code\":-32002,\"message\":\"x\"}", ERROR("-32602", "x", ""));
    check_error(&modern, "tools/call", "{\"code\":-32042,\"message\":\"x\",\"data\":{\"elicitations\":[]}}",
                ERROR("-32603", "x", ",\"data\":{\"elicitations\":[]}"));
}

TEST(codes_of_the_modern_era_never_reach_a_legacy_client)
{
    check_error(&legacy, "tools/call", "{\"code\":-32021,\"message\":\"x\",\"data\":{\"requiredCapabilities\":{}}}",
                ERROR("-32603", "x", ",\"data\":{\"requiredCapabilities\":{}}"));
    check_error(&legacy, "tools/call", "{\"code\":-32020,\"message\":\"x\"}", ERROR("-32603", "x", ""));
    check_error(&legacy, "tools/call", "{\"code\":-32022,\"message\":\"x\"}", ERROR("-32603", "x", ""));
}

TEST(what_concerns_only_us_and_the_upstream_never_reaches_a_modern_client)
{
    check_error(&modern, "tools/call", "{\"code\":-32020,\"message\":\"x\"}", ERROR("-32603", "x", ""));
    check_error(&modern, "tools/call", "{\"code\":-32022,\"message\":\"x\"}", ERROR("-32603", "x", ""));
    check_error(&modern, "tools/call", "{\"code\":-32021,\"message\":\"x\",\"data\":{\"requiredCapabilities\":{}}}",
                ERROR("-32021", "x", ",\"data\":{\"requiredCapabilities\":{}}"));
}

TEST(U_32_codes_from_before_the_release_are_told_by_their_data)
{
    check_error(&modern, "tools/call", "{\"code\":-32003,\"message\":\"x\",\"data\":{\"requiredCapabilities\":{}}}",
                ERROR("-32021", "x", ",\"data\":{\"requiredCapabilities\":{}}"));
    check_error(&modern, "tools/call", "{\"code\":-32004,\"message\":\"x\",\"data\":{\"supported\":[]}}",
                ERROR("-32603", "x", ",\"data\":{\"supported\":[]}"));
    check_error(&modern, "tools/call", "{\"code\":-32003,\"message\":\"x\"}", ERROR("-32003", "x", ""));
}

TEST(url_elicitation_as_an_error_is_for_2025_11_25_alone)
{
    const char *error = "{\"code\":-32042,\"message\":\"x\",\"data\":{}}";
    struct envelope older = legacy;

    older.revision = REVISION_2025_06_18;
    check_error(&legacy, "tools/call", error, ERROR("-32042", "x", ",\"data\":{}"));
    check_error(&older, "tools/call", error, ERROR("-32603", "x", ",\"data\":{}"));
}

TEST(an_error_that_is_no_error_object_becomes_one)
{
    check_error(&modern, "tools/call", "{}", ERROR("-32603", "The server gave no reason", ""));
    check_error(&modern, "tools/call", "{\"code\":\"x\",\"message\":7}",
                ERROR("-32603", "The server gave no reason", ""));
}

TEST(J_07_an_error_to_what_could_not_be_read_has_no_id)
{
    struct buf to;

    buf_init(&to, 1000);
    compose_error(&to, NO_SLICE, -32700, S("a \"text\""), NO_SLICE);
    check_text(&to, "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,\"message\":\"a \\\"text\\\"\"}}");
}

TEST(a_fault_of_the_upstream_is_named_in_data)
{
    struct buf to;

    buf_init(&to, 1000);
    compose_failure(&to, S("3"), ERR_TIMEOUT);
    check_text(&to, "{\"jsonrpc\":\"2.0\",\"id\":3,\"error\":{\"code\":-32603,\"message\":\"it took too long\","
                    "\"data\":{\"kind\":\"upstream_timeout\"}}}");
    buf_init(&to, 1000);
    compose_failure(&to, S("3"), ERR_BUSY);
    check_text(&to, "{\"jsonrpc\":\"2.0\",\"id\":3,\"error\":{\"code\":-32603,\"message\":\"a queue is full\"}}");
}

/* ---- Asking, notifying ---- */

TEST(M_03_an_answer_that_asks)
{
    struct buf to;

    buf_init(&to, 1000);
    compose_input_required(&to, S("1"), value_of("{\"in1\":{\"method\":\"roots/list\"}}"), S("v1.k.x"), S(INFO));
    check_text(&to, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"input_required\",\"inputRequests\":"
                    "{\"in1\":{\"method\":\"roots/list\"}},\"requestState\":\"v1.k.x\",\"_meta\":"
                    "{\"io.modelcontextprotocol/serverInfo\":" INFO "}}}");
    buf_init(&to, 1000);
    compose_input_required(&to, S("1"), NULL, S("s"), NO_SLICE);
    check_text(&to,
               "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"input_required\",\"requestState\":\"s\"}}");
}

TEST(notifications_have_params_only_if_there_are_some)
{
    struct json_edit edit = { S("progressToken"), S("\"t\"") };
    struct buf to;

    buf_init(&to, 1000);
    compose_notification(&to, S("notifications/initialized"), NULL, NULL, 0);
    check_text(&to, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    buf_init(&to, 1000);
    compose_notification(&to, S("notifications/progress"), value_of("{\"progressToken\":9,\"progress\":1.50}"), &edit,
                         1);
    check_text(&to, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{\"progressToken\":\"t\","
                    "\"progress\":1.50}}");
}

TEST(S_04_a_subscribed_notification_has_our_tag_and_never_the_upstreams)
{
    struct buf to;

    buf_init(&to, 1000);
    compose_subscribed(&to, S("notifications/tools/list_changed"),
                       value_of("{\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":99,\"k\":1}}"), S("\"x\""));
    check_text(&to, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\",\"params\":{\"_meta\":"
                    "{\"io.modelcontextprotocol/subscriptionId\":\"x\",\"k\":1}}}");
    buf_init(&to, 1000);
    compose_subscribed(&to, S("notifications/tools/list_changed"), NULL, S("1"));
    check_text(&to, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\",\"params\":{\"_meta\":"
                    "{\"io.modelcontextprotocol/subscriptionId\":1}}}");
}

TEST(S_05_the_end_of_a_subscription)
{
    struct buf to;

    buf_init(&to, 1000);
    compose_subscription_end(&to, S("1"));
    check_text(&to, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",\"_meta\":"
                    "{\"io.modelcontextprotocol/subscriptionId\":1}}}");
}

/* ---- Requests towards upstreams (eras.md 5: Revision, Client capabilities, Logging, Progress) ---- */

static void check_request(const struct envelope *e, const char *token, const char *params,
                          const struct json_edit *edits, size_t n, const char *expected)
{
    struct buf to;

    buf_init(&to, 10000);
    compose_request(&to, 7, S("tools/call"), params != NULL ? value_of(params) : NULL, e, slice_of(token), edits, n);
    check_text(&to, expected);
}

#define REQUEST(params) "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\"" params "}"

TEST(a_modern_request_carries_its_envelope_and_what_others_put_there)
{
    struct envelope e = modern;

    e.capabilities = S("{\"elicitation\":{\"form\":{}}}");
    e.client_info = S("{\"name\":\"Editor\",\"version\":\"3\"}");
    e.log_level = SEVERITY_INFO;
    check_request(&e, "\"g1\"",
                  "{\"name\":\"deploy\",\"_meta\":{\"com.example/k\":true,"
                  "\"io.modelcontextprotocol/clientCapabilities\":{\"sampling\":{}},\"progressToken\":9}}",
                  NULL, 0,
                  REQUEST(",\"params\":{\"name\":\"deploy\",\"_meta\":{\"com.example/k\":true,"
                          "\"io.modelcontextprotocol/clientCapabilities\":{\"elicitation\":{\"form\":{}}},"
                          "\"progressToken\":\"g1\","
                          "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                          "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"Editor\",\"version\":\"3\"},"
                          "\"io.modelcontextprotocol/logLevel\":\"info\"}}"));
}

TEST(a_modern_request_always_says_version_and_capabilities)
{
    check_request(&modern, NULL, NULL, NULL, 0,
                  REQUEST(",\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                          "\"io.modelcontextprotocol/clientCapabilities\":{}}}"));
}

TEST(a_legacy_request_carries_nothing_of_the_modern_era)
{
    check_request(&legacy, "\"g1\"",
                  "{\"name\":\"book\",\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                  "\"io.modelcontextprotocol/clientCapabilities\":{},\"io.modelcontextprotocol/clientInfo\":{},"
                  "\"io.modelcontextprotocol/logLevel\":\"info\",\"progressToken\":9}}",
                  NULL, 0, REQUEST(",\"params\":{\"name\":\"book\",\"_meta\":{\"progressToken\":\"g1\"}}"));
    check_request(&legacy, NULL,
                  "{\"name\":\"book\",\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                  "\"progressToken\":9}}",
                  NULL, 0, REQUEST(",\"params\":{\"name\":\"book\"}"));
    check_request(&legacy, NULL, NULL, NULL, 0, REQUEST(""));
}

TEST(a_retry_gets_its_answers_and_its_state_byte_by_byte)
{
    struct json_edit edits[] = {
        { S("inputResponses"), S("{\"ok\":{\"action\":\"accept\"}}") },
        { S("requestState"), S("\"zz9\"") },
    };

    check_request(&legacy, NULL, "{\"name\":\"deploy\",\"requestState\":\"ours\"}", edits, 2,
                  REQUEST(",\"params\":{\"name\":\"deploy\",\"requestState\":\"zz9\",\"inputResponses\":"
                          "{\"ok\":{\"action\":\"accept\"}}}"));
}

TEST(trace_context_goes_into_meta_for_the_modern_era)
{
    struct envelope e = modern;

    e.traceparent = S("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    e.tracestate = S("a=b");
    e.baggage = S("c=\"d\"");
    check_request(&e, NULL, "{\"_meta\":{\"traceparent\":\"another\"}}", NULL, 0,
                  REQUEST(",\"params\":{\"_meta\":{"
                          "\"traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\","
                          "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                          "\"io.modelcontextprotocol/clientCapabilities\":{},"
                          "\"tracestate\":\"a=b\",\"baggage\":\"c=\\\"d\\\"\"}}"));
}

TEST(initialize_says_what_the_client_can_do)
{
    struct envelope e = legacy;
    struct buf to;

    e.capabilities = S("{\"roots\":{}}");
    e.client_info = S(INFO);
    buf_init(&to, 1000);
    compose_initialize(&to, 1, &e);
    check_text(&to,
               "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
               "\"capabilities\":{\"roots\":{}},\"clientInfo\":" INFO "}}");
}

TEST(a_question_is_answered_with_a_result_or_an_error)
{
    struct buf to;

    buf_init(&to, 1000);
    compose_response(&to, S("7"), S("{\"action\":\"cancel\"}"), NO_SLICE);
    check_text(&to, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"action\":\"cancel\"}}");
    buf_init(&to, 1000);
    compose_response(&to, S("\"7\""), NO_SLICE, S("{\"code\":-1,\"message\":\"no\"}"));
    check_text(&to, "{\"jsonrpc\":\"2.0\",\"id\":\"7\",\"error\":{\"code\":-1,\"message\":\"no\"}}");
}

TEST(a_failed_tool_says_so_in_its_result)
{
    struct buf to;

    buf_init(&to, 1000);
    compose_tool_failure(&to, S("1"), S("no\n"));
    check_text(&to, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"no\\n\"}],"
                    "\"isError\":true}}");
}

TEST(a_full_buffer_is_noticed_and_never_overrun)
{
    const struct json_value *result =
        value_of("{\"content\":[{\"type\":\"text\",\"text\":\"x\"}],\"_meta\":{\"k\":1}}");

    for (size_t max = 0; max < 200; max++) {
        struct buf to;
        buf_init(&to, max);
        compose_result(&to, S("1"), S("tools/list"), result, &modern, S(INFO));
        CHECK(to.len <= max);
        CHECK(max > 190 || buf_ok(&to) == ERR_LIMIT);
        buf_done(&to);
    }
}
