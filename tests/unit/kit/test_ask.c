#include <gatehouse/server.h>

#include "unit/kit/visit.h"

#define EVERY_ABILITY 31u
#define FORM          "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}},\"required\":[\"name\"]}"
#define ASK_NAME                                                                                                       \
    "{\"name\":{\"method\":\"elicitation/create\",\"params\":{\"message\":\"Who?\",\"requestedSchema\":" FORM "}}}"
#define ASK_ROOTS "{\"where\":{\"method\":\"roots/list\",\"params\":{}}}"

/* One call of tool "t" in one round; gives what was heard last, in `v`. */
static const struct heard *round_of(struct visit *v, struct gatehouse_server *server, struct loop *loop,
                                    const char *responses, const char *state, unsigned abilities)
{
    visit_start(v, server, loop, "tools/call", "{\"name\":\"t\"}",
                (struct extra){ .responses = responses, .state = state, .abilities = abilities });
    return visit_end(v);
}

static void check_asks(struct gatehouse_server *server, struct loop *loop, const char *responses, const char *state,
                       const char *questions, const char *next_state)
{
    struct visit v;
    const struct heard *last = round_of(&v, server, loop, responses, state, EVERY_ABILITY);

    CHECK_SLICE(slice_of(last->message), "");
    CHECK_EQ(last->kind, KIT_INPUT_REQUIRED);
    CHECK_SLICE(slice_of(last->json), questions);
    CHECK_SLICE(slice_of(last->state), next_state);
    visit_forget(&v);
}

static void check_ends(struct gatehouse_server *server, struct loop *loop, const char *responses, const char *state,
                       const char *text)
{
    struct visit v;
    const struct heard *last = round_of(&v, server, loop, responses, state, EVERY_ABILITY);

    CHECK_SLICE(slice_of(last->message), "");
    CHECK_EQ(last->kind, KIT_RESULT);
    auto_free(json) result = parse(last->json);
    struct json_elements blocks = json_elements(json_get(json_root(result), S("content")));
    CHECK(json_next_element(&blocks));
    CHECK_SLICE(json_get_string(blocks.value, S("text")), text);
    CHECK(!json_next_element(&blocks));
    visit_forget(&v);
}

static void check_refuses(struct gatehouse_server *server, struct loop *loop, unsigned abilities, int code,
                          const char *message, const char *data)
{
    struct visit v;
    const struct heard *last = round_of(&v, server, loop, NULL, NULL, abilities);

    CHECK_EQ(last->kind, KIT_ERROR);
    CHECK_EQ(last->code, code);
    CHECK_SLICE(slice_of(last->message), message);
    CHECK_SLICE(slice_of(last->json), data);
    visit_forget(&v);
}

static void ask_name(struct gatehouse_call *call, void *user)
{
    (void)user;
    if (!gatehouse_ask_elicit(call, "name", "Who?", FORM))
        return;
    if (gatehouse_answer_accepted(call, "name"))
        gatehouse_add_text(call, gatehouse_answer_string(call, "name", "/content/name"));
    else
        gatehouse_add_text(call, gatehouse_answer_string(call, "name", "/action"));
}

TEST(a_question_is_put_and_its_answer_found_in_the_next_round)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_handler(server, "t", ask_name);
    check_asks(server, loop, NULL, NULL, ASK_NAME, "");
    check_ends(server, loop, "{\"name\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}},\"more\":1}", NULL,
               "Ada");
    check_ends(server, loop, "{\"name\":{\"action\":\"decline\"}}", NULL, "decline");
    check_ends(server, loop, "{\"name\":{\"action\":\"cancel\"}}", NULL, "cancel");
    gatehouse_server_free(server);
}

TEST(what_is_no_answer_is_asked_again)
{
    static const char *const bad[] = {
        "{}",
        "{\"other\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}}",
        "{\"name\":12345}",
        "{\"name\":{}}",
        "{\"name\":{\"action\":\"agree\"}}",
        "{\"name\":{\"action\":\"accept\"}}",
        "{\"name\":{\"action\":\"accept\",\"content\":[]}}",
        "{\"name\":{\"action\":\"accept\",\"content\":{\"name\":7}}}",
    };
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_handler(server, "t", ask_name);
    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        check_asks(server, loop, bad[i], NULL, ASK_NAME, "");
    gatehouse_server_free(server);
}

