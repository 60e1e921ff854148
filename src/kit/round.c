#include "kit/round.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "kit/line.h"
#include "kit/registry.h"
#include "json/json.h"
#include "json/json_write.h"

#define MAX_LENT_BYTES   (64u << 20) /* to one handler in one round */
#define MAX_ASKED        64u         /* questions of one round, answered or not */
#define MAX_STATE_BYTES  8192u       /* of the handler's own: leaves room for answers */
#define MAX_FORMAT_BYTES 65536u

static void init_what_is_said(struct gatehouse_call *call)
{
    size_t max = call->max_result_bytes;

    buf_init(&call->parts, max);
    buf_init(&call->description, max);
    buf_init(&call->structured, max);
    buf_init(&call->questions, max);
    buf_init(&call->kept, max);
    buf_init(&call->next_state, MAX_STATE_BYTES);
    map_init(&call->asked, MAX_ASKED);
    outcome_init(&call->outcome, max * 2 + 1024); /* structured and its text, and what stands around them */
}

static void round_free(struct gatehouse_call *call)
{
    line_free(call->line);
    entry_free(call->entry);
    free(call->subject);
    free(call->principal);
    free(call->typed);
    buf_done(&call->arguments_text);
    json_free(call->arguments);
    buf_done(&call->responses_text);
    buf_done(&call->state_text);
    answers_done(&call->answers);
    arena_done(&call->lent);
    buf_done(&call->parts);
    buf_done(&call->description);
    buf_done(&call->structured);
    buf_done(&call->questions);
    buf_done(&call->kept);
    buf_done(&call->next_state);
    map_done(&call->asked);
    outcome_done(&call->outcome);
    free(call);
}

static void work_free(struct work *work)
{
    round_free(container_of(work, struct gatehouse_call, work));
}

/* Under "arguments_text" and its like lies exactly what came; its size was limited by whoever read it. */
static void keep(struct buf *to, struct slice text)
{
    buf_init(to, text.len);
    buf_put(to, text);
}

void round_refuse(struct gatehouse_call *call, int code, struct slice message)
{
    if (call->ended)
        return;
    call->ended = true;
    outcome_refuse(&call->outcome, code, message);
}

void round_blame(struct gatehouse_call *call, const char *fault)
{
    auto_buf message;

    buf_init(&message, OUTCOME_MAX_MESSAGE);
    buf_printf(&message, "the server's handler failed: %s", fault);
    round_refuse(call, RPC_INTERNAL_ERROR, buf_slice(&message));
}

const char *round_lend(struct gatehouse_call *call, struct slice text)
{
    const char *lent = arena_dup(&call->lent, text).ptr;

    if (lent == NULL)
        round_blame(call, "it asked for too much text");
    return lent;
}

bool round_format(struct gatehouse_call *call, struct buf *to, const char *format, va_list args)
{
    buf_init(to, MAX_FORMAT_BYTES);
    buf_vprintf(to, format, args);
    if (buf_ok(to) == OK)
        return true;
    round_blame(call, "a formatted text is too long");
    return false;
}

/* Parses what was asked; here and not on the loop, for it may be large. */
static bool read_request(struct gatehouse_call *call)
{
    struct err_at at;
    struct slice arguments = call->arguments_text.len > 0 ? buf_slice(&call->arguments_text) : S("{}");

    if (json_parse(arguments, &JSON_LIMITS_MCP, &call->arguments, &at) != OK) {
        round_refuse(call, RPC_INTERNAL_ERROR, S("the arguments could not be read again"));
        return false;
    }
    if (answers_init(&call->answers, buf_slice(&call->responses_text), buf_slice(&call->state_text)) != OK) {
        round_refuse(call, RPC_INVALID_PARAMS, S("inputResponses or requestState cannot be read"));
        return false;
    }
    return true;
}

static void put_text_block(struct json_writer *w, struct slice text)
{
    json_begin_object(w);
    json_set_string(w, S("type"), S("text"));
    json_set_string(w, S("text"), text);
    json_end_object(w);
}

static void put_tool_result(struct gatehouse_call *call, struct json_writer *w)
{
    json_name(w, S("content"));
    json_begin_array(w);
    if (call->n_parts > 0)
        json_add_raw(w, buf_slice(&call->parts));
    else if (call->structured.len > 0) /* for clients and models that read text only (F-06) */
        put_text_block(w, buf_slice(&call->structured));
    json_end_array(w);
    if (call->structured.len > 0 && !call->failed)
        json_set_raw(w, S("structuredContent"), buf_slice(&call->structured));
    if (call->failed)
        json_set_bool(w, S("isError"), true);
}

