#include "kit/template.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "json/json_write.h"

/* The text is literal, variable, literal, variable … : each variable with the literal before it. */
struct variable {
    struct slice before;
    struct slice name;
    bool any; /* may hold "/" */
};

struct template
{
    char *text; /* all slices point into it */
    size_t n;
    struct variable variables[TEMPLATE_MAX_VARIABLES];
    struct slice end; /* the literal after the last variable */
};

static bool is_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_' && c != '.')
            return false;
    }
    return name.len > 0;
}

/* Cuts "literal{name}" off the front of `rest`. */
static enum err parse_variable(struct template *t, struct slice *rest)
{
    size_t open = slice_find(*rest, '{');
    size_t close = slice_find(*rest, '}');
    if (open == SIZE_MAX || close == SIZE_MAX || close < open || t->n == TEMPLATE_MAX_VARIABLES)
        return ERR_SYNTAX;

    struct variable *v = &t->variables[t->n];
    v->before = slice_first(*rest, open);
    v->name = (struct slice){ rest->ptr + open + 1, close - open - 1 };
    v->any = slice_starts(v->name, S("+"));
    v->name = slice_from(v->name, v->any ? 1 : 0);
    if (!is_name(v->name) || (t->n > 0 && (v->before.len == 0 || t->variables[t->n - 1].any)))
        return ERR_SYNTAX;
    if (template_has_variable(t, v->name))
        return ERR_DUPLICATE;
    t->n++;
    *rest = slice_from(*rest, close + 1);
    return OK;
}

static enum err parse(struct template *t, struct slice text)
{
    while (slice_find(text, '{') != SIZE_MAX)
        TRY(parse_variable(t, &text));
    t->end = text;
    return t->n > 0 && slice_find(text, '}') == SIZE_MAX ? OK : ERR_SYNTAX;
}

enum err template_parse(struct slice text, struct template **ret)
{
    auto_free(template) t = mem_zalloc(1, sizeof(*t));

    t->text = mem_strdup(text);
    TRY(parse(t, (struct slice){ t->text, text.len }));
    *ret = TAKE(t);
    return OK;
}

void template_free(struct template *t)
{
    if (t == NULL)
        return;
    free(t->text);
    free(t);
}

bool template_has_variable(const struct template *t, struct slice name)
{
    for (size_t i = 0; i < t->n; i++)
        if (slice_eq(t->variables[i].name, name))
            return true;
    return false;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool percent_decode(struct slice s, struct buf *to)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] != '%') {
            buf_putc(to, s.ptr[i]);
            continue;
        }
        int high = i + 1 < s.len ? hex_digit(s.ptr[i + 1]) : -1;
        int low = i + 2 < s.len ? hex_digit(s.ptr[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        buf_putc(to, (char)(high * 16 + low));
        i += 2;
    }
    return slice_find(buf_slice(to), '\0') == SIZE_MAX && utf8_is_valid(buf_slice(to)) && buf_ok(to) == OK;
}

/*
 * Where the variable's value ends: before the first occurrence of the next literal, but for the last literal before the
 * end of the URI. The first is as good as any later one, for what it leaves to the next variable a later one would have
 * to hold itself, and neither may hold a "/".
 */
static size_t find_end(const struct template *t, size_t i, struct slice uri)
{
    if (i + 1 == t->n)
        return slice_ends(uri, t->end) ? uri.len - t->end.len : SIZE_MAX;

    size_t at = slice_search(slice_from(uri, 1), t->variables[i + 1].before);
    return at == SIZE_MAX ? SIZE_MAX : at + 1;
}

static bool match_variable(const struct template *t, size_t i, struct slice *uri, struct json_writer *w)
{
    const struct variable *v = &t->variables[i];

    if (!slice_starts(*uri, v->before))
        return false;
    *uri = slice_from(*uri, v->before.len);

    size_t end = find_end(t, i, *uri);
    if (end == SIZE_MAX || end == 0)
        return false;
    struct slice value = slice_first(*uri, end);
    if (!v->any && slice_find(value, '/') != SIZE_MAX)
        return false;
    *uri = slice_from(*uri, end);

    auto_buf decoded;
    buf_init(&decoded, value.len);
    if (!percent_decode(value, &decoded))
        return false;
    json_set_string(w, v->name, buf_slice(&decoded));
    return true;
}

bool template_match(const struct template *t, struct slice uri, struct buf *variables)
{
    struct json_writer w = json_writer(variables);

    json_begin_object(&w);
    for (size_t i = 0; i < t->n; i++)
        if (!match_variable(t, i, &uri, &w))
            return false;
    json_end_object(&w);
    return buf_ok(variables) == OK;
}
