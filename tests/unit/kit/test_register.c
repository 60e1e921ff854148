#include <gatehouse/server.h>

#include "unit/kit/visit.h"

static enum gatehouse_result add_named(struct gatehouse_server *server, const char *name)
{
    return gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = name, .handler = say_nothing });
}

TEST(names_are_1_to_128_of_a_small_alphabet)
{
    struct gatehouse_server *server = new_server();
    char name[130] = { 0 };

    CHECK_EQ(add_named(server, "aZ09_-."), GATEHOUSE_OK);
    CHECK_EQ(add_named(server, NULL), GATEHOUSE_BAD_NAME);
    CHECK_EQ(add_named(server, ""), GATEHOUSE_BAD_NAME);
    CHECK_EQ(add_named(server, "a b"), GATEHOUSE_BAD_NAME);
    CHECK_EQ(add_named(server, "a/b"), GATEHOUSE_BAD_NAME);
    CHECK_EQ(add_named(server, "\xC3\xA4"), GATEHOUSE_BAD_NAME);
    for (size_t i = 0; i < 128; i++)
        name[i] = 'x';
    CHECK_EQ(add_named(server, name), GATEHOUSE_OK);
    name[128] = 'x';
    CHECK_EQ(add_named(server, name), GATEHOUSE_BAD_NAME);
    gatehouse_server_free(server);
}

TEST(the_first_problem_is_remembered_in_words)
{
    struct gatehouse_server *server = new_server();

    CHECK(gatehouse_problem(server) == NULL);
    CHECK_EQ(add_named(server, "a"), GATEHOUSE_OK);
    CHECK_EQ(gatehouse_remove_tool(server, "b"), GATEHOUSE_NOT_FOUND);
    CHECK(gatehouse_problem(server) == NULL);
    CHECK_EQ(add_named(server, "a"), GATEHOUSE_DUPLICATE);
    CHECK_EQ(add_named(server, ""), GATEHOUSE_BAD_NAME);
    CHECK_SLICE(slice_of(gatehouse_problem(server)), "tool \"a\": it is registered already");
    gatehouse_server_free(server);
}

TEST(a_server_needs_a_name_and_a_version_and_sane_numbers)
{
    static const struct {
        struct gatehouse_server_options options;
        const char *problem;
    } cases[] = {
        { { .version = "1" }, "the server has no name" },
        { { .name = "n" }, "the server has no version" },
        { { .name = "n", .version = "1", .title = "\xFF" }, "the server's title is not UTF-8" },
        { { .name = "n", .version = "1", .instructions = "\xFF" }, "the server's instructions are not UTF-8" },
        { { .name = "n", .version = "1", .page_size = 1001 }, "page_size is above 1000" },
        { { .name = "n", .version = "1", .n_threads = 65 }, "n_threads is above 64" },
        { { .name = "n", .version = "1", .max_waiting = 65537 }, "max_waiting is above 65536" },
    };

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        struct gatehouse_server *server = gatehouse_server_new(&cases[i].options);
        CHECK_SLICE(slice_of(gatehouse_problem(server)), cases[i].problem);
        gatehouse_server_free(server);
    }
}

static enum gatehouse_result add_schema(struct gatehouse_server *server, const char *schema)
{
    return gatehouse_add_tool(
        server, &(struct gatehouse_tool){ .name = "schema", .input_schema = schema, .handler = say_nothing });
}

TEST(a_schema_is_an_object_of_type_object)
{
    struct gatehouse_server *server = new_server();

    CHECK_EQ(add_schema(server, "{"), GATEHOUSE_BAD_JSON);
    CHECK_EQ(add_schema(server, "[]"), GATEHOUSE_BAD_JSON);
    CHECK_EQ(add_schema(server, "{}"), GATEHOUSE_BAD_JSON);
    CHECK_EQ(add_schema(server, "{\"type\":\"array\"}"), GATEHOUSE_BAD_JSON);
    CHECK_EQ(add_schema(server, "{\"type\":\"object\"}"), GATEHOUSE_OK);
    gatehouse_server_free(server);
}

TEST(a_tool_is_checked_in_all_its_parts)
{
    struct gatehouse_server *server = new_server();

    CHECK_EQ(gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = "a" }), GATEHOUSE_BAD_ENTRY);
    CHECK_EQ(gatehouse_add_tool(server,
                                &(struct gatehouse_tool){ .name = "a", .handler = say_nothing, .description = "\xFF" }),
             GATEHOUSE_BAD_ENTRY);
    CHECK_EQ(gatehouse_add_tool(
                 server, &(struct gatehouse_tool){ .name = "a", .handler = say_nothing, .output_schema = "true" }),
             GATEHOUSE_BAD_JSON);
    CHECK_EQ(gatehouse_add_tool(server,
                                &(struct gatehouse_tool){ .name = "a", .handler = say_nothing, .annotations = "no" }),
             GATEHOUSE_BAD_JSON);
    gatehouse_server_free(server);
}

