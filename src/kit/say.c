/* What a handler adds to its answer: parts, and the ways to fail. */
#include <stdarg.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "kit/registry.h"
#include "kit/round.h"
#include "json/json.h"
#include "json/json_write.h"

/* A part is written as what it is in this kind of call: around a content block, a prompt puts a message. */
struct part {
    struct gatehouse_call *call;
    struct json_writer w;
    bool in_message;
};

static bool is_read(const struct gatehouse_call *call)
{
    return call->entry->kind == ENTRY_RESOURCE || call->entry->kind == ENTRY_TEMPLATE;
}

/* False: nothing may be added, for the call has ended or is none that has parts. */
static bool can_add(struct gatehouse_call *call)
{
    if (call->entry->kind == ENTRY_COMPLETION)
        round_blame(call, "a completion has suggestions only");
    return !call->ended && !call->failed;
}

/* Text as it goes out: absent is empty. False: it is not UTF-8, and the call has ended. */
static bool check_text(struct gatehouse_call *call, const char *text, struct slice *ret)
{
    *ret = slice_of(text != NULL ? text : "");
    if (utf8_is_valid(*ret))
        return true;
    round_blame(call, "a text is not UTF-8");
    return false;
}

static struct part begin_part(struct gatehouse_call *call)
{
    struct part p = { .call = call, .w = json_writer(&call->parts), .in_message = call->entry->kind == ENTRY_PROMPT };

    if (call->n_parts++ > 0)
        buf_putc(&call->parts, ',');
    if (p.in_message) {
        json_begin_object(&p.w);
        json_set_string(&p.w, S("role"), call->role == GATEHOUSE_ASSISTANT ? S("assistant") : S("user"));
        json_name(&p.w, S("content"));
    }
    return p;
}

static void end_part(struct part *p)
{
    if (p->in_message)
        json_end_object(&p->w);
}

/* The member that holds bytes, in Base64: as a string it needs no escapes. */
static void set_bytes(struct json_writer *w, struct slice member, const void *data, size_t size)
{
    json_name(w, member);
    json_add_raw(w, S("\""));
    base64_put(w->to, (struct slice){ data, size });
    buf_putc(w->to, '"');
}

/* One piece of a resource's contents, with a text or, when that is NULL, with bytes. */
static void put_piece(struct json_writer *w, struct slice uri, struct slice mime_type, const struct slice *text,
                      const void *data, size_t size)
{
    json_begin_object(w);
    json_set_string(w, S("uri"), uri);
    if (mime_type.len > 0)
        json_set_string(w, S("mimeType"), mime_type);
    if (text != NULL)
        json_set_string(w, S("text"), *text);
    else
        set_bytes(w, S("blob"), data, size);
    json_end_object(w);
}

static void add_piece(struct gatehouse_call *call, struct slice uri, struct slice mime_type, const struct slice *text,
                      const void *data, size_t size)
{
    struct part p = begin_part(call);

    if (is_read(call)) {
        put_piece(&p.w, uri, mime_type, text, data, size);
    } else {
        json_begin_object(&p.w);
        json_set_string(&p.w, S("type"), S("resource"));
        json_name(&p.w, S("resource"));
        put_piece(&p.w, uri, mime_type, text, data, size);
        json_end_object(&p.w);
    }
    end_part(&p);
}

static void add_text(struct gatehouse_call *call, struct slice text)
{
    struct part p = begin_part(call);

    json_begin_object(&p.w);
    json_set_string(&p.w, S("type"), S("text"));
    json_set_string(&p.w, S("text"), text);
    json_end_object(&p.w);
    end_part(&p);
}

void gatehouse_add_text(struct gatehouse_call *call, const char *text)
{
    struct slice s;

    if (!can_add(call) || !check_text(call, text, &s))
        return;
    if (is_read(call))
        add_piece(call, slice_of(call->subject), slice_of(call->entry->mime_type), &s, NULL, 0);
    else
        add_text(call, s);
}

void gatehouse_add_textf(struct gatehouse_call *call, const char *format, ...)
{
    auto_buf text;
    va_list args;

    va_start(args, format);
    bool whole = round_format(call, &text, format, args);
    va_end(args);
    buf_putc(&text, '\0');
    if (whole)
        gatehouse_add_text(call, text.ptr);
}

static void add_media(struct gatehouse_call *call, struct slice type, const void *data, size_t size,
                      const char *mime_type)
{
    struct slice mime;

    if (!can_add(call) || !check_text(call, mime_type, &mime))
        return;
    if (is_read(call)) {
        add_piece(call, slice_of(call->subject), mime, NULL, data, size);
        return;
    }
    struct part p = begin_part(call);
    json_begin_object(&p.w);
    json_set_string(&p.w, S("type"), type);
    set_bytes(&p.w, S("data"), data, size);
    json_set_string(&p.w, S("mimeType"), mime);
    json_end_object(&p.w);
    end_part(&p);
}

void gatehouse_add_image(struct gatehouse_call *call, const void *data, size_t size, const char *mime_type)
{
    add_media(call, S("image"), data, size, mime_type);
}

void gatehouse_add_audio(struct gatehouse_call *call, const void *data, size_t size, const char *mime_type)
{
    add_media(call, S("audio"), data, size, mime_type);
}

void gatehouse_add_data(struct gatehouse_call *call, const void *data, size_t size)
{
    if (!can_add(call))
        return;
    if (is_read(call))
        add_piece(call, slice_of(call->subject), slice_of(call->entry->mime_type), NULL, data, size);
    else
        round_blame(call, "it added bytes without saying what they are");
}

