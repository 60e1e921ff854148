/*
 * Prompts, and the completion of an argument.
 */
#include <string.h>

#include "everything.h"

static void simple(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, "This is a simple prompt for testing.");
}

static void with_arguments(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_textf(call, "Prompt with arguments: arg1='%s', arg2='%s'", gatehouse_arg_string(call, "arg1"),
                        gatehouse_arg_string(call, "arg2"));
}

static void complete_arg1(struct gatehouse_call *call, void *user)
{
    static const char *const words[] = { "paris", "park", "party", "prague", "vienna" };

    (void)user;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strncmp(words[i], gatehouse_typed(call), strlen(gatehouse_typed(call))) == 0)
            gatehouse_suggest(call, words[i]);
}

static void with_embedded_resource(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_resource_text(call, gatehouse_arg_string(call, "resourceUri"), "text/plain",
                                "Embedded resource content for testing.");
    gatehouse_add_text(call, "Please process the embedded resource above.");
}

static void with_image(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_image(call, red_pixel_png, red_pixel_png_size, "image/png");
    gatehouse_add_text(call, "Please analyze the image above.");
}

static void that_asks(struct gatehouse_call *call, void *user)
{
    static const char form[] = "{\"type\":\"object\",\"properties\":{\"context\":{\"type\":\"string\"}},"
                               "\"required\":[\"context\"]}";

    (void)user;
    if (!gatehouse_ask_elicit(call, "user_context", "What context should the prompt use?", form))
        return;
    const char *context = gatehouse_answer_string(call, "user_context", "/content/context");
    gatehouse_set_description(call, "A prompt in the context that the user named");
    gatehouse_add_textf(call, "Use this context: %s", context != NULL ? context : "none");
}

static void add_prompt(struct gatehouse_server *server, const char *name, const char *description,
                       const struct gatehouse_prompt_argument *arguments, size_t n_arguments,
                       gatehouse_handler_fn handler)
{
    gatehouse_add_prompt(server, &(struct gatehouse_prompt){ .name = name,
                                                             .description = description,
                                                             .arguments = arguments,
                                                             .n_arguments = n_arguments,
                                                             .handler = handler });
}

void add_prompts(struct gatehouse_server *server)
{
    static const struct gatehouse_prompt_argument two[] = {
        { .name = "arg1", .description = "First test argument", .required = true },
        { .name = "arg2", .description = "Second test argument", .required = true },
    };
    static const struct gatehouse_prompt_argument uri[] = {
        { .name = "resourceUri", .description = "URI of the resource to embed", .required = true },
    };

    add_prompt(server, "test_simple_prompt", "A prompt without arguments", NULL, 0, simple);
    add_prompt(server, "test_prompt_with_arguments", "A prompt with two arguments", two, 2, with_arguments);
    add_prompt(server, "test_prompt_with_embedded_resource", "A prompt that holds a resource", uri, 1,
               with_embedded_resource);
    add_prompt(server, "test_prompt_with_image", "A prompt that holds an image", NULL, 0, with_image);
    add_prompt(server, "test_input_required_result_prompt", "A prompt that asks the user first", NULL, 0, that_asks);
    gatehouse_add_completion(server, &(struct gatehouse_completion){ .prompt = "test_prompt_with_arguments",
                                                                     .argument = "arg1",
                                                                     .handler = complete_arg1 });
}