static void put_contents(struct gatehouse_call *call, struct json_writer *w)
{
    json_name(w, S("contents"));
    json_begin_array(w);
    if (call->n_parts == 0)
        gatehouse_add_text(call, ""); /* a resource that exists has contents, if empty ones (F-11) */
    json_add_raw(w, buf_slice(&call->parts));
    json_end_array(w);
    if (call->freshness.len > 0) {
        buf_put(w->to, S(","));
        buf_put(w->to, call->freshness);
    }
}

static void put_messages(struct gatehouse_call *call, struct json_writer *w)
{
    if (call->description.len > 0)
        json_set_string(w, S("description"), buf_slice(&call->description));
    json_name(w, S("messages"));
    json_begin_array(w);
    if (call->n_parts > 0)
        json_add_raw(w, buf_slice(&call->parts));
    json_end_array(w);
}

static void put_completion(struct gatehouse_call *call, struct json_writer *w)
{
    json_name(w, S("completion"));
    json_begin_object(w);
    json_name(w, S("values"));
    json_begin_array(w);
    if (call->n_parts > 0)
        json_add_raw(w, buf_slice(&call->parts));
    json_end_array(w);
    json_set_u64(w, S("total"), call->n_parts);
    json_set_bool(w, S("hasMore"), call->n_parts > MAX_SUGGESTED);
    json_end_object(w);
}

static void put_result(struct gatehouse_call *call)
{
    struct json_writer w = json_writer(&call->outcome.json);

    call->outcome.kind = KIT_RESULT;
    json_begin_object(&w);
    switch (call->entry->kind) {
    case ENTRY_TOOL:
        put_tool_result(call, &w);
        break;
    case ENTRY_RESOURCE:
    case ENTRY_TEMPLATE:
        put_contents(call, &w);
        break;
    case ENTRY_PROMPT:
        put_messages(call, &w);
        break;
    case ENTRY_COMPLETION:
        put_completion(call, &w);
        break;
    case N_ENTRY_KINDS:
        UNREACHABLE();
    }
    json_end_object(&w);
    if (buf_ok(&call->outcome.json) != OK || buf_ok(&call->parts) != OK || buf_ok(&call->structured) != OK ||
        buf_ok(&call->description) != OK)
        round_blame(call, "its result is too large");
}

static void put_questions(struct gatehouse_call *call)
{
    struct outcome *o = &call->outcome;
    struct json_writer w = json_writer(&o->json);

    o->kind = KIT_INPUT_REQUIRED;
    json_begin_object(&w);
    buf_put(&o->json, buf_slice(&call->questions));
    json_end_object(&w);
    answers_put_state(&o->state, buf_slice(&call->kept), call->has_next_state, buf_slice(&call->next_state));
    if (buf_ok(&o->json) != OK || buf_ok(&call->questions) != OK)
        round_blame(call, "its questions are too large");
    else if (buf_ok(&o->state) != OK || buf_ok(&call->kept) != OK || buf_ok(&call->next_state) != OK)
        round_blame(call, "its state and the answers so far are too large to travel");
}

/* An error outdoes a failure, a failure outdoes questions, and these what else was said. */
static void work_run(struct work *work)
{
    struct gatehouse_call *call = container_of(work, struct gatehouse_call, work);

    if (read_request(call))
        call->entry->handler(call, call->entry->user);
    if (!call->ended && !call->failed && call->questions.len > 0)
        put_questions(call);
    else if (!call->ended)
        put_result(call);
    work->result = OK;
}

struct gatehouse_call *round_new(const struct round_options *o)
{
    struct gatehouse_call *call = mem_zalloc(1, sizeof(*call));

    call->work = (struct work){ .run = work_run, .free = work_free };
    call->line = line_ref(o->line);
    call->entry = o->entry;
    call->max_result_bytes = o->max_result_bytes;
    call->freshness = o->freshness;
    call->subject = mem_strdup(o->subject);
    call->principal = o->principal.len > 0 ? mem_strdup(o->principal) : NULL;
    call->typed = mem_strdup(o->typed);
    keep(&call->arguments_text, o->arguments);
    keep(&call->responses_text, o->responses);
    keep(&call->state_text, o->state);
    call->abilities = o->abilities;
    call->log_level = o->log_level;
    call->wants_progress = o->wants_progress;
    arena_init(&call->lent, MAX_LENT_BYTES);
    init_what_is_said(call);
    return call;
}
