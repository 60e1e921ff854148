/*
 * Tools that ask the client: for a form to be filled in, for its model, for its folders.
 */
#include "everything.h"

static const char name_form[] = "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}},"
                                "\"required\":[\"name\"]}";

/* One sentence on what the user did with a form. */
static void tell_form(struct gatehouse_call *call, const char *key, const char *begin)
{
    const char *content = gatehouse_answer_json(call, key, "/content");

    gatehouse_add_textf(call, "%s: action=%s, content=%s", begin, gatehouse_answer_string(call, key, "/action"),
                        content != NULL ? content : "{}");
}

/* The text the client's model gave, be its content one block or several. */
static const char *model_text(struct gatehouse_call *call, const char *key)
{
    const char *text = gatehouse_answer_string(call, key, "/content/text");

    if (text == NULL)
        text = gatehouse_answer_string(call, key, "/content/0/text");
    return text != NULL ? text : "(no text)";
}

static const char *user_message(struct gatehouse_call *call, const char *text, int max_tokens)
{
    return gatehouse_format(call,
                            "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":%s}}],"
                            "\"maxTokens\":%d}",
                            gatehouse_quote(call, text), max_tokens);
}

static void sampling(struct gatehouse_call *call, void *user)
{
    (void)user;
    const char *prompt = gatehouse_arg_string(call, "prompt");

    if (gatehouse_ask_sample(call, "model", user_message(call, prompt, 100)))
        gatehouse_add_textf(call, "LLM response: %s", model_text(call, "model"));
}

static void elicitation(struct gatehouse_call *call, void *user)
{
    static const char form[] = "{\"type\":\"object\",\"properties\":{"
                               "\"username\":{\"type\":\"string\",\"description\":\"User's response\"},"
                               "\"email\":{\"type\":\"string\",\"description\":\"User's email address\"}},"
                               "\"required\":[\"username\",\"email\"]}";

    (void)user;
    const char *message = gatehouse_arg_string(call, "message");
    if (gatehouse_ask_elicit(call, "user", message, form))
        tell_form(call, "user", "User response");
}

static void elicitation_url(struct gatehouse_call *call, void *user)
{
    (void)user;
    if (gatehouse_ask_elicit_url(call, "page", "Please connect your account.", "https://example.com/connect"))
        gatehouse_add_textf(call, "The page was %s.",
                            gatehouse_answer_accepted(call, "page") ? "opened" : "not opened");
}

static void elicitation_defaults(struct gatehouse_call *call, void *user)
{
    static const char form[] =
        "{\"type\":\"object\",\"properties\":{"
        "\"name\":{\"type\":\"string\",\"default\":\"John Doe\"},"
        "\"age\":{\"type\":\"integer\",\"default\":30},"
        "\"score\":{\"type\":\"number\",\"default\":95.5},"
        "\"status\":{\"type\":\"string\",\"enum\":[\"active\",\"inactive\",\"pending\"],\"default\":\"active\"},"
        "\"verified\":{\"type\":\"boolean\",\"default\":true}}}";

    (void)user;
    if (gatehouse_ask_elicit(call, "user", "Please review what is filled in", form))
        tell_form(call, "user", "Elicitation completed");
}

static void elicitation_enums(struct gatehouse_call *call, void *user)
{
    static const char form[] =
        "{\"type\":\"object\",\"properties\":{"
        "\"untitledSingle\":{\"type\":\"string\",\"enum\":[\"option1\",\"option2\",\"option3\"]},"
        "\"titledSingle\":{\"type\":\"string\",\"oneOf\":["
        "{\"const\":\"value1\",\"title\":\"First Option\"},{\"const\":\"value2\",\"title\":\"Second Option\"},"
        "{\"const\":\"value3\",\"title\":\"Third Option\"}]},"
        "\"legacyEnum\":{\"type\":\"string\",\"enum\":[\"opt1\",\"opt2\",\"opt3\"],"
        "\"enumNames\":[\"Option One\",\"Option Two\",\"Option Three\"]},"
        "\"untitledMulti\":{\"type\":\"array\",\"items\":{\"type\":\"string\","
        "\"enum\":[\"option1\",\"option2\",\"option3\"]}},"
        "\"titledMulti\":{\"type\":\"array\",\"items\":{\"anyOf\":["
        "{\"const\":\"value1\",\"title\":\"First Choice\"},{\"const\":\"value2\",\"title\":\"Second Choice\"},"
        "{\"const\":\"value3\",\"title\":\"Third Choice\"}]}}}}";

    (void)user;
    if (gatehouse_ask_elicit(call, "user", "Please choose", form))
        tell_form(call, "user", "Elicitation completed");
}