TEST(responses_that_are_no_object_and_states_that_are_not_ours_are_refused)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();
    struct visit v;

    add_handler(server, "t", ask_name);
    CHECK_EQ(round_of(&v, server, loop, "[1]", NULL, EVERY_ABILITY)->code, -32602);
    CHECK_SLICE(slice_of(v.heard[0].message), "inputResponses must be an object");
    visit_forget(&v);
    CHECK_EQ(round_of(&v, server, loop, NULL, "forged", EVERY_ABILITY)->code, -32602);
    visit_forget(&v);
    gatehouse_server_free(server);
}

/* ---- Several questions ---- */

static void ask_both(struct gatehouse_call *call, void *user)
{
    (void)user;
    bool sampled = gatehouse_ask_sample(call, "poem", "{\"messages\":[],\"maxTokens\":5}");
    bool placed = gatehouse_ask_roots(call, "where");
    if (sampled && placed)
        gatehouse_add_text(call, gatehouse_answer_json(call, "where", "/roots"));
}

#define POEM     "\"poem\":{\"role\":\"assistant\",\"content\":{\"type\":\"text\",\"text\":\"o\"},\"model\":\"m\"}"
#define ASK_POEM "\"poem\":{\"method\":\"sampling/createMessage\",\"params\":{\"messages\":[],\"maxTokens\":5}}"

TEST(several_questions_are_put_at_once_and_the_missing_ones_again)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_handler(server, "t", ask_both);
    check_asks(server, loop, NULL, NULL, "{" ASK_POEM ",\"where\":{\"method\":\"roots/list\",\"params\":{}}}", "");
    check_asks(server, loop, "{" POEM "}", NULL, ASK_ROOTS, "{\"a\":{" POEM "}}");
    check_ends(server, loop, "{\"where\":{\"roots\":[]}}", "{\"a\":{" POEM "}}", "[]");
    check_ends(server, loop, "{" POEM ",\"where\":{\"roots\":[]}}", NULL, "[]");
    gatehouse_server_free(server);
}

static void ask_in_steps(struct gatehouse_call *call, void *user)
{
    size_t size = 7;
    const void *state = gatehouse_state(call, &size);

    (void)user;
    if (!gatehouse_ask_elicit(call, "name", "Who?", FORM)) {
        CHECK(state == NULL && size == 0);
        gatehouse_set_state(call, "1\0", 2);
        return;
    }
    if (!gatehouse_ask_roots(call, "where"))
        return;
    CHECK(state == NULL); /* it lasts for one round */
    gatehouse_add_text(call, gatehouse_answer_string(call, "name", "/content/name"));
}

TEST(earlier_answers_travel_along_while_the_handler_asks_for_them)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_handler(server, "t", ask_in_steps);
    check_asks(server, loop, NULL, NULL, ASK_NAME, "{\"s\":\"MQA=\"}");
    check_asks(server, loop, "{\"name\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}}", "{\"s\":\"MQA=\"}",
               ASK_ROOTS, "{\"a\":{\"name\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}}}");
    check_ends(server, loop, "{\"where\":{\"roots\":[]}}",
               "{\"a\":{\"name\":{\"action\":\"accept\",\"content\":{\"name\":\"Ada\"}}}}", "Ada");
    gatehouse_server_free(server);
}

static void ask_twice(struct gatehouse_call *call, void *user)
{
    (void)user;
    CHECK(!gatehouse_ask_roots(call, "where"));
    CHECK(!gatehouse_ask_roots(call, "where"));
    CHECK(gatehouse_answer(call, "where") == NULL);
    gatehouse_add_text(call, "not told while a question is open");
}

TEST(one_key_is_one_question)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_handler(server, "t", ask_twice);
    check_asks(server, loop, NULL, NULL, ASK_ROOTS, "");
    gatehouse_server_free(server);
}

/* ---- What the client can do ---- */

static void ask_page(struct gatehouse_call *call, void *user)
{
    (void)user;
    if (gatehouse_ask_elicit_url(call, "page", "Open it", "https://example.com/"))
        gatehouse_add_text(call, gatehouse_answer_accepted(call, "page") ? "yes" : "no");
}

static void ask_with_tools(struct gatehouse_call *call, void *user)
{
    (void)user;
    CHECK(!gatehouse_ask_sample(call, "m", "{\"messages\":[],\"tools\":[]}"));
}

