#include <gatehouse/server.h>

#include "unit/kit/visit.h"

#define TEXT(t) "{\"type\":\"text\",\"text\":\"" t "\"}"

/* Every part there is, for tools and prompts. */
static void say_all(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, "one \"two\"");
    gatehouse_add_text(call, NULL);
    gatehouse_speak_as(call, GATEHOUSE_ASSISTANT);
    gatehouse_add_image(call, "\x01\x02", 2, "image/png");
    gatehouse_add_audio(call, "\x03", 1, "audio/wav");
    gatehouse_speak_as(call, GATEHOUSE_USER);
    gatehouse_add_resource_text(call, "a:b", "text/plain", "t");
    gatehouse_add_resource_data(call, "a:c", NULL, "\x04", 1);
    gatehouse_add_link(call, "a:d", "d", "text/html");
    gatehouse_add_json(call, "{ \"type\": \"text\", \"text\": \"j\", \"annotations\": {} }");
}

TEST(a_tool_puts_its_parts_in_content_blocks)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_handler(server, "t", say_all);
    check_result(
        server, loop, "tools/call", "{\"name\":\"t\"}",
        "{\"content\":[" TEXT("one \\\"two\\\"") "," TEXT(
            "") ",{\"type\":\"image\",\"data\":\"AQI=\",\"mimeType\":\"image/png\"},"
                "{\"type\":\"audio\",\"data\":\"Aw==\",\"mimeType\":\"audio/wav\"},"
                "{\"type\":\"resource\",\"resource\":{\"uri\":\"a:b\",\"mimeType\":\"text/plain\",\"text\":\"t\"}},"
                "{\"type\":\"resource\",\"resource\":{\"uri\":\"a:c\",\"blob\":\"BA==\"}},"
                "{\"type\":\"resource_link\",\"uri\":\"a:d\",\"name\":\"d\",\"mimeType\":\"text/html\"},"
                "{\"type\":\"text\",\"text\":\"j\",\"annotations\":{}}]}");
    gatehouse_server_free(server);
}

static void say_little(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_set_description(call, "about \"it\"");
    gatehouse_add_text(call, "q");
    gatehouse_speak_as(call, GATEHOUSE_ASSISTANT);
    gatehouse_add_text(call, "a");
}

TEST(a_prompt_puts_its_parts_in_messages)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_prompt(server, "p", say_little);
    add_prompt(server, "quiet", say_nothing);
    check_result(server, loop, "prompts/get", "{\"name\":\"p\"}",
                 "{\"description\":\"about \\\"it\\\"\",\"messages\":["
                 "{\"role\":\"user\",\"content\":" TEXT("q") "},{\"role\":\"assistant\",\"content\":" TEXT("a") "}]}");
    check_result(server, loop, "prompts/get", "{\"name\":\"quiet\"}", "{\"messages\":[]}");
    gatehouse_server_free(server);
}

static void say_contents(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, "t");
    gatehouse_add_data(call, "\x01", 1);
    gatehouse_add_image(call, "\x02", 1, "image/png");
    gatehouse_add_resource_text(call, "a:b/c", NULL, "child");
}

TEST(a_resource_puts_its_parts_in_contents_and_is_never_without)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_resource(server, "a:b", say_contents);
    add_resource(server, "a:quiet", say_nothing);
    check_result(server, loop, "resources/read", "{\"uri\":\"a:b\"}",
                 "{\"contents\":[{\"uri\":\"a:b\",\"mimeType\":\"text/plain\",\"text\":\"t\"},"
                 "{\"uri\":\"a:b\",\"mimeType\":\"text/plain\",\"blob\":\"AQ==\"},"
                 "{\"uri\":\"a:b\",\"mimeType\":\"image/png\",\"blob\":\"Ag==\"},"
                 "{\"uri\":\"a:b/c\",\"text\":\"child\"}]}");
    check_result(server, loop, "resources/read", "{\"uri\":\"a:quiet\"}",
                 "{\"contents\":[{\"uri\":\"a:quiet\",\"mimeType\":\"text/plain\",\"text\":\"\"}]}");
    gatehouse_server_free(server);
}

static void be_structured(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_set_structured(call, "{ \"n\": 1 }");
}

static void be_structured_with_text(struct gatehouse_call *call, void *user)
{
    be_structured(call, user);
    gatehouse_add_text(call, "one");
}

TEST(a_structured_result_is_repeated_as_text_unless_there_is_a_text)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_handler(server, "bare", be_structured);
    add_handler(server, "both", be_structured_with_text);
    check_result(server, loop, "tools/call", "{\"name\":\"bare\"}",
                 "{\"content\":[" TEXT("{\\\"n\\\":1}") "],\"structuredContent\":{\"n\":1}}");
    check_result(server, loop, "tools/call", "{\"name\":\"both\"}",
                 "{\"content\":[" TEXT("one") "],\"structuredContent\":{\"n\":1}}");
    gatehouse_server_free(server);
}

static void fail_halfway(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, "half");
    gatehouse_set_structured(call, "1");
    gatehouse_failf(call, "no %s", "more");
    gatehouse_add_text(call, "too late");
}

static void refuse(struct gatehouse_call *call, void *user)
{
    fail_halfway(call, user);
    gatehouse_error(call, -32602, "not that way");
    gatehouse_error(call, -1, "and not twice");
}

