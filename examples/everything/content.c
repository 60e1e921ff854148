/*
 * Tools that show what an answer can hold, and what can be told while a tool runs.
 */
#include "everything.h"

#define STEP_MS 50

static void simple_text(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, "This is a simple text response for testing.");
}

static void image(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_image(call, red_pixel_png, red_pixel_png_size, "image/png");
}

static void audio(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_audio(call, silence_wav, silence_wav_size, "audio/wav");
}

static void embedded_resource(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_resource_text(call, "test://embedded-resource", "text/plain",
                                "This is an embedded resource content.");
}

static void resource_link(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_link(call, "test://static-text", "Static text", "text/plain");
}

static void mixed(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, "Multiple content types test:");
    gatehouse_add_image(call, red_pixel_png, red_pixel_png_size, "image/png");
    gatehouse_add_resource_text(call, "test://mixed-content-resource", "application/json",
                                "{\"test\":\"data\",\"value\":123}");
}

static void structured(struct gatehouse_call *call, void *user)
{
    (void)user;
    int64_t a = gatehouse_arg_int(call, "a", 0);
    int64_t b = gatehouse_arg_int(call, "b", 0);
    int64_t sum;

    if (__builtin_add_overflow(a, b, &sum))
        gatehouse_fail(call, "The sum is too large.");
    else
        gatehouse_set_structured(call, gatehouse_format(call, "{\"sum\":%lld}", (long long)sum));
}

static void error(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_fail(call, "This tool intentionally returns an error for testing");
}

static void with_logging(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_log(call, GATEHOUSE_INFO, NULL, "Tool execution started");
    gatehouse_wait_ms(call, STEP_MS);
    gatehouse_log(call, GATEHOUSE_INFO, NULL, "Tool processing data");
    gatehouse_wait_ms(call, STEP_MS);
    gatehouse_log(call, GATEHOUSE_INFO, NULL, "Tool execution completed");
    gatehouse_add_text(call, "Three log messages were sent, if the client wanted them.");
}

static void every_level(struct gatehouse_call *call, void *user)
{
    (void)user;
    for (enum gatehouse_level level = GATEHOUSE_DEBUG; level <= GATEHOUSE_EMERGENCY; level++)
        gatehouse_log_json(call, level, "everything", "{\"what\":\"one message of each level\"}");
    gatehouse_add_text(call, "One log message of each level was sent, if the client wanted it.");
}

static void with_progress(struct gatehouse_call *call, void *user)
{
    (void)user;
    for (int percent = 0; percent <= 100; percent += 50) {
        gatehouse_progress(call, percent, 100, NULL);
        if (percent < 100)
            gatehouse_wait_ms(call, STEP_MS);
    }
    gatehouse_add_text(call, "Progress was reported, if the client asked for it.");
}

/* Works for some seconds, ten steps a second; nobody waits for it after a cancel, so it ends. */
static void slow(struct gatehouse_call *call, void *user)
{
    (void)user;
    double seconds = gatehouse_arg_number(call, "seconds", 1);

    if (!(seconds >= 0 && seconds <= 600)) {
        gatehouse_fail(call, "seconds must be between 0 and 600");
        return;
    }
    for (int step = 1; step <= (int)(seconds * 10); step++) {
        if (!gatehouse_wait_ms(call, 100))
            return;
        gatehouse_progress(call, step / 10.0, seconds, "working");
    }
    gatehouse_add_textf(call, "Worked for %.1f seconds.", seconds);
}

/* Long enough for the answer to need a stream, and for a client to lose that and come back for it. */
static void reconnection(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_wait_ms(call, 1500);
    gatehouse_add_text(call, "The answer came, on whatever stream.");
}

static void echo_arguments(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, gatehouse_args_json(call));
}

static const char slow_schema[] = "{\"type\":\"object\","
                                  "\"properties\":{\"seconds\":{\"type\":\"number\",\"minimum\":0,\"maximum\":600}}}";

static const char sum_schema[] = "{\"type\":\"object\","
                                 "\"properties\":{\"a\":{\"type\":\"integer\"},\"b\":{\"type\":\"integer\"}},"
                                 "\"required\":[\"a\",\"b\"]}";

static const char sum_result_schema[] = "{\"type\":\"object\",\"properties\":{\"sum\":{\"type\":\"integer\"}},"
                                        "\"required\":[\"sum\"]}";

/* Clients of the 2026-07-28 revision repeat these arguments in HTTP headers, for gateways that route by them. */
static const char header_schema[] =
    "{\"type\":\"object\",\"properties\":{"
    "\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Region\",\"description\":\"Where it shall run.\"},"
    "\"priority\":{\"type\":\"integer\",\"x-mcp-header\":\"Priority\"},"
    "\"query\":{\"type\":\"string\"}}}";

/* Keywords of JSON Schema 2020-12, all of which must reach the client as they stand here. */
static const char rich_schema[] =
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
    "\"type\":\"object\","
    "\"$defs\":{\"address\":{\"$anchor\":\"addressDef\",\"type\":\"object\","
    "\"properties\":{\"street\":{\"type\":\"string\"},\"city\":{\"type\":\"string\"}}}},"
    "\"properties\":{\"name\":{\"type\":\"string\"},\"address\":{\"$ref\":\"#/$defs/address\"},"
    "\"contactMethod\":{\"type\":\"string\",\"enum\":[\"phone\",\"email\"]},"
    "\"phone\":{\"type\":\"string\"},\"email\":{\"type\":\"string\"}},"
    "\"allOf\":[{\"anyOf\":[{\"required\":[\"phone\"]},{\"required\":[\"email\"]}]}],"
    "\"if\":{\"properties\":{\"contactMethod\":{\"const\":\"phone\"}},\"required\":[\"contactMethod\"]},"
    "\"then\":{\"required\":[\"phone\"]},\"else\":{\"required\":[\"email\"]},"
    "\"additionalProperties\":false}";

void add_content_tools(struct gatehouse_server *server)
{
    add_tool(server, "test_simple_text", "Answers with text.", NULL, simple_text);
    add_tool(server, "test_image_content", "Answers with an image.", NULL, image);
    add_tool(server, "test_audio_content", "Answers with audio.", NULL, audio);
    add_tool(server, "test_embedded_resource", "Answers with a resource.", NULL, embedded_resource);
    add_tool(server, "test_resource_link", "Answers with a link to a resource.", NULL, resource_link);
    add_tool(server, "test_multiple_content_types", "Answers with text, an image and a resource.", NULL, mixed);
    add_tool(server, "test_error_handling", "Always fails.", NULL, error);
    add_tool(server, "test_tool_with_logging", "Sends three log messages while it runs.", NULL, with_logging);
    add_tool(server, "test_logging_tool", "Sends a log message of each level.", NULL, every_level);
    add_tool(server, "test_tool_with_progress", "Reports progress while it runs.", NULL, with_progress);
    add_tool(server, "test_slow", "Works for some seconds, unless it is cancelled.", slow_schema, slow);
    add_tool(server, "test_reconnection", "Takes its time to answer.", NULL, reconnection);
    add_tool(server, "test_header_tool", "Gives its arguments back; two of them travel in headers, too.", header_schema,
             echo_arguments);
    add_tool(server, "json_schema_2020_12_tool", "Tool with JSON Schema 2020-12 features", rich_schema, echo_arguments);
    gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = "test_structured_content",
                                                         .title = "Sum",
                                                         .description = "Adds two whole numbers.",
                                                         .input_schema = sum_schema,
                                                         .output_schema = sum_result_schema,
                                                         .annotations = "{\"readOnlyHint\":true}",
                                                         .handler = structured });
}
