/*
 * A call: which method it names, what answers it, and how that becomes events on the caller's loop.
 *
 *     kit_call_start ──► ANSWERED (lists, and everything that is wrong) ──► last event
 *                   └──► HANDLING (a round is on a thread of the lane) ───► events … last event
 */
#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "kit/kit_internal.h"
#include "kit/line.h"
#include "kit/list.h"
#include "kit/outcome.h"
#include "kit/round.h"
#include "kit/schema.h"
#include "loop/op.h"
#include "json/json.h"
#include "json/json_write.h"

#define MAX_LIST_BYTES      (16u << 20)
#define MAX_URI_BYTES       8192u
#define MAX_ARGUMENTS_BYTES (16u << 20) /* they came in a message that was limited already */

struct kit_call {
    struct op op;
    enum { CALL_ANSWERED, CALL_HANDLING } state;
    struct kit *kit; /* borrowed */
    struct loop *loop;
    kit_event_fn fn;
    void *context;
    struct line *line;            /* NULL: no handler is at work */
    struct gatehouse_call *round; /* ours until work_drop */
    struct outcome outcome;       /* when ANSWERED */
    bool let_go;                  /* by kit_call_cancel: nobody but us knows the call */
};

static void tell(struct kit_call *call, const struct kit_event *event)
{
    if (!call->let_go)
        call->fn(call, event, call->context);
}

static void on_said(void *context, enum kit_event_kind kind, struct slice json)
{
    tell(context, &(struct kit_event){ .kind = kind, .json = json });
}

static void refuse(struct kit_call *call, int code, struct slice message)
{
    outcome_refuse(&call->outcome, code, message);
}

/* ---- Handing a round to the lane ---- */

/* What becomes of a call that has found its entry: the parts of a round that differ from method to method. */
struct task {
    struct entry *entry; /* owned until the round has it */
    struct slice subject;
    struct slice typed;
    struct slice arguments; /* JSON text */
    struct slice freshness;
};

static void submit(struct kit_call *call, const struct kit_request *request, struct task *task, struct slice responses)
{
    struct kit *kit = call->kit;
    struct lane *lane = kit_lane(kit);

    if (lane == NULL) {
        entry_free(TAKE(task->entry));
        refuse(call, RPC_INTERNAL_ERROR, S("The server cannot start a thread"));
        return;
    }
    call->line = line_new(call->loop, on_said, call);
    struct gatehouse_call *round = round_new(&(struct round_options){
        .entry = TAKE(task->entry),
        .line = call->line,
        .subject = task->subject,
        .principal = request->principal,
        .typed = task->typed,
        .arguments = task->arguments,
        .responses = responses,
        .state = request->state,
        .freshness = task->freshness,
        .abilities = request->abilities,
        .log_level = request->log_level,
        .wants_progress = request->wants_progress,
        .max_result_bytes = kit->max_result_bytes,
    });
    if (work_submit(lane, call->loop, &round->work) != OK) {
        refuse(call, RPC_INTERNAL_ERROR, S("The server is busy; try again later"));
        return;
    }
    call->round = round;
    call->state = CALL_HANDLING;
}

static void start_round(struct kit_call *call, const struct kit_request *request, struct task *task)
{
    auto_buf responses;

    buf_init(&responses, MAX_ARGUMENTS_BYTES);
    if (request->input_responses != NULL && !json_is_object(request->input_responses)) {
        entry_free(TAKE(task->entry));
        refuse(call, RPC_INVALID_PARAMS, S("inputResponses must be an object"));
        return;
    }
    if (request->input_responses != NULL)
        json_put(&responses, request->input_responses);
    submit(call, request, task, buf_slice(&responses));
}

/* A completion nobody gives values for. */
static void answer_no_values(struct kit_call *call)
{
    buf_put(&call->outcome.json, S("{\"completion\":{\"values\":[],\"total\":0,\"hasMore\":false}}"));
}

/* ---- tools/call ---- */