void gatehouse_add_resource_text(struct gatehouse_call *call, const char *uri, const char *mime_type, const char *text)
{
    struct slice u;
    struct slice m;
    struct slice t;

    if (can_add(call) && check_text(call, uri, &u) && check_text(call, mime_type, &m) && check_text(call, text, &t))
        add_piece(call, u, m, &t, NULL, 0);
}

void gatehouse_add_resource_data(struct gatehouse_call *call, const char *uri, const char *mime_type, const void *data,
                                 size_t size)
{
    struct slice u;
    struct slice m;

    if (can_add(call) && check_text(call, uri, &u) && check_text(call, mime_type, &m))
        add_piece(call, u, m, NULL, data, size);
}

void gatehouse_add_link(struct gatehouse_call *call, const char *uri, const char *name, const char *mime_type)
{
    struct slice u;
    struct slice n;
    struct slice m;

    if (!can_add(call) || !check_text(call, uri, &u) || !check_text(call, name, &n) || !check_text(call, mime_type, &m))
        return;
    if (is_read(call)) {
        round_blame(call, "the contents of a resource hold no links");
        return;
    }
    struct part p = begin_part(call);
    json_begin_object(&p.w);
    json_set_string(&p.w, S("type"), S("resource_link"));
    json_set_string(&p.w, S("uri"), u);
    json_set_string(&p.w, S("name"), n);
    if (m.len > 0)
        json_set_string(&p.w, S("mimeType"), m);
    json_end_object(&p.w);
    end_part(&p);
}

struct json *round_parse(struct gatehouse_call *call, const char *json)
{
    struct json *parsed = NULL;
    struct err_at at;

    if (json == NULL || json_parse(slice_of(json), &JSON_LIMITS_MCP, &parsed, &at) != OK)
        round_blame(call, "it gave JSON that cannot be parsed");
    return parsed;
}

void gatehouse_add_json(struct gatehouse_call *call, const char *json)
{
    if (!can_add(call))
        return;
    auto_free(json) block = round_parse(call, json);
    if (block == NULL)
        return;
    if (is_read(call) || !json_is_string(json_get(json_root(block), S("type")))) {
        round_blame(call, "its JSON is no block of content");
        return;
    }
    struct part p = begin_part(call);
    json_add_value(&p.w, json_root(block));
    end_part(&p);
}

const char *gatehouse_quote(struct gatehouse_call *call, const char *text)
{
    struct slice s;
    auto_buf quoted;

    buf_init(&quoted, SIZE_MAX / 2); /* what may be lent is limited */
    if (!check_text(call, text, &s))
        return NULL;
    json_put_string(&quoted, s);
    return round_lend(call, buf_slice(&quoted));
}

const char *gatehouse_format(struct gatehouse_call *call, const char *format, ...)
{
    auto_buf text;
    va_list args;

    va_start(args, format);
    bool whole = round_format(call, &text, format, args);
    va_end(args);
    return whole ? round_lend(call, buf_slice(&text)) : NULL;
}

void gatehouse_set_structured(struct gatehouse_call *call, const char *json)
{
    if (!can_add(call))
        return;
    if (call->entry->kind != ENTRY_TOOL) {
        round_blame(call, "only tools have structured results");
        return;
    }
    auto_free(json) parsed = round_parse(call, json);
    buf_clear(&call->structured);
    if (parsed != NULL)
        json_put(&call->structured, json_root(parsed));
}

void gatehouse_speak_as(struct gatehouse_call *call, enum gatehouse_role role)
{
    call->role = role;
}

void gatehouse_set_description(struct gatehouse_call *call, const char *text)
{
    struct slice s;

    if (!check_text(call, text, &s))
        return;
    buf_clear(&call->description);
    buf_put(&call->description, s);
}

void gatehouse_suggest(struct gatehouse_call *call, const char *value)
{
    struct slice s;

    if (call->ended || !check_text(call, value, &s))
        return;
    if (call->entry->kind != ENTRY_COMPLETION) {
        round_blame(call, "only completions have suggestions");
        return;
    }
    if (call->n_parts++ >= MAX_SUGGESTED)
        return;
    if (call->n_parts > 1)
        buf_putc(&call->parts, ',');
    json_put_string(&call->parts, s);
}

void gatehouse_fail(struct gatehouse_call *call, const char *text)
{
    struct slice s;

    if (call->ended || !check_text(call, text, &s))
        return;
    if (call->entry->kind != ENTRY_TOOL) {
        round_refuse(call, RPC_INTERNAL_ERROR, s);
        return;
    }
    buf_clear(&call->parts);
    buf_clear(&call->structured);
    call->n_parts = 0;
    add_text(call, s);
    call->failed = true;
}

void gatehouse_failf(struct gatehouse_call *call, const char *format, ...)
{
    auto_buf text;
    va_list args;

    va_start(args, format);
    bool whole = round_format(call, &text, format, args);
    va_end(args);
    buf_putc(&text, '\0');
    if (whole)
        gatehouse_fail(call, text.ptr);
}

void gatehouse_error(struct gatehouse_call *call, int code, const char *message)
{
    struct slice s;

    if (check_text(call, message, &s))
        round_refuse(call, code, s);
}

void gatehouse_not_found(struct gatehouse_call *call)
{
    if (!is_read(call)) {
        round_blame(call, "only resources can be missing");
        return;
    }
    if (call->ended)
        return;
    round_refuse(call, RPC_INVALID_PARAMS, S("Resource not found"));
    outcome_name_uri(&call->outcome, slice_of(call->subject));
}