TEST(a_failure_is_all_the_model_reads_and_an_error_outdoes_it)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_handler(server, "fails", fail_halfway);
    add_handler(server, "refuses", refuse);
    add_prompt(server, "fails", fail_halfway);
    check_result(server, loop, "tools/call", "{\"name\":\"fails\"}",
                 "{\"content\":[" TEXT("no more") "],\"isError\":true}");
    check_error(server, loop, "tools/call", "{\"name\":\"refuses\"}", -32602, "not that way", "");
    check_error(server, loop, "prompts/get", "{\"name\":\"fails\"}", -32603,
                "the server's handler failed: only tools have structured results", "");
    gatehouse_server_free(server);
}

static void find_nothing(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, "thrown away");
    gatehouse_not_found(call);
}

TEST(a_resource_that_is_not_there_is_named)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_resource(server, "a:b", find_nothing);
    check_error(server, loop, "resources/read", "{\"uri\":\"a:b\"}", -32602, "Resource not found", "{\"uri\":\"a:b\"}");
    check_error(server, loop, "resources/read", "{\"uri\":\"a:\\\"\"}", -32602, "Resource not found",
                "{\"uri\":\"a:\\\"\"}");
    check_error(server, loop, "resources/read", "{}", -32602, "uri must be a string", "");
    gatehouse_server_free(server);
}

/* ---- Handlers that do it wrong ---- */

static void say_latin1(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, "caf\xE9");
}

static void say_broken_json(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_set_structured(call, "{\"n\":");
}

static void add_no_block(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_json(call, "[]");
}

static void add_bare_bytes(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_data(call, "x", 1);
}

static void suggest(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_suggest(call, "x");
}

static void say_too_much(struct gatehouse_call *call, void *user)
{
    (void)user;
    for (int i = 0; i < 100; i++)
        gatehouse_add_text(call, "0123456789012345678901234567890123456789");
}

TEST(a_handler_at_fault_ends_its_call_and_nothing_else)
{
    static const struct {
        gatehouse_handler_fn handler;
        const char *fault;
    } cases[] = {
        { say_latin1, "the server's handler failed: a text is not UTF-8" },
        { say_broken_json, "the server's handler failed: it gave JSON that cannot be parsed" },
        { add_no_block, "the server's handler failed: its JSON is no block of content" },
        { add_bare_bytes, "the server's handler failed: it added bytes without saying what they are" },
        { suggest, "the server's handler failed: only completions have suggestions" },
        { say_too_much, "the server's handler failed: its result is too large" },
        { find_nothing, "the server's handler failed: only resources can be missing" },
    };
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = gatehouse_server_new(
        &(struct gatehouse_server_options){ .name = "small", .version = "1", .max_result_bytes = 1000 });

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        add_handler(server, "t", cases[i].handler);
        check_error(server, loop, "tools/call", "{\"name\":\"t\"}", -32603, cases[i].fault, "");
        CHECK_EQ(gatehouse_remove_tool(server, "t"), GATEHOUSE_OK);
        add_handler(server, "t", say_nothing);
        check_result(server, loop, "tools/call", "{\"name\":\"t\"}", "{\"content\":[]}");
        CHECK_EQ(gatehouse_remove_tool(server, "t"), GATEHOUSE_OK);
    }
    gatehouse_server_free(server);
}

/* ---- Completions ---- */

static void suggest_many(struct gatehouse_call *call, void *user)
{
    (void)user;
    CHECK(gatehouse_typed(call)[0] == 'x');
    for (int i = 0; i < 101; i++)
        gatehouse_suggest(call, i == 0 ? gatehouse_arg_string(call, "other") : "v");
}

TEST(a_completion_shows_a_hundred_values_and_says_that_there_are_more)
{
    static const struct gatehouse_prompt_argument arguments[] = { { .name = "a" }, { .name = "b" } };
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();
    struct visit v;

    CHECK_EQ(gatehouse_add_prompt(server,
                                  &(struct gatehouse_prompt){
                                      .name = "p", .handler = say_nothing, .arguments = arguments, .n_arguments = 2 }),
             GATEHOUSE_OK);
    CHECK_EQ(gatehouse_add_completion(
                 server, &(struct gatehouse_completion){ .prompt = "p", .argument = "a", .handler = suggest_many }),
             GATEHOUSE_OK);
    visit_start(&v, server, loop, "completion/complete",
                "{\"ref\":{\"type\":\"ref/prompt\",\"name\":\"p\"},\"argument\":{\"name\":\"a\",\"value\":\"x\"},"
                "\"context\":{\"arguments\":{\"other\":\"w\"}}}",
                (struct extra){ 0 });
    const struct heard *last = visit_end(&v);
    CHECK_EQ(last->kind, KIT_RESULT);
    CHECK(slice_starts(slice_of(last->json), S("{\"completion\":{\"values\":[\"w\",\"v\",")));
    CHECK(slice_ends(slice_of(last->json), S("\"v\"],\"total\":101,\"hasMore\":true}}")));
    auto_free(json) result = parse(last->json);
    CHECK_EQ(json_size(json_get(json_get(json_root(result), S("completion")), S("values"))), 100);
    visit_forget(&v);

    check_result(server, loop, "completion/complete",
                 "{\"ref\":{\"type\":\"ref/prompt\",\"name\":\"p\"},\"argument\":{\"name\":\"b\",\"value\":\"\"}}",
                 "{\"completion\":{\"values\":[],\"total\":0,\"hasMore\":false}}");
    check_error(server, loop, "completion/complete",
                "{\"ref\":{\"type\":\"ref/prompt\",\"name\":\"q\"},\"argument\":{\"name\":\"b\",\"value\":\"\"}}",
                -32602, "Unknown prompt", "");
    check_error(server, loop, "completion/complete", "{\"ref\":{\"type\":\"ref/tool\",\"name\":\"p\"}}", -32602,
                "ref or argument is not what it should be", "");
    gatehouse_server_free(server);
}
