#include "mcp/envelope.h"

#include "mcp_case.h"

static enum err read_modern(const char *meta, struct envelope *ret)
{
    auto_buf text;

    buf_init(&text, 10000);
    buf_printf(&text, "{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\",%s}}", meta);
    buf_putc(&text, '\0');
    *ret = (struct envelope){ .era = ERA_MODERN };
    return envelope_from_meta(ret, value_of(text.ptr), test_arena());
}

#define CAPABILITIES "\"io.modelcontextprotocol/clientCapabilities\":{}"

static struct envelope envelope_with(const char *capabilities)
{
    struct envelope e = { .era = ERA_LEGACY };

    CHECK_OK(envelope_set_capabilities(&e, value_of(capabilities), test_arena()));
    return e;
}

TEST(a_modern_request_says_everything_in_meta)
{
    struct envelope e;

    CHECK_OK(read_modern("\"io.modelcontextprotocol/clientCapabilities\":{\"roots\":{}},"
                         "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"x\",\"version\":\"1\"},"
                         "\"io.modelcontextprotocol/logLevel\":\"warning\",\"progressToken\":\"7\","
                         "\"traceparent\":\"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\","
                         "\"tracestate\":\"a=b\",\"baggage\":\"c=d\"",
                         &e));
    CHECK_EQ(e.revision, REVISION_2026_07_28);
    CHECK_SLICE(e.capabilities, "{\"roots\":{}}");
    CHECK(envelope_can(&e, ENVELOPE_CAN_LIST_ROOTS));
    CHECK_SLICE(e.client_info, "{\"name\":\"x\",\"version\":\"1\"}");
    CHECK_EQ(e.log_level, SEVERITY_WARNING);
    CHECK_SLICE(e.progress_token, "\"7\"");
    CHECK_SLICE(e.traceparent, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    CHECK_SLICE(e.tracestate, "a=b");
    CHECK_SLICE(e.baggage, "c=d");
}

TEST(capabilities_alone_are_required)
{
    struct envelope e;

    CHECK_OK(read_modern(CAPABILITIES, &e));
    CHECK_EQ(e.abilities, 0);
    CHECK_EQ(e.log_level, SEVERITY_NONE);
    CHECK_EQ(e.client_info.len, 0);
    CHECK_EQ(e.progress_token.len, 0);
    CHECK_ERR(read_modern("\"a\":1", &e), ERR_INVALID);
    CHECK_ERR(read_modern("\"io.modelcontextprotocol/clientCapabilities\":[]", &e), ERR_INVALID);
}

TEST(S_16_an_unknown_log_level_is_refused)
{
    struct envelope e;

    CHECK_ERR(read_modern(CAPABILITIES ",\"io.modelcontextprotocol/logLevel\":\"loud\"", &e), ERR_INVALID);
    CHECK_ERR(read_modern(CAPABILITIES ",\"io.modelcontextprotocol/logLevel\":3", &e), ERR_INVALID);
}

TEST(S_10_a_progress_token_is_a_string_or_an_integer_and_keeps_its_type)
{
    struct envelope e;

    CHECK_OK(read_modern(CAPABILITIES ",\"progressToken\":7", &e));
    CHECK_SLICE(e.progress_token, "7");
    CHECK_OK(read_modern(CAPABILITIES ",\"progressToken\":12345678901234567890", &e));
    CHECK_SLICE(e.progress_token, "12345678901234567890");
    CHECK_ERR(read_modern(CAPABILITIES ",\"progressToken\":1.5", &e), ERR_INVALID);
    CHECK_ERR(read_modern(CAPABILITIES ",\"progressToken\":null", &e), ERR_INVALID);
    CHECK_ERR(read_modern(CAPABILITIES ",\"progressToken\":{}", &e), ERR_INVALID);
}

TEST(M_15_an_empty_elicitation_means_forms)
{
    struct envelope e = envelope_with("{\"elicitation\":{}}");

    CHECK(envelope_can(&e, ENVELOPE_CAN_ELICIT_FORM) && !envelope_can(&e, ENVELOPE_CAN_ELICIT_URL));
    e = envelope_with("{\"elicitation\":{\"form\":{},\"url\":{}}}");
    CHECK(envelope_can(&e, ENVELOPE_CAN_ELICIT_FORM) && envelope_can(&e, ENVELOPE_CAN_ELICIT_URL));
    e = envelope_with("{\"elicitation\":{\"url\":{}}}");
    CHECK(!envelope_can(&e, ENVELOPE_CAN_ELICIT_FORM) && envelope_can(&e, ENVELOPE_CAN_ELICIT_URL));
    e = envelope_with("{\"elicitation\":true}");
    CHECK(!envelope_can(&e, ENVELOPE_CAN_ELICIT_FORM) && !envelope_can(&e, ENVELOPE_CAN_ELICIT_URL));
}

TEST(M_20_tools_in_sampling_are_declared_separately)
{
    struct envelope e = envelope_with("{\"sampling\":{},\"roots\":{\"listChanged\":true}}");

    CHECK(envelope_can(&e, ENVELOPE_CAN_SAMPLE) && !envelope_can(&e, ENVELOPE_CAN_SAMPLE_WITH_TOOLS));
    CHECK(envelope_can(&e, ENVELOPE_CAN_LIST_ROOTS));
    e = envelope_with("{\"sampling\":{\"tools\":{}}}");
    CHECK(envelope_can(&e, ENVELOPE_CAN_SAMPLE) && envelope_can(&e, ENVELOPE_CAN_SAMPLE_WITH_TOOLS));
    CHECK(!envelope_can(&e, ENVELOPE_CAN_LIST_ROOTS));
}

TEST(nothing_declared_and_nothing_sent_is_nothing_possible)
{
    struct envelope zero = { 0 };

    for (unsigned ability = ENVELOPE_CAN_ELICIT_FORM; ability <= ENVELOPE_CAN_LIST_ROOTS; ability++)
        CHECK(!envelope_can(&zero, (enum envelope_ability)ability));
    CHECK(!envelope_wants_log(&zero, S("emergency")));
}

TEST(a_legacy_request_brings_its_token_and_nothing_else)
{
    struct envelope e = envelope_with("{\"roots\":{}}");

    CHECK_OK(envelope_from_legacy_meta(
        &e,
        value_of("{\"_meta\":{\"progressToken\":1,\"io.modelcontextprotocol/clientCapabilities\":{\"sampling\":{}}}}"),
        test_arena()));
    CHECK_SLICE(e.progress_token, "1");
    CHECK(!envelope_can(&e, ENVELOPE_CAN_SAMPLE));
    CHECK_OK(envelope_from_legacy_meta(&e, NULL, test_arena()));
    CHECK_ERR(envelope_from_legacy_meta(&e, value_of("{\"_meta\":{\"progressToken\":[]}}"), test_arena()), ERR_INVALID);
}

TEST(J_28_a_trace_context_that_is_malformed_counts_as_none)
{
    static const char *const bad[] = {
        "x",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\\r\\nX: y",
    };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        struct envelope e = { 0 };
        auto_buf text;
        buf_init(&text, 1000);
        buf_printf(&text, "{\"_meta\":{\"traceparent\":\"%s\",\"tracestate\":\"a=b\\n\"}}", bad[i]);
        buf_putc(&text, '\0');
        CHECK_OK(envelope_from_legacy_meta(&e, value_of(text.ptr), test_arena()));
        CHECK_EQ(e.traceparent.len, 0);
        CHECK_EQ(e.tracestate.len, 0);
    }
}

