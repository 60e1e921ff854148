/*
 * Tools that need several answers, at once or one after the other, and keep something of their own from round to round.
 */
#include <string.h>

#include "everything.h"

static const char name_form[] = "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}},"
                                "\"required\":[\"name\"]}";
static const char color_form[] = "{\"type\":\"object\",\"properties\":{\"color\":{\"type\":\"string\"}},"
                                 "\"required\":[\"color\"]}";
static const char ok_form[] = "{\"type\":\"object\",\"properties\":{\"ok\":{\"type\":\"boolean\"}},"
                              "\"required\":[\"ok\"]}";

static bool state_is(const struct gatehouse_call *call, const char *expected)
{
    size_t size;
    const void *state = gatehouse_state(call, &size);

    return state != NULL && size == strlen(expected) && memcmp(state, expected, size) == 0;
}

static void set_state(struct gatehouse_call *call, const char *state)
{
    gatehouse_set_state(call, state, strlen(state));
}

/* The state comes back as it was, or the call does not come back at all. */
static void confirm_with_state(struct gatehouse_call *call, void *user)
{
    (void)user;
    if (!gatehouse_ask_elicit(call, "confirm", "Please confirm", ok_form))
        set_state(call, "asked to confirm");
    else if (state_is(call, "asked to confirm"))
        gatehouse_add_text(call, "Confirmed: state-ok");
    else
        gatehouse_fail(call, "That is an answer to a question of another call.");
}

static void several_at_once(struct gatehouse_call *call, void *user)
{
    static const char greeting[] = "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\","
                                   "\"text\":\"Generate a greeting\"}}],\"maxTokens\":50}";

    (void)user;
    bool named = gatehouse_ask_elicit(call, "user_name", "What is your name?", name_form);
    bool greeted = gatehouse_ask_sample(call, "greeting", greeting);
    bool placed = gatehouse_ask_roots(call, "client_roots");
    if (!named || !greeted || !placed) {
        set_state(call, "three questions");
        return;
    }
    const char *name = gatehouse_answer_string(call, "user_name", "/content/name");
    const char *text = gatehouse_answer_string(call, "greeting", "/content/text");
    gatehouse_add_textf(call, "%s %s, working in %s", text != NULL ? text : "Hello", name != NULL ? name : "stranger",
                        gatehouse_answer_json(call, "client_roots", "/roots"));
}

/* Written as if one question simply followed the other: the answer to the first is still there in the third round. */
static void one_after_the_other(struct gatehouse_call *call, void *user)
{
    (void)user;
    if (!gatehouse_ask_elicit(call, "step1", "Step 1: What is your name?", name_form)) {
        set_state(call, "step 1");
        return;
    }
    if (!gatehouse_ask_elicit(call, "step2", "Step 2: What is your favorite color?", color_form)) {
        set_state(call, "step 2");
        return;
    }
    const char *name = gatehouse_answer_string(call, "step1", "/content/name");
    const char *color = gatehouse_answer_string(call, "step2", "/content/color");
    gatehouse_add_textf(call, "%s likes %s.", name != NULL ? name : "Somebody", color != NULL ? color : "no color");
}

void add_round_tools(struct gatehouse_server *server)
{
    add_tool(server, "test_input_required_result_request_state", "Asks, and checks that its state comes back.", NULL,
             confirm_with_state);
    add_tool(server, "test_input_required_result_tampered_state", "Asks, with a state that nobody may alter.", NULL,
             confirm_with_state);
    add_tool(server, "test_input_required_result_multiple_inputs", "Asks for three things at once.", NULL,
             several_at_once);
    add_tool(server, "test_input_required_result_multi_round", "Asks for one thing after the other.", NULL,
             one_after_the_other);
}
