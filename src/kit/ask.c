/*
 * Questions to the client. Nothing blocks here: an answer is looked up among those that came with the call, and a
 * question without one is written down, to be put when the handler has returned.
 */
#include "base/utf8.h"
#include "kit/round.h"
#include "kit/schema.h"
#include "json/json.h"
#include "json/json_write.h"

struct question {
    const char *key;
    enum gatehouse_capability needs;
    struct slice method;
    struct slice params;             /* JSON object */
    const struct json_value *schema; /* of an elicitation's form; NULL: none */
};

/* What a client must declare, as a ClientCapabilities object (J-18), and in words. */
static struct slice capability_json(enum gatehouse_capability capability)
{
    switch (capability) {
    case GATEHOUSE_CAN_ELICIT_FORM:
        return S("{\"elicitation\":{\"form\":{}}}");
    case GATEHOUSE_CAN_ELICIT_URL:
        return S("{\"elicitation\":{\"url\":{}}}");
    case GATEHOUSE_CAN_SAMPLE:
        return S("{\"sampling\":{}}");
    case GATEHOUSE_CAN_SAMPLE_WITH_TOOLS:
        return S("{\"sampling\":{\"tools\":{}}}");
    case GATEHOUSE_CAN_LIST_ROOTS:
        return S("{\"roots\":{}}");
    }
    UNREACHABLE();
}

static struct slice capability_message(enum gatehouse_capability capability)
{
    switch (capability) {
    case GATEHOUSE_CAN_ELICIT_FORM:
        return S("This needs a client that can show forms to its user (elicitation)");
    case GATEHOUSE_CAN_ELICIT_URL:
        return S("This needs a client that can open pages for its user (elicitation by URL)");
    case GATEHOUSE_CAN_SAMPLE:
        return S("This needs a client that lends its model (sampling)");
    case GATEHOUSE_CAN_SAMPLE_WITH_TOOLS:
        return S("This needs a client that lends its model with tools (sampling)");
    case GATEHOUSE_CAN_LIST_ROOTS:
        return S("This needs a client that tells its folders (roots)");
    }
    UNREACHABLE();
}

bool gatehouse_client_can(const struct gatehouse_call *call, enum gatehouse_capability capability)
{
    return (call->abilities & 1u << capability) != 0;
}

bool gatehouse_need_capability(struct gatehouse_call *call, enum gatehouse_capability capability)
{
    if (gatehouse_client_can(call, capability))
        return true;
    if (call->ended)
        return false;

    round_refuse(call, RPC_MISSING_CAPABILITY, capability_message(capability));
    struct json_writer w = json_writer(&call->outcome.json);
    json_begin_object(&w);
    json_set_raw(&w, S("requiredCapabilities"), capability_json(capability));
    json_end_object(&w);
    return false;
}

/* ---- Is it an answer to that question? A decline is one, too. ---- */

static bool fits_elicitation(const struct question *q, const struct json_value *answer)
{
    struct slice action = json_get_string(answer, S("action"));

    if (slice_eq(action, S("decline")) || slice_eq(action, S("cancel")))
        return true;
    if (!slice_eq(action, S("accept")))
        return false;
    if (q->schema == NULL)
        return true;

    const struct json_value *content = json_get(answer, S("content"));
    auto_buf why;
    buf_init(&why, OUTCOME_MAX_MESSAGE);
    return (content == NULL || json_is_object(content)) && schema_fits(q->schema, content, &why);
}

static bool fits(const struct question *q, const struct json_value *answer)
{
    switch (q->needs) {
    case GATEHOUSE_CAN_ELICIT_FORM:
    case GATEHOUSE_CAN_ELICIT_URL:
        return fits_elicitation(q, answer);
    case GATEHOUSE_CAN_SAMPLE:
    case GATEHOUSE_CAN_SAMPLE_WITH_TOOLS: {
        const struct json_value *content = json_get(answer, S("content"));
        return json_is_string(json_get(answer, S("role"))) && (json_is_object(content) || json_is_array(content));
    }
    case GATEHOUSE_CAN_LIST_ROOTS:
        return json_is_array(json_get(answer, S("roots")));
    }
    UNREACHABLE();
}

/* ---- Putting it ---- */

/* A member of an object that is being written without its braces. */
static void put_member(struct buf *to, struct slice name)
{
    if (to->len > 0)
        buf_putc(to, ',');
    json_put_string(to, name);
    buf_putc(to, ':');
}

static void put_question(struct gatehouse_call *call, const struct question *q)
{
    struct buf *to = &call->questions;

    put_member(to, slice_of(q->key));
    struct json_writer w = json_writer(to);
    json_begin_object(&w);
    json_set_string(&w, S("method"), q->method);
    json_set_raw(&w, S("params"), q->params);
    json_end_object(&w);
}

/* Asked again in the next round, this answer must be there again: it travels with the state. */
static void keep_answer(struct gatehouse_call *call, const struct question *q, const struct json_value *answer)
{
    put_member(&call->kept, slice_of(q->key));
    json_put(&call->kept, answer);
}