TEST(nothing_is_asked_that_the_client_cannot_do)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();
    const unsigned form = 1u << ENVELOPE_CAN_ELICIT_FORM;
    const unsigned sample = 1u << ENVELOPE_CAN_SAMPLE;

    add_handler(server, "t", ask_name);
    check_refuses(server, loop, sample, -32021, "This needs a client that can show forms to its user (elicitation)",
                  "{\"requiredCapabilities\":{\"elicitation\":{\"form\":{}}}}");
    CHECK_EQ(gatehouse_remove_tool(server, "t"), GATEHOUSE_OK);
    add_handler(server, "t", ask_page);
    check_refuses(server, loop, form, -32021,
                  "This needs a client that can open pages for its user (elicitation by URL)",
                  "{\"requiredCapabilities\":{\"elicitation\":{\"url\":{}}}}");
    check_asks(server, loop, NULL, NULL,
               "{\"page\":{\"method\":\"elicitation/create\",\"params\":"
               "{\"mode\":\"url\",\"message\":\"Open it\",\"url\":\"https://example.com/\"}}}",
               "");
    check_ends(server, loop, "{\"page\":{\"action\":\"accept\"}}", NULL, "yes");
    CHECK_EQ(gatehouse_remove_tool(server, "t"), GATEHOUSE_OK);
    add_handler(server, "t", ask_with_tools);
    check_refuses(server, loop, sample, -32021, "This needs a client that lends its model with tools (sampling)",
                  "{\"requiredCapabilities\":{\"sampling\":{\"tools\":{}}}}");
    gatehouse_server_free(server);
}

static void check_abilities(struct gatehouse_call *call, void *user)
{
    (void)user;
    CHECK(gatehouse_client_can(call, GATEHOUSE_CAN_LIST_ROOTS));
    CHECK(!gatehouse_client_can(call, GATEHOUSE_CAN_SAMPLE));
    CHECK(gatehouse_need_capability(call, GATEHOUSE_CAN_LIST_ROOTS));
    CHECK(!gatehouse_need_capability(call, GATEHOUSE_CAN_SAMPLE));
    CHECK(!gatehouse_ask_roots(call, "where")); /* the call has ended */
}

TEST(a_handler_may_insist_on_a_capability)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_handler(server, "t", check_abilities);
    check_refuses(server, loop, 1u << ENVELOPE_CAN_LIST_ROOTS, -32021,
                  "This needs a client that lends its model (sampling)",
                  "{\"requiredCapabilities\":{\"sampling\":{}}}");
    gatehouse_server_free(server);
}

/* ---- Handlers that do it wrong ---- */

static void ask_without_key(struct gatehouse_call *call, void *user)
{
    (void)user;
    CHECK(!gatehouse_ask_roots(call, ""));
}

static void ask_with_broken_form(struct gatehouse_call *call, void *user)
{
    (void)user;
    CHECK(!gatehouse_ask_elicit(call, "k", "m", "{"));
}

static void ask_with_list_for_form(struct gatehouse_call *call, void *user)
{
    (void)user;
    CHECK(!gatehouse_ask_elicit(call, "k", "m", "[]"));
}

static void ask_without_messages(struct gatehouse_call *call, void *user)
{
    (void)user;
    CHECK(!gatehouse_ask_sample(call, "k", "{}"));
}

static void ask_without_url(struct gatehouse_call *call, void *user)
{
    (void)user;
    CHECK(!gatehouse_ask_elicit_url(call, "k", "m", NULL));
}

static void ask_endlessly(struct gatehouse_call *call, void *user)
{
    (void)user;
    for (int i = 0; i < 65; i++)
        (void)gatehouse_ask_roots(call, gatehouse_format(call, "k%d", i));
}

static void keep_too_much(struct gatehouse_call *call, void *user)
{
    static const char much[8193];

    (void)user;
    (void)gatehouse_ask_roots(call, "k");
    gatehouse_set_state(call, much, sizeof(much));
}

TEST(a_question_made_wrong_ends_the_call)
{
    static const struct {
        gatehouse_handler_fn handler;
        const char *fault;
    } cases[] = {
        { ask_without_key, "the server's handler failed: its question has no key" },
        { ask_with_broken_form, "the server's handler failed: it gave JSON that cannot be parsed" },
        { ask_with_list_for_form, "the server's handler failed: its form has no message or no schema" },
        { ask_without_messages, "the server's handler failed: it asks the model without messages" },
        { ask_without_url, "the server's handler failed: its page has no message or no URL" },
        { ask_endlessly, "the server's handler failed: it asks too many questions" },
        { keep_too_much, "the server's handler failed: its state and the answers so far are too large to travel" },
    };
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    for (size_t i = 0; i < N_ELEMENTS(cases); i++) {
        add_handler(server, "t", cases[i].handler);
        check_refuses(server, loop, EVERY_ABILITY, -32603, cases[i].fault, "");
        CHECK_EQ(gatehouse_remove_tool(server, "t"), GATEHOUSE_OK);
    }
    gatehouse_server_free(server);
}
