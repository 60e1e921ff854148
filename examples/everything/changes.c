/*
 * Tools that change what this server offers, so that clients which listen are told.
 */
#include "everything.h"

static void fleeting_tool(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, "Here for now.");
}

static void fleeting_prompt(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, "Say that you are here for now.");
}

/* The fleeting tool goes if it is there, and comes if it is not; either way the list has changed. */
static void change_tools(struct gatehouse_call *call, void *user)
{
    struct gatehouse_server *server = user;

    if (gatehouse_remove_tool(server, "test_fleeting_tool") == GATEHOUSE_NOT_FOUND)
        add_tool(server, "test_fleeting_tool", "Comes and goes.", NULL, fleeting_tool);
    gatehouse_add_text(call, "The list of tools has changed.");
}

static void change_prompts(struct gatehouse_call *call, void *user)
{
    struct gatehouse_server *server = user;

    if (gatehouse_remove_prompt(server, "test_fleeting_prompt") == GATEHOUSE_NOT_FOUND)
        gatehouse_add_prompt(server, &(struct gatehouse_prompt){ .name = "test_fleeting_prompt",
                                                                 .description = "Comes and goes",
                                                                 .handler = fleeting_prompt });
    gatehouse_add_text(call, "The list of prompts has changed.");
}

static void change_resources(struct gatehouse_call *call, void *user)
{
    gatehouse_resources_changed(user);
    gatehouse_add_text(call, "The list of resources is said to have changed.");
}

static void update_resource(struct gatehouse_call *call, void *user)
{
    const char *uri = gatehouse_arg_string(call, "uri");

    gatehouse_resource_updated(user, uri != NULL ? uri : "test://watched-resource");
    gatehouse_add_text(call, "The resource is said to have changed.");
}

void add_change_tools(struct gatehouse_server *server)
{
    static const char uri_schema[] = "{\"type\":\"object\",\"properties\":{\"uri\":{\"type\":\"string\"}}}";

    add_tool(server, "test_trigger_tool_change", "Changes the list of tools.", NULL, change_tools);
    add_tool(server, "test_trigger_prompt_change", "Changes the list of prompts.", NULL, change_prompts);
    add_tool(server, "test_trigger_resource_change", "Tells that the list of resources has changed.", NULL,
             change_resources);
    add_tool(server, "test_trigger_resource_update", "Tells that a resource has changed.", uri_schema, update_resource);
}
