/* What a handler tells while it runs: progress and log messages, each sent at once and none of them waited for. */
#include <math.h>

#include "base/utf8.h"
#include "kit/line.h"
#include "kit/round.h"
#include "json/json.h"
#include "json/json_write.h"

#define MAX_NOTE_BYTES 65536u /* what is longer is lost */

/* As short as reads back the same, with a point, whatever locale the program has set. Finite numbers only. */
static void set_number(struct json_writer *w, struct slice name, double n)
{
    auto_buf text;

    buf_init(&text, 64);
    buf_printf(&text, "%.15g", n);
    buf_putc(&text, '\0');
    if (strtod(text.ptr, NULL) < n || strtod(text.ptr, NULL) > n) {
        buf_clear(&text);
        buf_printf(&text, "%.17g", n);
        buf_putc(&text, '\0');
    }
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == ',')
            text.ptr[i] = '.';
    json_set_raw(w, name, slice_of(text.ptr));
}

static bool set_text(struct json_writer *w, struct slice name, const char *text)
{
    if (text == NULL)
        return true;
    json_set_string(w, name, slice_of(text));
    return utf8_is_valid(slice_of(text));
}

void gatehouse_progress(struct gatehouse_call *call, double progress, double total, const char *message)
{
    if (!call->wants_progress || !isfinite(progress) || !isfinite(total))
        return;
    if (call->progressed && progress <= call->progress) /* it must grow (S-10) */
        return;
    call->progressed = true;
    call->progress = progress;

    auto_buf params;
    buf_init(&params, MAX_NOTE_BYTES);
    struct json_writer w = json_writer(&params);
    json_begin_object(&w);
    set_number(&w, S("progress"), progress);
    if (total > 0)
        set_number(&w, S("total"), total);
    bool valid = set_text(&w, S("message"), message);
    json_end_object(&w);
    if (valid && buf_ok(&params) == OK)
        line_say(call->line, KIT_PROGRESS, buf_slice(&params));
}

static struct slice level_name(enum gatehouse_level level)
{
    switch (level) {
    case GATEHOUSE_DEBUG:
        return S("debug");
    case GATEHOUSE_INFO:
        return S("info");
    case GATEHOUSE_NOTICE:
        return S("notice");
    case GATEHOUSE_WARNING:
        return S("warning");
    case GATEHOUSE_ERROR:
        return S("error");
    case GATEHOUSE_CRITICAL:
        return S("critical");
    case GATEHOUSE_ALERT:
        return S("alert");
    case GATEHOUSE_EMERGENCY:
        return S("emergency");
    }
    return S("emergency");
}

static bool wants(const struct gatehouse_call *call, enum gatehouse_level level)
{
    return call->log_level != SEVERITY_NONE && (int)level + 1 >= (int)call->log_level;
}

/* `data` is JSON. */
static void log_data(struct gatehouse_call *call, enum gatehouse_level level, const char *logger, struct slice data)
{
    auto_buf params;

    buf_init(&params, MAX_NOTE_BYTES);
    struct json_writer w = json_writer(&params);
    json_begin_object(&w);
    json_set_string(&w, S("level"), level_name(level));
    bool valid = set_text(&w, S("logger"), logger);
    json_set_raw(&w, S("data"), data);
    json_end_object(&w);
    if (valid && buf_ok(&params) == OK)
        line_say(call->line, KIT_LOG, buf_slice(&params));
}

void gatehouse_log(struct gatehouse_call *call, enum gatehouse_level level, const char *logger, const char *text)
{
    struct slice s = slice_of(text != NULL ? text : "");
    auto_buf data;

    buf_init(&data, MAX_NOTE_BYTES);
    if (!wants(call, level) || !utf8_is_valid(s))
        return;
    json_put_string(&data, s);
    if (buf_ok(&data) == OK)
        log_data(call, level, logger, buf_slice(&data));
}

void gatehouse_log_json(struct gatehouse_call *call, enum gatehouse_level level, const char *logger, const char *json)
{
    if (!wants(call, level))
        return;
    auto_free(json) parsed = round_parse(call, json);
    auto_buf data;

    buf_init(&data, MAX_NOTE_BYTES);
    if (parsed == NULL)
        return;
    json_put(&data, json_root(parsed));
    if (buf_ok(&data) == OK)
        log_data(call, level, logger, buf_slice(&data));
}
