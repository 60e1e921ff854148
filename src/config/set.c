/*
 * One setting gets its value: the text in the file, in a variable or behind a flag becomes what the program uses.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "config/load_internal.h"
#include "config/value.h"
#include "net/address.h"

/* What is being set: where its value goes, what it is called and who asks. */
struct target {
    struct load *l;
    const struct option *option;
    struct config_server *server; /* NULL outside servers */
    void *value;
    bool adds; /* to what the same stage has set before: a flag that comes again */
};

static void complain(const struct target *t, const struct yaml *node, struct slice text, const char *why)
{
    auto_buf quoted = problem_quote(text);
    auto_buf path = { 0 };

    buf_init(&path, 1024);
    if (t->server != NULL)
        buf_printf(&path, "servers.%s%.*s", t->server->name,
                   SLICE_ARGS(slice_from(t->option->path, strlen("servers.*"))));
    else
        buf_put(&path, t->option->path);
    if (text.ptr != NULL)
        problem_add(t->l->problems, node->place, "%.*s: %s %s", SLICE_ARGS(buf_slice(&path)), quoted.ptr, why);
    else
        problem_add(t->l->problems, node->place, "%.*s: %s", SLICE_ARGS(buf_slice(&path)), why);
}

/* "it must be a size such as 64KiB", or with the text in front: "... is not a size such as 64KiB". */
static void complain_kind(const struct target *t, const struct yaml *node, struct slice text)
{
    auto_buf why = { 0 };

    buf_init(&why, 1024);
    buf_printf(&why, text.ptr != NULL ? "is not %.*s" : "this must be %.*s", SLICE_ARGS(option_takes(t->option)));
    buf_put(&why, (struct slice){ "", 1 });
    complain(t, node, text, why.ptr);
}

static void set_number(const struct target *t, const struct yaml *node, struct slice text)
{
    uint64_t low;
    uint64_t high;
    uint64_t n = UINT64_MAX;
    auto_buf why = { 0 };

    enum err result = option_number(t->option, text, &n);
    if (result == ERR_SYNTAX) {
        complain_kind(t, node, text);
        return;
    }
    CHECK(option_number(t->option, t->option->low, &low) == OK);
    CHECK(option_number(t->option, t->option->high, &high) == OK);
    if (result == OK && in_range(n, low, high)) {
        *(uint64_t *)t->value = n;
        return;
    }
    buf_init(&why, 256);
    buf_printf(&why, "is out of range: from %.*s to %.*s", SLICE_ARGS(t->option->low), SLICE_ARGS(t->option->high));
    buf_put(&why, (struct slice){ "", 1 });
    complain(t, node, text, why.ptr);
}

static void set_choice(const struct target *t, const struct yaml *node, struct slice text)
{
    auto_buf why = { 0 };
    struct slice name;
    unsigned value;

    buf_init(&why, 256);
    buf_put(&why, S("is not one of"));
    for (size_t at = 0; option_next_choice(t->option, &at, &name, &value);) {
        if (slice_eq(name, text)) {
            *(unsigned *)t->value = value;
            return;
        }
        buf_printf(&why, " %.*s", SLICE_ARGS(name));
    }
    buf_put(&why, (struct slice){ "", 1 });
    complain(t, node, text, why.ptr);
}

static void set_text(const struct target *t, const struct yaml *node, struct slice text)
{
    struct value_url url;
    char **value = t->value;

    if (t->option->kind == OPTION_URL && value_url(text, &url) != OK) {
        complain_kind(t, node, text);
        return;
    }
    if (t->option->kind == OPTION_PATH)
        text = load_path(t->l, text, node->place.origin);
    if (text.len == 0) {
        complain(t, node, NO_SLICE, "there is no value");
        return;
    }
    free(*value);
    *value = mem_strdup(text);
}

static bool is_origin(struct slice text)
{
    struct value_url url;

    return value_url(text, &url) == OK && url.is_origin;
}

/* A relative path of a socket would depend on where somebody stood. */
static bool is_listener(struct slice text)
{
    struct address address;

    return address_parse(text, &address) == OK && (address.kind != ADDRESS_UNIX || address.path[0] == '/');
}

/* May this text be in the list? */
static bool fits_list(const struct target *t, struct slice text)
{
    switch (t->option->kind) {
    case OPTION_LISTENERS:
        return is_listener(text);
    case OPTION_ORIGINS:
        return is_origin(text);
    case OPTION_VARIABLES:
        return value_is_variable_name(text);
    case OPTION_WORDS:
        return true;
    case OPTION_COUNT:
    case OPTION_BYTES:
    case OPTION_DURATION:
    case OPTION_CHOICE:
    case OPTION_PATH:
    case OPTION_URL:
    case OPTION_VALUES:
        break;
    }
    UNREACHABLE();
}

static bool list_has(const struct config_list *list, struct slice text)
{
    for (size_t i = 0; i < list->n; i++)
        if (slice_eq(slice_of(list->items[i]), text))
            return true;
    return false;
}

static void add_item(const struct target *t, const struct yaml *item, struct config_list *list)
{
    struct slice text;

    if (item->kind != YAML_TEXT) {
        complain_kind(t, item, NO_SLICE);
        return;
    }
    if (load_resolve(t->l, item, false, &text) != OK)
        return;
    if (!fits_list(t, text))
        complain_kind(t, item, text);
    else if (t->option->kind != OPTION_WORDS && list_has(list, text))
        complain(t, item, text, "is in the list already");
    else
        list->items[list->n++] = mem_strdup(text);
}

