/*
 * The smallest server: one tool that greets.
 *
 *     build/examples/hello           one client on stdin and stdout
 *     build/examples/hello --http    clients at http://127.0.0.1:8080/mcp
 */
#include <gatehouse/server.h>

static const char greet_arguments[] = "{ \"type\": \"object\","
                                      "  \"properties\": { \"name\": { \"type\": \"string\" } },"
                                      "  \"required\": [ \"name\" ] }";

static void greet(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_textf(call, "Hello, %s!", gatehouse_arg_string(call, "name"));
}

int main(int argc, char **argv)
{
    struct gatehouse_server *server =
        gatehouse_server_new(&(struct gatehouse_server_options){ .name = "hello", .version = "1.0" });

    gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = "greet",
                                                         .description = "Greets somebody by name.",
                                                         .input_schema = greet_arguments,
                                                         .handler = greet });
    return gatehouse_main(server, argc, argv);
}