static enum gatehouse_result add_uri(struct gatehouse_server *server, const char *uri)
{
    return gatehouse_add_resource(server,
                                  &(struct gatehouse_resource){ .uri = uri, .name = "n", .handler = say_nothing });
}

TEST(a_resource_has_a_uri_with_a_scheme_and_a_name)
{
    struct gatehouse_server *server = new_server();

    CHECK_EQ(add_uri(server, "x-1+y.z:"), GATEHOUSE_OK);
    CHECK_EQ(add_uri(server, NULL), GATEHOUSE_BAD_ENTRY);
    CHECK_EQ(add_uri(server, "no-scheme"), GATEHOUSE_BAD_ENTRY);
    CHECK_EQ(add_uri(server, ":x"), GATEHOUSE_BAD_ENTRY);
    CHECK_EQ(add_uri(server, "1a:x"), GATEHOUSE_BAD_ENTRY);
    CHECK_EQ(add_uri(server, "a_b:x"), GATEHOUSE_BAD_ENTRY);
    CHECK_EQ(add_uri(server, "a:x y"), GATEHOUSE_BAD_ENTRY);
    CHECK_EQ(add_uri(server, "a:\xC3\xA4"), GATEHOUSE_BAD_ENTRY);
    CHECK_EQ(gatehouse_add_resource(server, &(struct gatehouse_resource){ .uri = "a:b", .handler = say_nothing }),
             GATEHOUSE_BAD_NAME);
    CHECK_EQ(gatehouse_add_template(
                 server, &(struct gatehouse_template){ .uri_template = "a:b", .name = "n", .handler = say_nothing }),
             GATEHOUSE_BAD_ENTRY);
    CHECK_EQ(gatehouse_add_template(
                 server, &(struct gatehouse_template){ .uri_template = "a:{b}", .name = "n", .handler = say_nothing }),
             GATEHOUSE_OK);
    gatehouse_server_free(server);
}

static enum gatehouse_result add_completion(struct gatehouse_server *server, const char *prompt, const char *template,
                                            const char *argument)
{
    return gatehouse_add_completion(
        server, &(struct gatehouse_completion){
                    .prompt = prompt, .uri_template = template, .argument = argument, .handler = say_nothing });
}

TEST(a_completion_belongs_to_an_argument_that_is_there)
{
    static const struct gatehouse_prompt_argument arguments[] = { { .name = "x" }, { .name = "y" } };
    static const struct gatehouse_prompt_argument twins[] = { { .name = "x" }, { .name = "x" } };
    struct gatehouse_server *server = new_server();

    CHECK_EQ(gatehouse_add_prompt(server,
                                  &(struct gatehouse_prompt){
                                      .name = "p", .arguments = arguments, .n_arguments = 2, .handler = say_nothing }),
             GATEHOUSE_OK);
    CHECK_EQ(gatehouse_add_prompt(server,
                                  &(struct gatehouse_prompt){
                                      .name = "q", .arguments = twins, .n_arguments = 2, .handler = say_nothing }),
             GATEHOUSE_DUPLICATE);
    CHECK_EQ(gatehouse_add_template(
                 server, &(struct gatehouse_template){ .uri_template = "a:{b}", .name = "n", .handler = say_nothing }),
             GATEHOUSE_OK);
    CHECK_EQ(add_completion(server, "p", NULL, "x"), GATEHOUSE_OK);
    CHECK_EQ(add_completion(server, NULL, "a:{b}", "b"), GATEHOUSE_OK);
    CHECK_EQ(add_completion(server, "p", NULL, "x"), GATEHOUSE_DUPLICATE);
    CHECK_EQ(add_completion(server, "p", NULL, "z"), GATEHOUSE_NOT_FOUND);
    CHECK_EQ(add_completion(server, "q", NULL, "x"), GATEHOUSE_NOT_FOUND);
    CHECK_EQ(add_completion(server, NULL, "a:{b}", "c"), GATEHOUSE_NOT_FOUND);
    CHECK_EQ(add_completion(server, "p", "a:{b}", "x"), GATEHOUSE_BAD_ENTRY);
    CHECK_EQ(add_completion(server, NULL, NULL, "x"), GATEHOUSE_BAD_ENTRY);
    CHECK_EQ(add_completion(server, "p", NULL, NULL), GATEHOUSE_BAD_ENTRY);

    CHECK_EQ(gatehouse_remove_prompt(server, "p"), GATEHOUSE_OK); /* takes its completion along */
    CHECK_EQ(gatehouse_add_prompt(server,
                                  &(struct gatehouse_prompt){
                                      .name = "p", .arguments = arguments, .n_arguments = 2, .handler = say_nothing }),
             GATEHOUSE_OK);
    CHECK_EQ(add_completion(server, "p", NULL, "x"), GATEHOUSE_OK);
    gatehouse_server_free(server);
}