static void answer_tool_failure(struct kit_call *call, struct slice why)
{
    struct json_writer w = json_writer(&call->outcome.json);

    json_begin_object(&w);
    json_name(&w, S("content"));
    json_begin_array(&w);
    json_begin_object(&w);
    json_set_string(&w, S("type"), S("text"));
    json_set_string(&w, S("text"), why);
    json_end_object(&w);
    json_end_array(&w);
    json_set_bool(&w, S("isError"), true);
    json_end_object(&w);
}

/* `arguments` of the params, as text. False: there are some, and they are no object. */
static bool put_arguments(const struct kit_request *request, struct buf *to)
{
    const struct json_value *arguments = json_get(request->params, S("arguments"));

    if (arguments == NULL || json_is_null(arguments)) /* some clients write down what they leave out */
        return true;
    json_put(to, arguments);
    return json_is_object(arguments);
}

static void call_tool(struct kit_call *call, const struct kit_request *request)
{
    struct slice name = json_get_string(request->params, S("name"));
    auto_free(entry) tool = registry_find(call->kit->registry, ENTRY_TOOL, name);
    auto_buf arguments;
    auto_buf why;

    buf_init(&arguments, MAX_ARGUMENTS_BYTES);
    buf_init(&why, OUTCOME_MAX_MESSAGE);
    if (tool == NULL) {
        refuse(call, RPC_INVALID_PARAMS, S("Unknown tool"));
        return;
    }
    if (!put_arguments(request, &arguments)) {
        refuse(call, RPC_INVALID_PARAMS, S("arguments must be an object"));
        return;
    }
    /* The model wrote them, so the model is told (F-07). */
    if (!schema_fits(json_root(tool->schema), json_get(request->params, S("arguments")), &why)) {
        answer_tool_failure(call, buf_slice(&why));
        return;
    }
    start_round(call, request,
                &(struct task){ .entry = TAKE(tool), .subject = name, .arguments = buf_slice(&arguments) });
}

/* ---- prompts/get ---- */

/* Every argument is a string, and those that are required are there; if not, the sentence says what is wrong. */
static bool fits_prompt(const struct entry *prompt, const struct json_value *arguments, struct buf *why)
{
    for (size_t i = 0; i < prompt->n_arguments; i++) {
        const struct entry_argument *a = &prompt->arguments[i];
        const struct json_value *value = json_get(arguments, slice_of(a->name));
        if (value == NULL ? a->required : !json_is_string(value)) {
            buf_printf(why, "The argument \"%.100s\" %s", a->name, value == NULL ? "is missing" : "must be a string");
            return false;
        }
    }
    return true;
}

static void get_prompt(struct kit_call *call, const struct kit_request *request)
{
    struct slice name = json_get_string(request->params, S("name"));
    auto_free(entry) prompt = registry_find(call->kit->registry, ENTRY_PROMPT, name);
    auto_buf arguments;
    auto_buf why;

    buf_init(&arguments, MAX_ARGUMENTS_BYTES);
    buf_init(&why, OUTCOME_MAX_MESSAGE);
    if (prompt == NULL) {
        refuse(call, RPC_INVALID_PARAMS, S("Unknown prompt"));
        return;
    }
    if (!put_arguments(request, &arguments)) {
        refuse(call, RPC_INVALID_PARAMS, S("arguments must be an object"));
        return;
    }
    if (!fits_prompt(prompt, json_get(request->params, S("arguments")), &why)) {
        refuse(call, RPC_INVALID_PARAMS, buf_slice(&why));
        return;
    }
    start_round(call, request,
                &(struct task){ .entry = TAKE(prompt), .subject = name, .arguments = buf_slice(&arguments) });
}

/* ---- resources/read ---- */

static struct entry *find_resource(struct kit *kit, struct slice uri, struct buf *variables)
{
    struct entry *resource = registry_find(kit->registry, ENTRY_RESOURCE, uri);

    return resource != NULL ? resource : registry_match(kit->registry, uri, variables);
}

