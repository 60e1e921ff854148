/* What a handler can ask about the call it is given. */
#include <locale.h>
#include <stdlib.h>

#include "base/check.h"
#include "kit/line.h"
#include "kit/round.h"
#include "json/json.h"
#include "json/json_write.h"

const char *gatehouse_subject(const struct gatehouse_call *call)
{
    return call->subject;
}

const char *gatehouse_principal(const struct gatehouse_call *call)
{
    return call->principal;
}

const char *gatehouse_typed(const struct gatehouse_call *call)
{
    return call->typed;
}

static const struct json_value *argument(const struct gatehouse_call *call, const char *name)
{
    return json_get(json_root(call->arguments), slice_of(name));
}

const char *round_string(struct gatehouse_call *call, const struct json_value *value)
{
    struct slice text = json_string(value);

    if (!json_is_string(value) || slice_find(text, '\0') != SIZE_MAX)
        return NULL;
    return round_lend(call, text);
}

const char *round_json(struct gatehouse_call *call, const struct json_value *value)
{
    auto_buf text;

    buf_init(&text, SIZE_MAX / 2); /* it is as long as what came, which was limited on its way in */
    if (value == NULL)
        return NULL;
    json_put(&text, value);
    return round_lend(call, buf_slice(&text));
}

const char *gatehouse_arg_string(struct gatehouse_call *call, const char *name)
{
    return round_string(call, argument(call, name));
}

const char *gatehouse_arg_json(struct gatehouse_call *call, const char *name)
{
    return round_json(call, argument(call, name));
}

const char *gatehouse_args_json(struct gatehouse_call *call)
{
    return round_json(call, json_root(call->arguments));
}

int64_t gatehouse_arg_int(struct gatehouse_call *call, const char *name, int64_t fallback)
{
    int64_t n;

    return json_integer(argument(call, name), &n) == OK ? n : fallback;
}

/* JSON's decimal point is a point, whatever locale the program has set. */
static double to_double(const char *text)
{
    locale_t c = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    CHECK(c != (locale_t)0);
    double n = strtod_l(text, NULL, c);

    freelocale(c);
    return n;
}

double gatehouse_arg_number(struct gatehouse_call *call, const char *name, double fallback)
{
    const struct json_value *value = argument(call, name);
    const char *text = json_is_number(value) ? round_lend(call, json_number_text(value)) : NULL;

    return text != NULL ? to_double(text) : fallback;
}

bool gatehouse_arg_bool(struct gatehouse_call *call, const char *name, bool fallback)
{
    const struct json_value *value = argument(call, name);

    return json_is_bool(value) ? json_is_true(value) : fallback;
}

bool gatehouse_cancelled(const struct gatehouse_call *call)
{
    return line_is_cut(call->line);
}

bool gatehouse_wait_ms(struct gatehouse_call *call, unsigned ms)
{
    return line_wait_ms(call->line, ms);
}