static void streaming_elicitation(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_progress(call, 1, 2, "about to ask");
    if (gatehouse_ask_elicit(call, "user", "What is your name?", name_form))
        tell_form(call, "user", "Elicitation completed");
}

static void missing_capability(struct gatehouse_call *call, void *user)
{
    (void)user;
    if (gatehouse_need_capability(call, GATEHOUSE_CAN_SAMPLE))
        gatehouse_add_text(call, "The client lends its model.");
}

static void ask_name(struct gatehouse_call *call, void *user)
{
    (void)user;
    if (!gatehouse_ask_elicit(call, "user_name", "What is your name?", name_form))
        return;
    const char *name = gatehouse_answer_string(call, "user_name", "/content/name");
    gatehouse_add_textf(call, "Hello, %s!", name != NULL ? name : "stranger");
}

static void ask_model(struct gatehouse_call *call, void *user)
{
    (void)user;
    if (gatehouse_ask_sample(call, "capital_question", user_message(call, "What is the capital of France?", 100)))
        gatehouse_add_text(call, model_text(call, "capital_question"));
}

static void ask_folders(struct gatehouse_call *call, void *user)
{
    (void)user;
    if (gatehouse_ask_roots(call, "client_roots"))
        gatehouse_add_textf(call, "The client works in %s", gatehouse_answer_json(call, "client_roots", "/roots"));
}

/* Asks whatever this client can be asked, and nothing else. */
static void ask_what_is_possible(struct gatehouse_call *call, void *user)
{
    (void)user;
    bool all = true;

    if (gatehouse_client_can(call, GATEHOUSE_CAN_ELICIT_FORM))
        all &= gatehouse_ask_elicit(call, "user_name", "What is your name?", name_form);
    if (gatehouse_client_can(call, GATEHOUSE_CAN_SAMPLE))
        all &= gatehouse_ask_sample(call, "greeting", user_message(call, "Generate a greeting", 50));
    if (gatehouse_client_can(call, GATEHOUSE_CAN_LIST_ROOTS))
        all &= gatehouse_ask_roots(call, "client_roots");
    if (all)
        gatehouse_add_text(call, "Everything this client can be asked was answered.");
}

static const char prompt_schema[] = "{\"type\":\"object\",\"properties\":{\"prompt\":{\"type\":\"string\","
                                    "\"description\":\"The prompt to send to the model\"}},\"required\":[\"prompt\"]}";

static const char message_schema[] = "{\"type\":\"object\",\"properties\":{\"message\":{\"type\":\"string\","
                                     "\"description\":\"The message to show the user\"}},\"required\":[\"message\"]}";

void add_question_tools(struct gatehouse_server *server)
{
    add_tool(server, "test_sampling", "Asks the client's model.", prompt_schema, sampling);
    add_tool(server, "test_elicitation", "Asks the user to fill in a form.", message_schema, elicitation);
    add_tool(server, "test_elicitation_url", "Asks the user to open a page.", NULL, elicitation_url);
    add_tool(server, "test_elicitation_sep1034_defaults", "Asks with a form that has defaults.", NULL,
             elicitation_defaults);
    add_tool(server, "test_elicitation_sep1330_enums", "Asks with a form of all kinds of choices.", NULL,
             elicitation_enums);
    add_tool(server, "test_streaming_elicitation", "Reports progress, then asks the user.", NULL,
             streaming_elicitation);
    add_tool(server, "test_missing_capability", "Refuses clients that do not lend their model.", NULL,
             missing_capability);
    add_tool(server, "test_input_required_result_elicitation", "Asks for the user's name.", NULL, ask_name);
    add_tool(server, "test_input_required_result_sampling", "Asks the client's model for a capital.", NULL, ask_model);
    add_tool(server, "test_input_required_result_list_roots", "Asks for the client's folders.", NULL, ask_folders);
    add_tool(server, "test_input_required_result_capabilities", "Asks only what the client can be asked.", NULL,
             ask_what_is_possible);
}
