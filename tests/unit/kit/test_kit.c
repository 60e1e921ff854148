#include "kit/kit.h"

#include "unit/kit/visit.h"

static void check_capabilities(struct gatehouse_server *server, const char *expected)
{
    auto_buf text;

    buf_init(&text, 1000);
    kit_put_capabilities(kit_of(server), &text);
    CHECK_SLICE(buf_slice(&text), expected);
}

TEST(only_what_is_there_is_advertised)
{
    static const struct gatehouse_prompt_argument argument = { .name = "x" };
    struct gatehouse_server *server = new_server();

    check_capabilities(server, "{\"logging\":{}}");
    add_handler(server, "t", say_nothing);
    check_capabilities(server, "{\"logging\":{},\"tools\":{\"listChanged\":true}}");
    CHECK_EQ(gatehouse_remove_tool(server, "t"), GATEHOUSE_OK);
    CHECK_EQ(gatehouse_add_prompt(server,
                                  &(struct gatehouse_prompt){
                                      .name = "p", .arguments = &argument, .n_arguments = 1, .handler = say_nothing }),
             GATEHOUSE_OK);
    CHECK_EQ(gatehouse_add_completion(
                 server, &(struct gatehouse_completion){ .prompt = "p", .argument = "x", .handler = say_nothing }),
             GATEHOUSE_OK);
    add_resource(server, "a:b", say_nothing);
    check_capabilities(server, "{\"logging\":{},\"prompts\":{\"listChanged\":true},"
                               "\"resources\":{\"subscribe\":true,\"listChanged\":true},\"completions\":{}}");
    gatehouse_server_free(server);
}

TEST(the_server_says_who_it_is)
{
    struct gatehouse_server *server =
        gatehouse_server_new(&(struct gatehouse_server_options){ .name = "n",
                                                                 .version = "1",
                                                                 .title = "N \"1\"",
                                                                 .website_url = "https://example.com",
                                                                 .instructions = "Do it." });
    auto_buf text;

    buf_init(&text, 1000);
    kit_put_server_info(kit_of(server), &text);
    CHECK_SLICE(buf_slice(&text), "{\"name\":\"n\",\"title\":\"N \\\"1\\\"\",\"version\":\"1\","
                                  "\"websiteUrl\":\"https://example.com\"}");
    CHECK_SLICE(kit_instructions(kit_of(server)), "Do it.");
    CHECK_SLICE(kit_name(kit_of(server)), "n");
    CHECK(kit_problem(kit_of(server)) == NULL);
    gatehouse_server_free(server);
}

TEST(a_server_that_served_nobody_starts_no_thread_and_ends)
{
    gatehouse_server_free(new_server());
    gatehouse_server_free(NULL);
    kit_free(NULL);
}