TEST(levels_are_ordered_and_named)
{
    struct envelope e = { .log_level = SEVERITY_WARNING };

    CHECK(!envelope_wants_log(&e, S("notice")) && envelope_wants_log(&e, S("warning")));
    CHECK(envelope_wants_log(&e, S("emergency")) && !envelope_wants_log(&e, S("debug")));
    for (enum log_severity s = SEVERITY_DEBUG; s <= SEVERITY_EMERGENCY; s++)
        CHECK_EQ(severity_of(severity_text(s)), s);
    CHECK_EQ(severity_of(S("Warning")), SEVERITY_NONE);
    CHECK_EQ(severity_of(NO_SLICE), SEVERITY_NONE);
    CHECK_EQ(severity_text(SEVERITY_NONE).len, 0);
}

TEST(a_copy_outlives_its_original)
{
    struct arena short_lived;
    struct envelope e = { .era = ERA_MODERN };
    struct envelope copy;

    arena_init(&short_lived, 10000);
    CHECK_OK(envelope_set_capabilities(&e, value_of("{\"roots\":{}}"), &short_lived));
    CHECK_OK(envelope_copy(&e, test_arena(), &copy));
    arena_done(&short_lived);
    CHECK_SLICE(copy.capabilities, "{\"roots\":{}}");
    CHECK(copy.client_info.ptr == NULL);
    CHECK(envelope_can(&copy, ENVELOPE_CAN_LIST_ROOTS));
}

TEST(a_full_arena_is_an_error)
{
    struct arena tiny;
    struct envelope e = { 0 };
    auto_buf text;

    arena_init(&tiny, 4096);
    buf_init(&text, 10000);
    buf_put(&text, S("{\"a\":\""));
    for (int i = 0; i < 8000; i++)
        buf_putc(&text, 'x');
    buf_put(&text, S("\"}"));
    buf_putc(&text, '\0');
    CHECK_ERR(envelope_set_capabilities(&e, value_of(text.ptr), &tiny), ERR_LIMIT);
    arena_done(&tiny);
}

TEST(a_legacy_client_says_once_what_it_is)
{
    struct envelope e = { 0 };

    CHECK_OK(envelope_from_initialize(&e,
                                      value_of("{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"roots\":{}},"
                                               "\"clientInfo\":{\"name\":\"x\",\"version\":\"1\"}}"),
                                      test_arena()));
    CHECK_EQ(e.era, ERA_LEGACY);
    CHECK_EQ(e.revision, REVISION_2025_06_18);
    CHECK_EQ(e.log_level, SEVERITY_DEBUG);
    CHECK(envelope_can(&e, ENVELOPE_CAN_LIST_ROOTS));
    CHECK_SLICE(e.client_info, "{\"name\":\"x\",\"version\":\"1\"}");
}

TEST(a_revision_that_is_not_of_the_legacy_era_is_answered_with_the_newest_that_is)
{
    static const char *const asked[] = { "1999-01-01", "2026-07-28", "" };

    for (size_t i = 0; i < N_ELEMENTS(asked); i++) {
        struct envelope e = { 0 };
        auto_buf text = { 0 };
        buf_init(&text, 1000);
        buf_printf(&text, "{\"protocolVersion\":\"%s\",\"capabilities\":{}}", asked[i]);
        buf_putc(&text, '\0');
        CHECK_OK(envelope_from_initialize(&e, value_of(text.ptr), test_arena()));
        CHECK_EQ(e.revision, REVISION_NEWEST_LEGACY);
    }
}

TEST(an_initialize_without_its_members_is_refused)
{
    static const char *const bad[] = { "{}", "{\"protocolVersion\":\"2025-06-18\"}", "{\"capabilities\":{}}",
                                       "{\"protocolVersion\":5,\"capabilities\":{}}",
                                       "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":[]}" };

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        struct envelope e = { 0 };
        CHECK_ERR(envelope_from_initialize(&e, value_of(bad[i]), test_arena()), ERR_INVALID);
    }
}
