#include "kit/method.h"

#include "kit/kit_internal.h"
#include "kit/list.h"
#include "kit/schema.h"
#include "json/json.h"
#include "json/json_write.h"

#define MAX_URI_BYTES       8192u
#define MAX_ARGUMENTS_BYTES (16u << 20) /* they came in a message that was limited already */

void task_done(struct task *task)
{
    entry_free(TAKE(task->entry));
    buf_done(&task->arguments);
}

static void refuse(struct outcome *o, struct slice message)
{
    outcome_refuse(o, RPC_INVALID_PARAMS, message);
}

/* Sets the task's arguments to those of the params. False: there are some, and they are no object. */
static bool take_arguments(struct task *task, const struct kit_request *request)
{
    const struct json_value *arguments = json_get(request->params, S("arguments"));

    if (arguments == NULL || json_is_null(arguments)) /* some clients write down what they leave out */
        return true;
    json_put(&task->arguments, arguments);
    return json_is_object(arguments);
}

/* ---- tools/call ---- */

static void answer_tool_failure(struct outcome *o, struct slice why)
{
    struct json_writer w = json_writer(&o->json);

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

static void call_tool(struct kit *kit, const struct kit_request *request, struct task *task, struct outcome *o)
{
    struct slice name = json_get_string(request->params, S("name"));
    auto_free(entry) tool = registry_find(kit->registry, ENTRY_TOOL, name);
    auto_buf why;

    buf_init(&why, OUTCOME_MAX_MESSAGE);
    if (tool == NULL) {
        refuse(o, S("Unknown tool"));
        return;
    }
    if (!take_arguments(task, request)) {
        refuse(o, S("arguments must be an object"));
        return;
    }
    /* The model wrote them, so the model is told (F-07). */
    if (!schema_fits(json_root(tool->schema), json_get(request->params, S("arguments")), &why)) {
        answer_tool_failure(o, buf_slice(&why));
        return;
    }
    task->entry = TAKE(tool);
    task->subject = name;
}

/* ---- prompts/get ---- */

/* Every argument is a string, and those that are required are there; if not, the sentence says what is wrong. */
static bool fits_prompt(const struct entry *prompt, const struct json_value *arguments, struct buf *why)
{
    for (size_t i = 0; i < prompt->n_arguments; i++) {
        const struct entry_argument *a = &prompt->arguments[i];
        const struct json_value *value = json_get(arguments, slice_of(a->name));
        if (value == NULL ? a->required : !json_is_string(value)) {
            buf_printf(why, "The argument \"%s\" %s", a->name, value == NULL ? "is missing" : "must be a string");
            return false;
        }
    }
    return true;
}

static void get_prompt(struct kit *kit, const struct kit_request *request, struct task *task, struct outcome *o)
{
    struct slice name = json_get_string(request->params, S("name"));
    auto_free(entry) prompt = registry_find(kit->registry, ENTRY_PROMPT, name);
    auto_buf why;

    buf_init(&why, OUTCOME_MAX_MESSAGE);
    if (prompt == NULL) {
        refuse(o, S("Unknown prompt"));
        return;
    }
    if (!take_arguments(task, request)) {
        refuse(o, S("arguments must be an object"));
        return;
    }
    if (!fits_prompt(prompt, json_get(request->params, S("arguments")), &why)) {
        refuse(o, buf_slice(&why));
        return;
    }
    task->entry = TAKE(prompt);
    task->subject = name;
}

/* ---- resources/read ---- */

/* A template's variables become the task's arguments. */
static struct entry *find_resource(struct kit *kit, struct slice uri, struct task *task)
{
    if (uri.len > MAX_URI_BYTES)
        return NULL;
    struct entry *resource = registry_find(kit->registry, ENTRY_RESOURCE, uri);
    return resource != NULL ? resource : registry_match(kit->registry, uri, &task->arguments);
}

static void read_resource(struct kit *kit, const struct kit_request *request, struct task *task, struct outcome *o)
{
    const struct json_value *uri = json_get(request->params, S("uri"));

    if (!json_is_string(uri)) {
        refuse(o, S("uri must be a string"));
        return;
    }
    task->subject = json_string(uri);
    task->freshness = slice_of(kit->freshness);
    task->entry = find_resource(kit, task->subject, task);
    if (task->entry == NULL) {
        refuse(o, S("Resource not found"));
        outcome_name_uri(o, task->subject);
    }
}

/* ---- completion/complete ---- */

/* The prompt or template that is being completed must be there; whether somebody has values for it is another thing. */
static bool is_subject(struct kit *kit, bool of_prompt, struct slice subject)
{
    auto_free(entry) e = registry_find(kit->registry, of_prompt ? ENTRY_PROMPT : ENTRY_TEMPLATE, subject);
    auto_free(entry) fixed = of_prompt ? NULL : registry_find(kit->registry, ENTRY_RESOURCE, subject);

    return e != NULL || fixed != NULL;
}

static struct entry *find_completion(struct kit *kit, bool of_prompt, struct slice subject, struct slice argument)
{
    auto_buf key;

    buf_init(&key, MAX_URI_BYTES * 2); /* a key that does not fit was never registered */
    completion_key(&key, of_prompt, subject, argument);
    return buf_ok(&key) == OK ? registry_find(kit->registry, ENTRY_COMPLETION, buf_slice(&key)) : NULL;
}

static void complete(struct kit *kit, const struct kit_request *request, struct task *task, struct outcome *o)
{
    const struct json_value *ref = json_get(request->params, S("ref"));
    const struct json_value *argument = json_get(request->params, S("argument"));
    const struct json_value *chosen = json_get(json_get(request->params, S("context")), S("arguments"));
    bool of_prompt = json_string_is(json_get(ref, S("type")), S("ref/prompt"));

    if ((!of_prompt && !json_string_is(json_get(ref, S("type")), S("ref/resource"))) ||
        !json_is_string(json_get(argument, S("name"))) || !json_is_string(json_get(argument, S("value")))) {
        refuse(o, S("ref or argument is not what it should be"));
        return;
    }
    task->subject = json_get_string(ref, of_prompt ? S("name") : S("uri"));
    task->typed = json_get_string(argument, S("value"));
    if (!is_subject(kit, of_prompt, task->subject)) {
        refuse(o, of_prompt ? S("Unknown prompt") : S("Unknown resource template"));
        return;
    }
    task->entry = find_completion(kit, of_prompt, task->subject, json_get_string(argument, S("name")));
    if (task->entry == NULL)
        buf_put(&o->json, S("{\"completion\":{\"values\":[],\"total\":0,\"hasMore\":false}}"));
    else if (json_is_object(chosen))
        json_put(&task->arguments, chosen);
}

/* ---- Lists ---- */

static void list_tools(struct kit *kit, const struct kit_request *request, struct task *task, struct outcome *o)
{
    (void)task;
    list_page(kit, ENTRY_TOOL, S("tools"), request->params, o);
}

static void list_prompts(struct kit *kit, const struct kit_request *request, struct task *task, struct outcome *o)
{
    (void)task;
    list_page(kit, ENTRY_PROMPT, S("prompts"), request->params, o);
}

static void list_resources(struct kit *kit, const struct kit_request *request, struct task *task, struct outcome *o)
{
    (void)task;
    list_page(kit, ENTRY_RESOURCE, S("resources"), request->params, o);
}

static void list_templates(struct kit *kit, const struct kit_request *request, struct task *task, struct outcome *o)
{
    (void)task;
    list_page(kit, ENTRY_TEMPLATE, S("resourceTemplates"), request->params, o);
}

/* ---- Which method ---- */

struct method {
    const char *name;
    void (*start)(struct kit *kit, const struct kit_request *request, struct task *task, struct outcome *o);
    enum entry_kind needs;       /* served when one of these is registered, */
    enum entry_kind alternative; /* or one of these: what kit_put_capabilities advertises */
};

static const struct method methods[] = {
    { "tools/call", call_tool, ENTRY_TOOL, ENTRY_TOOL },
    { "tools/list", list_tools, ENTRY_TOOL, ENTRY_TOOL },
    { "resources/read", read_resource, ENTRY_RESOURCE, ENTRY_TEMPLATE },
    { "resources/list", list_resources, ENTRY_RESOURCE, ENTRY_TEMPLATE },
    { "resources/templates/list", list_templates, ENTRY_RESOURCE, ENTRY_TEMPLATE },
    { "prompts/get", get_prompt, ENTRY_PROMPT, ENTRY_PROMPT },
    { "prompts/list", list_prompts, ENTRY_PROMPT, ENTRY_PROMPT },
    { "completion/complete", complete, ENTRY_COMPLETION, ENTRY_COMPLETION },
};

static const struct method *find_method(struct kit *kit, struct slice name)
{
    for (size_t i = 0; i < N_ELEMENTS(methods); i++) {
        const struct method *m = &methods[i];
        if (!slice_eq(slice_of(m->name), name))
            continue;
        bool served = registry_count(kit->registry, m->needs) > 0 || registry_count(kit->registry, m->alternative) > 0;
        return served ? m : NULL;
    }
    return NULL;
}

void method_start(struct kit *kit, const struct kit_request *request, struct task *task, struct outcome *o)
{
    const struct method *m = find_method(kit, request->method);

    *task = (struct task){ 0 };
    buf_init(&task->arguments, MAX_ARGUMENTS_BYTES);
    if (m != NULL)
        m->start(kit, request, task, o);
    else
        outcome_refuse(o, RPC_METHOD_NOT_FOUND, S("Method not found"));
}