/* A list, or the one text of a list of one. */
static void set_list(const struct target *t, const struct yaml *node)
{
    struct config_list *value = t->value;
    size_t n_before = t->adds ? value->n : 0;
    size_t n_items = node->kind == YAML_LIST ? node->n : 1;
    struct config_list list = { mem_zalloc(n_before + n_items + 1, sizeof(char *)), 0 };

    for (; list.n < n_before; list.n++)
        list.items[list.n] = TAKE(value->items[list.n]);
    if (node->kind == YAML_TEXT)
        add_item(t, node, &list);
    for (const struct yaml *item = node->first; item != NULL; item = item->next)
        add_item(t, item, &list);
    config_list_done(value);
    *value = list;

    if (t->option->kind == OPTION_WORDS && (list.n == 0 || list.items[0][0] == '\0') && !problems_any(t->l->problems))
        complain(t, node, NO_SLICE, "there is no program");
    if (t->option->kind == OPTION_LISTENERS && n_before + n_items == 0)
        complain(t, node, NO_SLICE, "there is no listener");
    if (t->option->kind == OPTION_LISTENERS && list.n > CONFIG_MAX_LISTENERS)
        complain(t, node, NO_SLICE, "there are too many listeners");
}

static void set_values(const struct target *t, const struct yaml *node)
{
    struct config_values *values = t->value;
    struct slice text;

    config_values_done(values);
    values->items = mem_zalloc(node->n + 1, sizeof(*values->items));
    for (const struct yaml *member = node->first; member != NULL; member = member->next) {
        if (!value_is_variable_name(member->key))
            complain(t, member, member->key, "is not the name of a variable");
        else if (member->kind != YAML_TEXT)
            complain(t, member, member->key, "must have a text as its value");
        else if (load_resolve(t->l, member, true, &text) == OK)
            values->items[values->n++] = (struct config_value){ mem_strdup(member->key), secret_copy(text) };
    }
}

/* Something is written, not just the key: "limits:" and "limits: null" set nothing. */
static bool is_absent(const struct yaml *node)
{
    return node->kind == YAML_TEXT && !node->is_quoted &&
           (node->text.len == 0 || slice_eq(node->text, S("null")) || slice_eq(node->text, S("~")));
}

static void set_scalar(const struct target *t, const struct yaml *node)
{
    struct slice text;

    if (node->kind != YAML_TEXT) {
        complain_kind(t, node, NO_SLICE);
        return;
    }
    if (load_resolve(t->l, node, false, &text) != OK)
        return;

    switch (t->option->kind) {
    case OPTION_COUNT:
    case OPTION_BYTES:
    case OPTION_DURATION:
        set_number(t, node, text);
        return;
    case OPTION_CHOICE:
        set_choice(t, node, text);
        return;
    case OPTION_PATH:
    case OPTION_URL:
        set_text(t, node, text);
        return;
    case OPTION_LISTENERS:
    case OPTION_ORIGINS:
    case OPTION_WORDS:
    case OPTION_VARIABLES:
    case OPTION_VALUES:
        break;
    }
    UNREACHABLE();
}

/* The mark of a setting, in the table's order. */
static struct load_mark *mark_of(const struct load *l, const struct option *option, const struct config_server *server)
{
    size_t row = (size_t)(option - options_at(0));

    return server != NULL ? &l->servers[server - l->config->servers].marks[row] : &l->marks[row];
}

const struct load_mark *load_mark_of(const struct load *l, const char *path, const struct config_server *server)
{
    struct slice name;
    const struct option *option = options_find(slice_of(path), &name);

    CHECK(option != NULL && option->of_server == (server != NULL));
    return mark_of(l, option, server);
}

void load_set(struct load *l, const struct option *option, struct config_server *server, const struct yaml *node)
{
    struct load_mark *mark = mark_of(l, option, server);
    char *base = server != NULL ? (char *)server : (char *)l->config;
    struct target t = { l, option, server, base + option->offset, mark->stage == LOAD_FLAG };

    *mark = (struct load_mark){ l->stage, node->place };
    if (is_absent(node))
        complain(&t, node, NO_SLICE, "there is no value");
    else if (option_is_list(option) && node->kind != YAML_MAP)
        set_list(&t, node);
    else if (option->kind == OPTION_VALUES && node->kind == YAML_MAP)
        set_values(&t, node);
    else if (option_is_list(option) || option->kind == OPTION_VALUES)
        complain_kind(&t, node, NO_SLICE);
    else
        set_scalar(&t, node);
}

/* The parts of "a,b" as a list. */
static enum err split(struct load *l, struct slice text, const char *origin, struct yaml **ret)
{
    struct yaml *list;
    struct slice part;

    TRY(yaml_text(S(""), origin, &l->arena, &list));
    list->kind = YAML_LIST;
    while (slice_next(&text, ',', &part)) {
        TRY(yaml_text(slice_trim(part), origin, &l->arena, list->last));
        list->last = &(*list->last)->next;
        list->n++;
    }
    *ret = list;
    return OK;
}

static bool looks_like_yaml(struct slice text)
{
    return (slice_starts(text, S("[")) && slice_ends(text, S("]"))) ||
           (slice_starts(text, S("{")) && slice_ends(text, S("}")));
}

void load_set_text(struct load *l, const struct option *option, struct config_server *server, struct slice text,
                   const char *origin)
{
    struct yaml *node = NULL;
    enum err result;

    if ((option_is_list(option) || option->kind == OPTION_VALUES) && looks_like_yaml(text))
        result = yaml_parse(text, origin, &l->arena, l->problems, &node);
    else if (option_is_list(option) && option->kind != OPTION_WORDS)
        result = split(l, text, origin, &node);
    else
        result = yaml_text(text, origin, &l->arena, &node);

    if (result == OK)
        load_set(l, option, server, node);
    else if (result == ERR_LIMIT)
        problem_add(l->problems, (struct place){ origin, 0, 0 }, "the value is too long");
}