static void read_resource(struct kit_call *call, const struct kit_request *request)
{
    const struct json_value *uri = json_get(request->params, S("uri"));
    auto_buf variables;

    buf_init(&variables, MAX_URI_BYTES * 8); /* as JSON a character may take six */
    if (!json_is_string(uri)) {
        refuse(call, RPC_INVALID_PARAMS, S("uri must be a string"));
        return;
    }
    struct slice text = json_string(uri);
    auto_free(entry) resource = text.len <= MAX_URI_BYTES ? find_resource(call->kit, text, &variables) : NULL;
    if (resource == NULL) {
        refuse(call, RPC_INVALID_PARAMS, S("Resource not found"));
        outcome_name_uri(&call->outcome, text);
        return;
    }
    bool by_template = resource->kind == ENTRY_TEMPLATE;
    start_round(call, request,
                &(struct task){ .entry = TAKE(resource),
                                .subject = text,
                                .arguments = by_template ? buf_slice(&variables) : NO_SLICE,
                                .freshness = slice_of(call->kit->freshness) });
}

/* ---- completion/complete ---- */

/* The prompt or template that is being completed must be there; whether somebody has values for it is another thing. */
static bool is_subject(struct kit *kit, bool of_prompt, struct slice subject)
{
    auto_free(entry) e = registry_find(kit->registry, of_prompt ? ENTRY_PROMPT : ENTRY_TEMPLATE, subject);
    auto_free(entry) fixed = of_prompt ? NULL : registry_find(kit->registry, ENTRY_RESOURCE, subject);

    return e != NULL || fixed != NULL;
}

static void complete(struct kit_call *call, const struct kit_request *request)
{
    const struct json_value *ref = json_get(request->params, S("ref"));
    const struct json_value *argument = json_get(request->params, S("argument"));
    const struct json_value *chosen = json_get(json_get(request->params, S("context")), S("arguments"));
    bool of_prompt = json_string_is(json_get(ref, S("type")), S("ref/prompt"));
    struct slice subject = json_get_string(ref, of_prompt ? S("name") : S("uri"));
    auto_buf key;
    auto_buf arguments;

    buf_init(&key, MAX_URI_BYTES * 2);
    buf_init(&arguments, MAX_ARGUMENTS_BYTES);
    if ((!of_prompt && !json_string_is(json_get(ref, S("type")), S("ref/resource"))) ||
        !json_is_string(json_get(argument, S("name"))) || !json_is_string(json_get(argument, S("value")))) {
        refuse(call, RPC_INVALID_PARAMS, S("ref or argument is not what it should be"));
        return;
    }
    if (!is_subject(call->kit, of_prompt, subject)) {
        refuse(call, RPC_INVALID_PARAMS, of_prompt ? S("Unknown prompt") : S("Unknown resource template"));
        return;
    }
    completion_key(&key, of_prompt, subject, json_get_string(argument, S("name")));
    auto_free(entry) completion =
        buf_ok(&key) == OK ? registry_find(call->kit->registry, ENTRY_COMPLETION, buf_slice(&key)) : NULL;
    if (completion == NULL) {
        answer_no_values(call);
        return;
    }
    if (json_is_object(chosen))
        json_put(&arguments, chosen);
    start_round(call, request,
                &(struct task){ .entry = TAKE(completion),
                                .subject = subject,
                                .typed = json_get_string(argument, S("value")),
                                .arguments = buf_slice(&arguments) });
}

/* ---- Which method ---- */

static void list_tools(struct kit_call *call, const struct kit_request *request)
{
    list_page(call->kit, ENTRY_TOOL, S("tools"), request->params, &call->outcome);
}

static void list_prompts(struct kit_call *call, const struct kit_request *request)
{
    list_page(call->kit, ENTRY_PROMPT, S("prompts"), request->params, &call->outcome);
}

static void list_resources(struct kit_call *call, const struct kit_request *request)
{
    list_page(call->kit, ENTRY_RESOURCE, S("resources"), request->params, &call->outcome);
}

static void list_templates(struct kit_call *call, const struct kit_request *request)
{
    list_page(call->kit, ENTRY_TEMPLATE, S("resourceTemplates"), request->params, &call->outcome);
}

