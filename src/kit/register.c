/*
 * Registering: from what a program says of an entry to an entry that is checked, copied and written down as lists show
 * it.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"
#include "kit/kit_internal.h"
#include "kit/template.h"
#include "json/json.h"
#include "json/json_write.h"

#define MAX_ENTRY_BYTES (1u << 20) /* of an entry as JSON */
#define MAX_NAME_BYTES  128u
#define MAX_URI_BYTES   8192u
#define MAX_ARGUMENTS   64u
#define NO_ARGUMENTS    "{\"type\":\"object\",\"additionalProperties\":false}"
#define SHOWN(text)     ((text) != NULL ? (text) : "(none)")

/* What is being registered, and the first thing found wrong with it. */
struct draft {
    struct kit *kit;
    const char *what; /* "tool", for the problem's text */
    const char *name;
    struct entry *entry;
    struct buf json;
    struct json_writer w;
    enum gatehouse_result result;
};

static void blame(struct draft *d, enum gatehouse_result result, const char *why)
{
    if (d->result != GATEHOUSE_OK)
        return;
    d->result = result;
    kit_remember_problem(d->kit, "%s \"%s\": %s", d->what, SHOWN(d->name), why);
}

static void begin(struct draft *d, struct kit *kit, enum entry_kind kind, const char *what, const char *name)
{
    *d = (struct draft){ .kit = kit, .what = what, .name = name };
    d->entry = entry_new(kind, slice_of(name != NULL ? name : ""));
    buf_init(&d->json, MAX_ENTRY_BYTES);
    d->w = json_writer(&d->json);
    json_begin_object(&d->w);
}

static void set_text(struct draft *d, const char *member, const char *text)
{
    if (text == NULL)
        return;
    if (!utf8_is_valid(slice_of(text)))
        blame(d, GATEHOUSE_BAD_ENTRY, "a text is not UTF-8");
    else
        json_set_string(&d->w, slice_of(member), slice_of(text));
}

/* Parses; anything but an object is blamed and gives NULL. */
static struct json *parse_object(struct draft *d, const char *text, const char *complaint)
{
    auto_free(json) json = NULL;
    struct err_at at;

    if (json_parse(slice_of(text), &JSON_LIMITS_MCP, &json, &at) == OK && json_is_object(json_root(json)))
        return TAKE(json);
    blame(d, GATEHOUSE_BAD_JSON, complaint);
    return NULL;
}

static void set_object(struct draft *d, const char *member, const char *text, const char *complaint)
{
    if (text == NULL)
        return;
    auto_free(json) json = parse_object(d, text, complaint);
    if (json != NULL)
        json_set_value(&d->w, slice_of(member), json_root(json));
}

static void need_handler(struct draft *d, gatehouse_handler_fn handler, void *user)
{
    if (handler == NULL)
        blame(d, GATEHOUSE_BAD_ENTRY, "it has no handler");
    d->entry->handler = handler;
    d->entry->user = user;
}

/* 1 to 128 of A-Z a-z 0-9 _ - . (SEP-986). */
static bool is_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_' && c != '-' &&
            c != '.')
            return false;
    }
    return name.len >= 1 && name.len <= MAX_NAME_BYTES;
}

static void need_name(struct draft *d, const char *name)
{
    if (!is_name(slice_of(name)))
        blame(d, GATEHOUSE_BAD_NAME, "a name is 1 to 128 of A-Z a-z 0-9 _ - .");
}

