#include "kit/kit.h"

#include "base/buf.h"
#include "unit/kit/visit.h"

#define TOOL(n) "{\"name\":\"" n "\",\"inputSchema\":{\"type\":\"object\"}}"

TEST(a_list_comes_in_pages_in_the_order_of_adding)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server =
        gatehouse_server_new(&(struct gatehouse_server_options){ .name = "pages", .version = "1", .page_size = 2 });

    add_handler(server, "c", say_nothing);
    add_handler(server, "a", say_nothing);
    add_handler(server, "b", say_nothing);
    check_result(server, loop, "tools/list", NULL, "{\"tools\":[" TOOL("c") "," TOOL("a") "],\"nextCursor\":\"n2\"}");
    check_result(server, loop, "tools/list", "{\"cursor\":\"n2\"}", "{\"tools\":[" TOOL("b") "]}");
    CHECK_EQ(gatehouse_remove_tool(server, "a"), GATEHOUSE_OK);
    check_result(server, loop, "tools/list", "{\"cursor\":\"n2\"}", "{\"tools\":[" TOOL("b") "]}");
    gatehouse_server_free(server);
}

TEST(a_cursor_of_null_is_none)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_handler(server, "a", say_nothing);
    check_result(server, loop, "tools/list", "{\"cursor\":null}", "{\"tools\":[" TOOL("a") "]}");
    gatehouse_server_free(server);
}

TEST(a_cursor_that_is_not_ours_is_refused)
{
    static const char *const bad[] = { "\"\"", "\"n\"", "\"2\"", "\"nx\"", "\"n-1\"", "\"n5\"", "7", "\"n1 \"" };
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();
    auto_buf params;

    buf_init(&params, 100);
    add_handler(server, "a", say_nothing);
    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        buf_clear(&params);
        buf_printf(&params, "{\"cursor\":%s}", bad[i]);
        buf_putc(&params, '\0');
        check_error(server, loop, "tools/list", params.ptr, -32602, "Unknown cursor", "");
    }
    gatehouse_server_free(server);
}

TEST(an_entry_is_listed_with_all_that_was_said_of_it)
{
    static const struct gatehouse_prompt_argument arguments[] = {
        { .name = "x", .title = "X", .description = "first", .required = true },
        { .name = "y" },
    };
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    CHECK_EQ(gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = "t",
                                                                  .title = "T",
                                                                  .description = "a \"tool\"",
                                                                  .output_schema = "{ \"type\": \"object\" }",
                                                                  .annotations = "{\"readOnlyHint\":true}",
                                                                  .handler = say_nothing }),
             GATEHOUSE_OK);
    CHECK_EQ(gatehouse_add_resource(server, &(struct gatehouse_resource){ .uri = "a:b",
                                                                          .name = "b",
                                                                          .title = "B",
                                                                          .description = "d",
                                                                          .mime_type = "text/plain",
                                                                          .annotations = "{\"priority\":0.5}",
                                                                          .handler = say_nothing }),
             GATEHOUSE_OK);
    CHECK_EQ(gatehouse_add_template(
                 server, &(struct gatehouse_template){ .uri_template = "a:{x}", .name = "x", .handler = say_nothing }),
             GATEHOUSE_OK);
    CHECK_EQ(gatehouse_add_prompt(server,
                                  &(struct gatehouse_prompt){
                                      .name = "p", .arguments = arguments, .n_arguments = 2, .handler = say_nothing }),
             GATEHOUSE_OK);
    check_result(server, loop, "tools/list", "{}",
                 "{\"tools\":[{\"name\":\"t\",\"title\":\"T\",\"description\":\"a \\\"tool\\\"\","
                 "\"inputSchema\":{\"type\":\"object\",\"additionalProperties\":false},"
                 "\"outputSchema\":{\"type\":\"object\"},\"annotations\":{\"readOnlyHint\":true}}]}");
    check_result(server, loop, "resources/list", "{}",
                 "{\"resources\":[{\"uri\":\"a:b\",\"name\":\"b\",\"title\":\"B\",\"description\":\"d\","
                 "\"mimeType\":\"text/plain\",\"annotations\":{\"priority\":0.5}}]}");
    check_result(server, loop, "resources/templates/list", "{}",
                 "{\"resourceTemplates\":[{\"uriTemplate\":\"a:{x}\",\"name\":\"x\"}]}");
    check_result(server, loop, "prompts/list", "{}",
                 "{\"prompts\":[{\"name\":\"p\",\"arguments\":["
                 "{\"name\":\"x\",\"title\":\"X\",\"description\":\"first\",\"required\":true},"
                 "{\"name\":\"y\",\"required\":false}]}]}");
    gatehouse_server_free(server);
}

TEST(lists_and_reads_say_how_long_they_keep_if_the_server_does)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = gatehouse_server_new(&(struct gatehouse_server_options){
        .name = "keeps", .version = "1", .lists_fresh_ms = 5000, .lists_same_for_everyone = true });

    add_resource(server, "a:b", say_nothing);
    check_result(server, loop, "resources/templates/list", NULL,
                 "{\"resourceTemplates\":[],\"ttlMs\":5000,\"cacheScope\":\"public\"}");
    check_result(server, loop, "resources/read", "{\"uri\":\"a:b\"}",
                 "{\"contents\":[{\"uri\":\"a:b\",\"mimeType\":\"text/plain\",\"text\":\"\"}],"
                 "\"ttlMs\":5000,\"cacheScope\":\"public\"}");
    gatehouse_server_free(server);
}