struct method {
    struct slice name;
    void (*start)(struct kit_call *call, const struct kit_request *request);
    enum entry_kind needs; /* it is served when one of these is registered … */
    enum entry_kind or ;   /* … or one of these: what kit_put_capabilities advertises */
};

static const struct method methods[] = {
    { { "tools/call", 10 }, call_tool, ENTRY_TOOL, ENTRY_TOOL },
    { { "tools/list", 10 }, list_tools, ENTRY_TOOL, ENTRY_TOOL },
    { { "resources/read", 14 }, read_resource, ENTRY_RESOURCE, ENTRY_TEMPLATE },
    { { "resources/list", 14 }, list_resources, ENTRY_RESOURCE, ENTRY_TEMPLATE },
    { { "resources/templates/list", 24 }, list_templates, ENTRY_RESOURCE, ENTRY_TEMPLATE },
    { { "prompts/get", 11 }, get_prompt, ENTRY_PROMPT, ENTRY_PROMPT },
    { { "prompts/list", 12 }, list_prompts, ENTRY_PROMPT, ENTRY_PROMPT },
    { { "completion/complete", 19 }, complete, ENTRY_COMPLETION, ENTRY_COMPLETION },
};

static void start(struct kit_call *call, const struct kit_request *request)
{
    struct registry *r = call->kit->registry;

    for (size_t i = 0; i < N_ELEMENTS(methods); i++) {
        const struct method *m = &methods[i];
        if (slice_eq(m->name, request->method) && (registry_count(r, m->needs) > 0 || registry_count(r, m->or) > 0)) {
            m->start(call, request);
            return;
        }
    }
    refuse(call, RPC_METHOD_NOT_FOUND, S("Method not found"));
}

/* ---- The call itself ---- */

static void tell_outcome(struct kit_call *call, const struct outcome *o)
{
    struct kit_event event = outcome_event(o);

    tell(call, &event);
}

/* WAIT until the round has an outcome; a round that no thread took, because the kit ends, gets one here. */
static enum err handled(struct kit_call *call, struct op *op)
{
    enum err result = work_result(&call->round->work, op);

    if (result != WAIT && result != OK)
        round_refuse(call->round, RPC_INTERNAL_ERROR, S("The server is ending"));
    return result == WAIT ? WAIT : OK;
}

static enum err call_run(struct op *op)
{
    struct kit_call *call = container_of(op, struct kit_call, op);

    switch (call->state) {
    case CALL_HANDLING:
        TRY(handled(call, op));
        tell_outcome(call, &call->round->outcome);
        return OK;
    case CALL_ANSWERED:
        tell_outcome(call, &call->outcome);
        return OK;
    }
    UNREACHABLE();
}

static void call_free(struct kit_call *call)
{
    atomic_fetch_sub(&call->kit->n_users, 1);
    outcome_done(&call->outcome);
    free(call);
}

static void call_release(struct op *op)
{
    struct kit_call *call = container_of(op, struct kit_call, op);

    if (call->line != NULL)
        line_cut(call->line);
    line_free(TAKE(call->line));
    if (call->round != NULL)
        work_drop(&TAKE(call->round)->work);
    if (call->let_go)
        call_free(call);
}

struct kit_call *kit_call_start(struct kit *kit, struct loop *loop, const struct kit_request *request, kit_event_fn fn,
                                void *context)
{
    struct kit_call *call = mem_zalloc(1, sizeof(*call));

    atomic_fetch_add(&kit->n_users, 1);
    call->op = (struct op){ .run = call_run, .release = call_release };
    call->kit = kit;
    call->loop = loop;
    call->fn = fn;
    call->context = context;
    outcome_init(&call->outcome, MAX_LIST_BYTES);
    start(call, request);
    op_start(&call->op, loop, NULL);
    return call;
}

void kit_call_cancel(struct kit_call *call)
{
    if (call == NULL || call->let_go)
        return;
    call->let_go = true;
    if (op_is_active(&call->op))
        op_cancel(&call->op); /* release() frees, now or when the run that is under way has returned */
    else
        call_free(call);
}
