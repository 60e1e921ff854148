/*
 * A server that offers a little of everything the kit can do, under the names that the official MCP conformance suite
 * calls. It is what the project's own tests run against.
 *
 *     build/examples/everything           one client on stdin and stdout
 *     build/examples/everything --http    clients at http://127.0.0.1:8080/mcp
 */
#include "everything.h"

void add_tool(struct gatehouse_server *server, const char *name, const char *description, const char *schema,
              gatehouse_handler_fn handler)
{
    gatehouse_add_tool(
        server,
        &(struct gatehouse_tool){
            .name = name, .description = description, .input_schema = schema, .handler = handler, .user = server });
}

int main(int argc, char **argv)
{
    struct gatehouse_server *server = gatehouse_server_new(&(struct gatehouse_server_options){
        .name = "everything",
        .version = "1.0.0",
        .title = "Everything",
        .instructions = "Offers one of each thing a server can offer, for trying out clients and gateways.",
    });

    add_content_tools(server);
    add_question_tools(server);
    add_round_tools(server);
    add_change_tools(server);
    add_resources(server);
    add_prompts(server);
    return gatehouse_main(server, argc, argv);
}