static bool ask(struct gatehouse_call *call, const struct question *q)
{
    struct slice key = slice_of(q->key);

    if (call->ended || !gatehouse_need_capability(call, q->needs))
        return false;
    if (key.len == 0 || !utf8_is_valid(key)) {
        round_blame(call, "its question has no key");
        return false;
    }

    const struct buf *where = map_find(&call->asked, key);
    if (where != NULL) /* asked before in this very round */
        return where == &call->kept;

    const struct json_value *answer = answers_find(&call->answers, key);
    bool answered = answer != NULL && fits(q, answer);
    if (map_add(&call->asked, key, answered ? &call->kept : &call->questions) != OK) {
        round_blame(call, "it asks too many questions");
        return false;
    }
    if (answered)
        keep_answer(call, q, answer);
    else
        put_question(call, q);
    return answered;
}

/* ---- The four kinds ---- */

bool gatehouse_ask_elicit(struct gatehouse_call *call, const char *key, const char *message, const char *schema)
{
    if (call->ended)
        return false;
    auto_free(json) parsed = round_parse(call, schema);
    if (parsed == NULL)
        return false;
    if (message == NULL || !utf8_is_valid(slice_of(message)) || !json_is_object(json_root(parsed))) {
        round_blame(call, "its form has no message or no schema");
        return false;
    }

    auto_buf params;
    buf_init(&params, call->max_result_bytes);
    struct json_writer w = json_writer(&params);
    json_begin_object(&w);
    json_set_string(&w, S("message"), slice_of(message));
    json_set_value(&w, S("requestedSchema"), json_root(parsed));
    json_end_object(&w);
    if (buf_ok(&params) != OK) {
        round_blame(call, "its form is too large");
        return false;
    }
    return ask(call, &(struct question){ .key = key,
                                         .needs = GATEHOUSE_CAN_ELICIT_FORM,
                                         .method = S("elicitation/create"),
                                         .params = buf_slice(&params),
                                         .schema = json_root(parsed) });
}

bool gatehouse_ask_elicit_url(struct gatehouse_call *call, const char *key, const char *message, const char *url)
{
    if (call->ended)
        return false;
    if (message == NULL || url == NULL || !utf8_is_valid(slice_of(message)) || !utf8_is_valid(slice_of(url))) {
        round_blame(call, "its page has no message or no URL");
        return false;
    }

    auto_buf params;
    buf_init(&params, call->max_result_bytes);
    struct json_writer w = json_writer(&params);
    json_begin_object(&w);
    json_set_string(&w, S("mode"), S("url"));
    json_set_string(&w, S("message"), slice_of(message));
    json_set_string(&w, S("url"), slice_of(url));
    json_end_object(&w);
    if (buf_ok(&params) != OK) {
        round_blame(call, "its page has too long a message");
        return false;
    }
    return ask(call, &(struct question){ .key = key,
                                         .needs = GATEHOUSE_CAN_ELICIT_URL,
                                         .method = S("elicitation/create"),
                                         .params = buf_slice(&params) });
}

bool gatehouse_ask_sample(struct gatehouse_call *call, const char *key, const char *params)
{
    if (call->ended)
        return false;
    auto_free(json) parsed = round_parse(call, params);
    if (parsed == NULL)
        return false;
    if (!json_is_array(json_get(json_root(parsed), S("messages")))) {
        round_blame(call, "it asks the model without messages");
        return false;
    }
    bool with_tools = json_get(json_root(parsed), S("tools")) != NULL;
    return ask(call, &(struct question){ .key = key,
                                         .needs = with_tools ? GATEHOUSE_CAN_SAMPLE_WITH_TOOLS : GATEHOUSE_CAN_SAMPLE,
                                         .method = S("sampling/createMessage"),
                                         .params = slice_of(params) });
}

bool gatehouse_ask_roots(struct gatehouse_call *call, const char *key)
{
    return ask(call, &(struct question){
                         .key = key, .needs = GATEHOUSE_CAN_LIST_ROOTS, .method = S("roots/list"), .params = S("{}") });
}

/* ---- The answers ---- */

/* Only what a question of this round found to be its answer: anything else may have any shape. */
static const struct json_value *answer_to(struct gatehouse_call *call, const char *key)
{
    return map_find(&call->asked, slice_of(key)) == &call->kept ? answers_find(&call->answers, slice_of(key)) : NULL;
}

const char *gatehouse_answer(struct gatehouse_call *call, const char *key)
{
    return round_json(call, answer_to(call, key));
}

const char *gatehouse_answer_string(struct gatehouse_call *call, const char *key, const char *pointer)
{
    return round_string(call, answers_at(answer_to(call, key), slice_of(pointer)));
}

const char *gatehouse_answer_json(struct gatehouse_call *call, const char *key, const char *pointer)
{
    return round_json(call, answers_at(answer_to(call, key), slice_of(pointer)));
}

bool gatehouse_answer_accepted(struct gatehouse_call *call, const char *key)
{
    return json_string_is(json_get(answer_to(call, key), S("action")), S("accept"));
}

/* ---- The handler's own state ---- */

void gatehouse_set_state(struct gatehouse_call *call, const void *data, size_t size)
{
    buf_clear(&call->next_state);
    buf_put(&call->next_state, (struct slice){ data, size });
    call->has_next_state = true;
}

const void *gatehouse_state(const struct gatehouse_call *call, size_t *size)
{
    *size = call->answers.bytes.len;
    if (!call->answers.has_bytes)
        return NULL;
    return *size > 0 ? call->answers.bytes.ptr : "";
}
