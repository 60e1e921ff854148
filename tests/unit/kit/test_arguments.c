#include <gatehouse/server.h>

#include <locale.h>
#include <string.h>

#include "unit/kit/visit.h"

/* Fails the call unless all holds; so a test sees which line it was. */
#define EXPECT(condition)                                                                                              \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            gatehouse_fail(call, #condition);                                                                          \
    } while (0)

static bool is(const char *text, const char *expected)
{
    return text != NULL && strcmp(text, expected) == 0;
}

static void read_all(struct gatehouse_call *call, void *user)
{
    (void)user;
    EXPECT(is(gatehouse_subject(call), "t"));
    EXPECT(is(gatehouse_principal(call), "ada"));
    EXPECT(is(gatehouse_arg_string(call, "s"), "a \"b\""));
    EXPECT(gatehouse_arg_string(call, "n") == NULL);
    EXPECT(gatehouse_arg_string(call, "nul") == NULL);
    EXPECT(is(gatehouse_arg_json(call, "nul"), "\"\\u0000\""));
    EXPECT(gatehouse_arg_int(call, "n", -1) == 7);
    EXPECT(gatehouse_arg_int(call, "one", -1) == 1);
    EXPECT(gatehouse_arg_int(call, "half", -1) == -1);
    EXPECT(gatehouse_arg_int(call, "huge", -1) == -1);
    EXPECT(gatehouse_arg_int(call, "s", -1) == -1);
    EXPECT(gatehouse_arg_number(call, "half", -1) > 0.49 && gatehouse_arg_number(call, "half", -1) < 0.51);
    EXPECT(gatehouse_arg_number(call, "huge", -1) > 1e29);
    EXPECT(gatehouse_arg_number(call, "none", -1) < 0);
    EXPECT(gatehouse_arg_bool(call, "yes", false));
    EXPECT(!gatehouse_arg_bool(call, "no", true));
    EXPECT(gatehouse_arg_bool(call, "n", true));
    EXPECT(is(gatehouse_arg_json(call, "list"), "[1,{\"a\":null}]"));
    EXPECT(gatehouse_arg_json(call, "none") == NULL);
    EXPECT(is(gatehouse_quote(call, "a\"\n"), "\"a\\\"\\n\""));
    EXPECT(is(gatehouse_format(call, "%d-%s", 7, "x"), "7-x"));
}

#define ARGUMENTS                                                                                                      \
    "{\"s\":\"a \\\"b\\\"\",\"nul\":\"\\u0000\",\"n\":7,\"one\":1.0,\"half\":0.5,\"huge\":1e30,\"yes\":true,"          \
    "\"no\":false,\"list\":[1,{\"a\":null}]}"

static void check_read(struct gatehouse_server *server, struct loop *loop)
{
    struct visit v;

    visit_start(&v, server, loop, "tools/call", "{\"name\":\"t\",\"arguments\":" ARGUMENTS "}",
                (struct extra){ .principal = "ada" });
    CHECK_SLICE(slice_of(visit_end(&v)->json), "{\"content\":[]}");
    visit_forget(&v);
}

TEST(arguments_are_read_by_type_or_give_the_fallback)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_handler(server, "t", read_all);
    check_read(server, loop);
    for (size_t i = 0; i < 3; i++) /* some locales write 0,5; where there are none, nothing is tried */
        if (setlocale(LC_ALL, (const char *const[]){ "de_DE.UTF-8", "fr_FR.UTF-8", "C" }[i]) != NULL)
            check_read(server, loop);
    gatehouse_server_free(server);
}

static void read_none(struct gatehouse_call *call, void *user)
{
    (void)user;
    EXPECT(gatehouse_principal(call) == NULL);
    EXPECT(is(gatehouse_args_json(call), "{}"));
    EXPECT(gatehouse_arg_string(call, "s") == NULL);
}

TEST(a_call_without_arguments_has_an_empty_object)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_handler(server, "t", read_none);
    check_result(server, loop, "tools/call", "{\"name\":\"t\"}", "{\"content\":[]}");
    gatehouse_server_free(server);
}

static void read_variables(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_textf(call, "%s and %s", gatehouse_arg_string(call, "x"), gatehouse_arg_string(call, "y"));
}

TEST(variables_of_a_template_are_arguments_and_fixed_resources_go_first)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    CHECK_EQ(gatehouse_add_template(
                 server,
                 &(struct gatehouse_template){ .uri_template = "a:{x}/{y}", .name = "n", .handler = read_variables }),
             GATEHOUSE_OK);
    add_resource(server, "a:fixed/one", say_nothing);
    check_result(server, loop, "resources/read", "{\"uri\":\"a:1/%20\"}",
                 "{\"contents\":[{\"uri\":\"a:1/%20\",\"text\":\"1 and  \"}]}");
    check_result(server, loop, "resources/read", "{\"uri\":\"a:fixed/one\"}",
                 "{\"contents\":[{\"uri\":\"a:fixed/one\",\"mimeType\":\"text/plain\",\"text\":\"\"}]}");
    gatehouse_server_free(server);
}

TEST(arguments_of_a_prompt_are_strings_and_the_required_ones_there)
{
    static const struct gatehouse_prompt_argument arguments[] = { { .name = "x", .required = true }, { .name = "y" } };
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    CHECK_EQ(gatehouse_add_prompt(server,
                                  &(struct gatehouse_prompt){
                                      .name = "p", .arguments = arguments, .n_arguments = 2, .handler = say_nothing }),
             GATEHOUSE_OK);
    check_result(server, loop, "prompts/get", "{\"name\":\"p\",\"arguments\":{\"x\":\"1\",\"more\":2}}",
                 "{\"messages\":[]}");
    check_error(server, loop, "prompts/get", "{\"name\":\"p\"}", -32602, "The argument \"x\" is missing", "");
    check_error(server, loop, "prompts/get", "{\"name\":\"p\",\"arguments\":{\"x\":\"1\",\"y\":2}}", -32602,
                "The argument \"y\" must be a string", "");
    check_error(server, loop, "prompts/get", "{\"name\":\"q\"}", -32602, "Unknown prompt", "");
    gatehouse_server_free(server);
}