/* A scheme, a colon and printable ASCII without blanks (RFC 3986); whoever reads must repeat it byte by byte. */
static bool is_uri(struct slice uri)
{
    size_t colon = slice_find(uri, ':');

    if (colon >= uri.len || colon == 0 || uri.len > MAX_URI_BYTES)
        return false;
    for (size_t i = 0; i < uri.len; i++)
        if (uri.ptr[i] <= ' ' || uri.ptr[i] > '~')
            return false;
    for (size_t i = 0; i < colon; i++) {
        char c = uri.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && (i == 0 || (!(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.')))
            return false;
    }
    return true;
}

static void need_uri(struct draft *d, const char *uri)
{
    if (!is_uri(slice_of(uri)))
        blame(d, GATEHOUSE_BAD_ENTRY, "that is not a URI with a scheme, such as notes://today");
}

/* Ends the draft: into the registry if nothing is wrong with it. */
static enum gatehouse_result finish(struct draft *d)
{
    json_end_object(&d->w);
    if (buf_ok(&d->json) != OK)
        blame(d, GATEHOUSE_BAD_ENTRY, "it is too large to be listed");

    if (d->result == GATEHOUSE_OK) {
        if (d->entry->kind != ENTRY_COMPLETION)
            d->entry->json = mem_strdup(buf_slice(&d->json));
        enum err e = registry_add(d->kit->registry, TAKE(d->entry));
        if (e == ERR_DUPLICATE)
            blame(d, GATEHOUSE_DUPLICATE, "it is registered already");
        else if (e != OK)
            blame(d, GATEHOUSE_FULL, "too many entries of its kind");
    }
    entry_free(d->entry);
    buf_done(&d->json);
    return d->result;
}

static enum gatehouse_result finish_and_tell(struct draft *d, enum kit_change change)
{
    struct kit *kit = d->kit;
    enum gatehouse_result result = finish(d);

    if (result == GATEHOUSE_OK)
        kit_tell(kit, change, NO_SLICE);
    return result;
}

enum gatehouse_result gatehouse_add_tool(struct gatehouse_server *server, const struct gatehouse_tool *tool)
{
    struct draft d;
    const char *schema = tool->input_schema != NULL ? tool->input_schema : NO_ARGUMENTS;

    begin(&d, &server->kit, ENTRY_TOOL, "tool", tool->name);
    need_name(&d, tool->name);
    need_handler(&d, tool->handler, tool->user);
    set_text(&d, "name", tool->name);
    set_text(&d, "title", tool->title);
    set_text(&d, "description", tool->description);

    d.entry->schema = parse_object(&d, schema, "its input schema is not a JSON object");
    d.entry->schema_text = mem_strdup(slice_of(schema));
    if (d.entry->schema != NULL) {
        if (!json_string_is(json_get(json_root(d.entry->schema), S("type")), S("object")))
            blame(&d, GATEHOUSE_BAD_JSON, "its input schema must say \"type\": \"object\"");
        json_set_value(&d.w, S("inputSchema"), json_root(d.entry->schema));
    }
    set_object(&d, "outputSchema", tool->output_schema, "its output schema is not a JSON object");
    set_object(&d, "annotations", tool->annotations, "its annotations are not a JSON object");
    return finish_and_tell(&d, KIT_TOOLS_CHANGED);
}

static void set_mime_type(struct draft *d, const char *mime_type)
{
    set_text(d, "mimeType", mime_type);
    if (mime_type != NULL)
        d->entry->mime_type = mem_strdup(slice_of(mime_type));
}

enum gatehouse_result gatehouse_add_resource(struct gatehouse_server *server, const struct gatehouse_resource *resource)
{
    struct draft d;

    begin(&d, &server->kit, ENTRY_RESOURCE, "resource", resource->uri);
    need_uri(&d, resource->uri);
    need_handler(&d, resource->handler, resource->user);
    if (resource->name == NULL || resource->name[0] == '\0')
        blame(&d, GATEHOUSE_BAD_NAME, "it has no name");
    set_text(&d, "uri", resource->uri);
    set_text(&d, "name", resource->name);
    set_text(&d, "title", resource->title);
    set_text(&d, "description", resource->description);
    set_mime_type(&d, resource->mime_type);
    set_object(&d, "annotations", resource->annotations, "its annotations are not a JSON object");
    return finish_and_tell(&d, KIT_RESOURCES_CHANGED);
}

enum gatehouse_result gatehouse_add_template(struct gatehouse_server *server,
                                             const struct gatehouse_template *resource_template)
{
    const struct gatehouse_template *t = resource_template;
    struct draft d;

    begin(&d, &server->kit, ENTRY_TEMPLATE, "template", t->uri_template);
    need_uri(&d, t->uri_template);
    if (d.result == GATEHOUSE_OK && template_parse(slice_of(t->uri_template), &d.entry->template) != OK)
        blame(&d, GATEHOUSE_BAD_ENTRY, "variables are {name}, each once, with something between them");
    need_handler(&d, t->handler, t->user);
    if (t->name == NULL || t->name[0] == '\0')
        blame(&d, GATEHOUSE_BAD_NAME, "it has no name");
    set_text(&d, "uriTemplate", t->uri_template);
    set_text(&d, "name", t->name);
    set_text(&d, "title", t->title);
    set_text(&d, "description", t->description);
    set_mime_type(&d, t->mime_type);
    set_object(&d, "annotations", t->annotations, "its annotations are not a JSON object");
    return finish_and_tell(&d, KIT_RESOURCES_CHANGED);
}

static bool has_argument(const struct entry *prompt, struct slice name)
{
    for (size_t i = 0; i < prompt->n_arguments; i++)
        if (slice_eq(slice_of(prompt->arguments[i].name), name))
            return true;
    return false;
}

static void add_argument(struct draft *d, const struct gatehouse_prompt_argument *argument)
{
    struct entry *e = d->entry;

    if (!in_range(slice_of(argument->name).len, 1, MAX_NAME_BYTES))
        blame(d, GATEHOUSE_BAD_NAME, "an argument's name has 1 to 128 bytes");
    else if (has_argument(e, slice_of(argument->name)))
        blame(d, GATEHOUSE_DUPLICATE, "two arguments have one name");
    e->arguments[e->n_arguments++] = (struct entry_argument){
        .name = mem_strdup(slice_of(argument->name != NULL ? argument->name : "")),
        .required = argument->required,
    };
    json_begin_object(&d->w);
    set_text(d, "name", argument->name);
    set_text(d, "title", argument->title);
    set_text(d, "description", argument->description);
    json_set_bool(&d->w, S("required"), argument->required);
    json_end_object(&d->w);
}

static void add_arguments(struct draft *d, const struct gatehouse_prompt_argument *arguments, size_t n)
{
    if (n > MAX_ARGUMENTS) {
        blame(d, GATEHOUSE_FULL, "it has more than 64 arguments");
        return;
    }
    if (n == 0)
        return;
    d->entry->arguments = mem_zalloc(n, sizeof(*d->entry->arguments));
    json_name(&d->w, S("arguments"));
    json_begin_array(&d->w);
    for (size_t i = 0; i < n; i++)
        add_argument(d, &arguments[i]);
    json_end_array(&d->w);
}

enum gatehouse_result gatehouse_add_prompt(struct gatehouse_server *server, const struct gatehouse_prompt *prompt)
{
    struct draft d;

    begin(&d, &server->kit, ENTRY_PROMPT, "prompt", prompt->name);
    need_name(&d, prompt->name);
    need_handler(&d, prompt->handler, prompt->user);
    set_text(&d, "name", prompt->name);
    set_text(&d, "title", prompt->title);
    set_text(&d, "description", prompt->description);
    add_arguments(&d, prompt->arguments, prompt->n_arguments);
    return finish_and_tell(&d, KIT_PROMPTS_CHANGED);
}

/* The prompt or template must be there already and have that argument: a misspelt one would never be asked for. */
static bool is_completable(struct kit *kit, const struct gatehouse_completion *c)
{
    enum entry_kind kind = c->prompt != NULL ? ENTRY_PROMPT : ENTRY_TEMPLATE;
    auto_free(entry) subject =
        registry_find(kit->registry, kind, slice_of(c->prompt != NULL ? c->prompt : c->uri_template));

    if (subject == NULL)
        return false;
    return kind == ENTRY_PROMPT ? has_argument(subject, slice_of(c->argument))
                                : template_has_variable(subject->template, slice_of(c->argument));
}

enum gatehouse_result gatehouse_add_completion(struct gatehouse_server *server,
                                               const struct gatehouse_completion *completion)
{
    const char *subject = completion->prompt != NULL ? completion->prompt : completion->uri_template;
    auto_buf key;
    struct draft d;

    buf_init(&key, MAX_URI_BYTES * 2);
    completion_key(&key, completion->prompt != NULL, slice_of(subject), slice_of(completion->argument));
    buf_putc(&key, '\0');
    begin(&d, &server->kit, ENTRY_COMPLETION, "completion", buf_ok(&key) == OK ? key.ptr : NULL);
    d.name = completion->argument;
    if ((completion->prompt == NULL) == (completion->uri_template == NULL) || completion->argument == NULL)
        blame(&d, GATEHOUSE_BAD_ENTRY, "it needs an argument and either a prompt or a template");
    else if (!is_completable(&server->kit, completion))
        blame(&d, GATEHOUSE_NOT_FOUND, "no prompt or template registered so far has that argument");
    need_handler(&d, completion->handler, completion->user);
    return finish(&d);
}

static enum gatehouse_result take_away(struct gatehouse_server *server, enum entry_kind kind, const char *name,
                                       enum kit_change change)
{
    if (registry_remove(server->kit.registry, kind, slice_of(name)) != OK)
        return GATEHOUSE_NOT_FOUND;
    kit_tell(&server->kit, change, NO_SLICE);
    return GATEHOUSE_OK;
}

static enum gatehouse_result take_away_with_completions(struct gatehouse_server *server, enum entry_kind kind,
                                                        const char *name, enum kit_change change)
{
    auto_buf prefix;

    buf_init(&prefix, MAX_URI_BYTES * 2); /* what was registered fits */
    enum gatehouse_result result = take_away(server, kind, name, change);
    if (result != GATEHOUSE_OK)
        return result;
    completion_key(&prefix, kind == ENTRY_PROMPT, slice_of(name), NO_SLICE);
    registry_remove_completions(server->kit.registry, buf_slice(&prefix));
    return GATEHOUSE_OK;
}

enum gatehouse_result gatehouse_remove_tool(struct gatehouse_server *server, const char *name)
{
    return take_away(server, ENTRY_TOOL, name, KIT_TOOLS_CHANGED);
}

enum gatehouse_result gatehouse_remove_resource(struct gatehouse_server *server, const char *uri)
{
    return take_away(server, ENTRY_RESOURCE, uri, KIT_RESOURCES_CHANGED);
}

enum gatehouse_result gatehouse_remove_template(struct gatehouse_server *server, const char *uri_template)
{
    return take_away_with_completions(server, ENTRY_TEMPLATE, uri_template, KIT_RESOURCES_CHANGED);
}

enum gatehouse_result gatehouse_remove_prompt(struct gatehouse_server *server, const char *name)
{
    return take_away_with_completions(server, ENTRY_PROMPT, name, KIT_PROMPTS_CHANGED);
}
