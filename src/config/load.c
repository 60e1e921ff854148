/*
 * From defaults, file, variables and flags to one configuration; each of them wins over those before it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "config/load_internal.h"
#include "config/value.h"

#define ARENA_BYTES (16u << 20)
#define PREFIX      "GATEHOUSE_"
#define MAX_SLIPS   2u /* of the pen, in the name of a variable */

static void set_defaults(struct load *l)
{
    l->stage = LOAD_DEFAULT;
    for (size_t i = 0; i < options_count(); i++) {
        const struct option *option = options_at(i);
        if (!option->of_server && option->default_text.len > 0)
            load_set_text(l, option, NULL, option->default_text, "default");
    }
}

/* The server of this name, made when it is new. NULL: there are too many. */
static struct config_server *get_server(struct load *l, struct slice name, struct place place)
{
    struct config *c = l->config;
    auto_buf path = { 0 };

    for (size_t i = 0; i < c->n_servers; i++)
        if (slice_eq(slice_of(c->servers[i].name), name))
            return &c->servers[i];
    if (c->n_servers == CONFIG_MAX_SERVERS) {
        problem_add(l->problems, place, "there are more than %u servers", CONFIG_MAX_SERVERS);
        return NULL;
    }
    buf_init(&path, 256);
    buf_printf(&path, "/%.*s/mcp", SLICE_ARGS(name));
    l->servers[c->n_servers] = (struct load_server){ place, mem_zalloc(options_count(), sizeof(struct load_mark)) };
    c->servers[c->n_servers] = (struct config_server){ .name = mem_strdup(name), .path = mem_strdup(buf_slice(&path)) };
    return &c->servers[c->n_servers++];
}

/* `key` is none of those that may stand in `section`. */
static void complain_key(struct load *l, const struct yaml *node, struct slice section)
{
    struct slice elsewhere = options_elsewhere(node->key, section);
    struct nearest nearest = nearest_to(node->key);
    auto_buf quoted = problem_quote(node->key);

    options_offer_keys(&nearest, section);
    if (nearest.best.ptr != NULL && (elsewhere.ptr == NULL || nearest.distance == 1))
        problem_add(l->problems, node->key_place, "unknown key %s; did you mean \"%.*s\"?", quoted.ptr,
                    SLICE_ARGS(nearest.best));
    else if (elsewhere.ptr != NULL)
        problem_add(l->problems, node->key_place, "unknown key %s; did you mean \"%.*s\"?", quoted.ptr,
                    SLICE_ARGS(elsewhere));
    else
        problem_add(l->problems, node->key_place, "unknown key %s", quoted.ptr);
}

/* A section is a map, or nothing at all. */
static bool is_section(struct load *l, const struct yaml *node)
{
    if (node->kind == YAML_MAP || (node->kind == YAML_TEXT && !node->is_quoted && node->text.len == 0))
        return true;
    problem_add(l->problems, node->place, "%.*s: this must be a map of keys and values", SLICE_ARGS(node->key));
    return false;
}

static void set_map(struct load *l, const struct yaml *map, struct slice section, struct config_server *server);

static void set_server(struct load *l, const struct yaml *node)
{
    struct config_server *server;

    if (!value_is_server_name(node->key)) {
        auto_buf quoted = problem_quote(node->key);
        problem_add(l->problems, node->key_place,
                    "%s cannot be the name of a server: it takes a-z, 0-9 and inner dashes", quoted.ptr);
        return;
    }
    if (!is_section(l, node))
        return;
    server = get_server(l, node->key, node->key_place);
    if (server != NULL)
        set_map(l, node, S("servers.*"), server);
}

static void set_map(struct load *l, const struct yaml *map, struct slice section, struct config_server *server)
{
    for (const struct yaml *node = map->first; node != NULL; node = node->next) {
        auto_buf path = { 0 };
        struct slice name;

        if (slice_eq(section, S(SERVERS_SECTION))) {
            set_server(l, node);
            continue;
        }
        buf_init(&path, 512);
        if (section.len > 0)
            buf_printf(&path, "%.*s.", SLICE_ARGS(section));
        buf_put(&path, node->key);

        bool is_known = buf_ok(&path) == OK && node->key.len > 0 && slice_find(node->key, '.') == SIZE_MAX;
        const struct option *option = is_known ? options_find(buf_slice(&path), &name) : NULL;
        if (option != NULL)
            load_set(l, option, server, node);
        else if (!is_known || !options_is_section(buf_slice(&path)))
            complain_key(l, node, section);
        else if (is_section(l, node))
            set_map(l, node, buf_slice(&path), server);
    }
}

static void set_file(struct load *l)
{
    struct yaml *root = NULL;

    l->stage = LOAD_FILE;
    if (l->source->file == NULL || yaml_parse(l->source->text, l->source->file, &l->arena, l->problems, &root) != OK ||
        root == NULL)
        return;
    if (root->kind == YAML_MAP)
        set_map(l, root, S(""), NULL);
    else
        problem_add(l->problems, root->place, "a configuration is a map of keys and values");
}

/* "LIMITS_ANYTHING" can only be meant for us. */
static bool is_in_section(struct slice name)
{
    return slice_starts(name, S("LIMITS_")) || slice_starts(name, S("LOG_")) || slice_starts(name, S("SERVERS_"));
}

/*
 * `name` is that of a variable, without the prefix. Others set variables with our prefix too: Kubernetes for each pod
 * that can see a service called "gatehouse", scripts that build or test us. So it is wrong only if it nearly is a
 * setting, or in a section of settings.
 */
static void check_variable(struct load *l, struct place place, struct slice name)
{
    struct nearest nearest = nearest_to(name);
    auto_buf names = { 0 }; /* of all variables, one after the other: `nearest` borrows them */

    nearest.distance = MAX_SLIPS;
    buf_init(&names, 1u << 16);
    CHECK(buf_reserve(&names, names.max) == OK);
    for (size_t i = 0; i < options_count(); i++) {
        size_t start = names.len;
        option_variable(options_at(i), &names);
        if (names.len > start)
            nearest_offer(&nearest, slice_from(buf_slice(&names), start + strlen(PREFIX)));
    }
    if (nearest.best.ptr != NULL)
        problem_add(l->problems, place, "unknown setting; did you mean " PREFIX "%.*s?", SLICE_ARGS(nearest.best));
    else if (is_in_section(name))
        problem_add(l->problems, place, "unknown setting");
}

static void set_variable(struct load *l, struct slice name, struct slice value)
{
    struct slice origin = arena_dup(&l->arena, name);
    auto_buf candidate = { 0 };

    buf_init(&candidate, 1024);
    for (size_t i = 0; i < options_count(); i++) {
        buf_clear(&candidate);
        option_variable(options_at(i), &candidate);
        if (slice_eq(buf_slice(&candidate), name)) {
            load_set_text(l, options_at(i), NULL, value, origin.ptr);
            return;
        }
    }
    check_variable(l, (struct place){ origin.ptr, 0, 0 }, slice_from(name, strlen(PREFIX)));
}

static void set_variables(struct load *l)
{
    const char *const *entry = l->source->environment;

    l->stage = LOAD_VARIABLE;
    for (; entry != NULL && *entry != NULL; entry++) {
        struct slice text = slice_of(*entry);
        size_t equals = slice_find(text, '=');
        if (!slice_starts(text, S(PREFIX)) || equals == SIZE_MAX || !value_is_variable_name(slice_first(text, equals)))
            continue;
        if (equals + 1 < text.len) /* an empty variable counts as not set */
            set_variable(l, slice_first(text, equals), slice_from(text, equals + 1));
    }
}

static void set_flag(struct load *l, const struct config_flag *flag)
{
    struct place place = { flag->origin, 0, 0 };
    struct slice server_name;
    struct config_server *server = NULL;
    const struct option *option = options_find(flag->path, &server_name);

    if (option == NULL) {
        struct nearest nearest = nearest_to(flag->path);
        auto_buf quoted = problem_quote(flag->path);
        for (size_t i = 0; i < options_count(); i++)
            nearest_offer(&nearest, options_at(i)->path);
        if (nearest.best.ptr != NULL)
            problem_add(l->problems, place, "unknown setting %s; did you mean \"%.*s\"?", quoted.ptr,
                        SLICE_ARGS(nearest.best));
        else
            problem_add(l->problems, place, "unknown setting %s", quoted.ptr);
        return;
    }
    if (option->of_server) {
        if (!value_is_server_name(server_name)) {
            auto_buf quoted = problem_quote(server_name);
            problem_add(l->problems, place, "%s cannot be the name of a server: it takes a-z, 0-9 and inner dashes",
                        quoted.ptr);
            return;
        }
        server = get_server(l, server_name, place);
        if (server == NULL)
            return;
    }
    load_set_text(l, option, server, flag->value, flag->origin);
}

/* Texts from the command line as one setting of its server, taken as they are. */
static void set_words(struct load *l, const char *path, struct config_server *server, const char *const *words,
                      size_t n)
{
    struct slice name;
    const struct option *option = options_find(slice_of(path), &name);
    struct yaml *list;

    if (yaml_text(S(""), "command line", &l->arena, &list) != OK)
        return;
    list->kind = YAML_LIST;
    for (size_t i = 0; i < n; i++) {
        struct buf escaped; /* a shell has expanded what was to be expanded */
        buf_init(&escaped, 1u << 20);
        for (struct slice rest = slice_of(words[i]); rest.len > 0; rest = slice_from(rest, 1))
            buf_put(&escaped, slice_starts(rest, S("${")) ? S("$$") : slice_first(rest, 1));
        struct slice text = arena_dup(&l->arena, buf_slice(&escaped));
        buf_done(&escaped);
        if (text.ptr == NULL || yaml_text(text, "command line", &l->arena, list->last) != OK) {
            problem_add(l->problems, list->place, "the command is too long");
            return;
        }
        list->last = &(*list->last)->next;
        list->n++;
    }
    load_set(l, option, server, list);
}

static size_t count_words(const char *const *words)
{
    size_t n = 0;

    while (words[n] != NULL)
        n++;
    return n;
}

/* The server that the command line names has Gatehouse to itself: its endpoint is /mcp. */
static void set_command_line(struct load *l)
{
    const struct config_source *source = l->source;
    struct config_server *server;

    if (source->command == NULL && source->url == NULL)
        return;
    server = get_server(l, S("default"), (struct place){ "command line", 0, 0 });
    if (server == NULL)
        return;
    free(server->path);
    server->path = mem_strdup(S("/mcp"));
    if (source->command != NULL)
        set_words(l, "servers.*.command", server, source->command, count_words(source->command));
    if (source->url != NULL)
        load_set_text(l, options_find(S("servers.*.url"), &(struct slice){ 0 }), server, slice_of(source->url),
                      "command line");
    if (source->n_command_env > 0)
        set_words(l, "servers.*.env", server, source->command_env, source->n_command_env);
}

static void set_flags(struct load *l)
{
    l->stage = LOAD_FLAG;
    for (size_t i = 0; i < l->source->n_flags; i++)
        set_flag(l, &l->source->flags[i]);
    set_command_line(l);
}

/* XDG base directories: a relative XDG_DATA_HOME counts as not set. */
static void find_data_dir(struct load *l)
{
    struct slice data_home = load_variable(l, S("XDG_DATA_HOME"));
    struct slice home = load_variable(l, S("HOME"));
    auto_buf path = { 0 };

    if (l->config->data_dir != NULL)
        return;
    buf_init(&path, 4096);
    if (slice_starts(data_home, S("/")))
        buf_printf(&path, "%.*s/gatehouse", SLICE_ARGS(data_home));
    else if (slice_starts(home, S("/")))
        buf_printf(&path, "%.*s/.local/share/gatehouse", SLICE_ARGS(home));
    if (path.len == 0 && load_mark_of(l, "data_dir", NULL)->stage == LOAD_UNSET)
        problem_add(l->problems, (struct place){ "data_dir", 0, 0 },
                    "this is not set, and neither XDG_DATA_HOME nor HOME says where it might be");
    else if (path.len > 0)
        l->config->data_dir = mem_strdup(buf_slice(&path));
}

enum err config_load(const struct config_source *source, struct problems *problems, struct config **ret)
{
    auto_free(config) config = mem_zalloc(1, sizeof(*config));
    struct load l = { .source = source, .problems = problems, .config = config };

    config->servers = mem_zalloc(CONFIG_MAX_SERVERS, sizeof(*config->servers));
    l.marks = mem_zalloc(options_count(), sizeof(*l.marks));
    l.servers = mem_zalloc(CONFIG_MAX_SERVERS, sizeof(*l.servers));
    arena_init(&l.arena, ARENA_BYTES);

    set_defaults(&l);
    set_file(&l);
    set_variables(&l);
    set_flags(&l);
    find_data_dir(&l);
    load_check(&l);

    for (size_t i = 0; i < config->n_servers; i++)
        free(l.servers[i].marks);
    free(l.servers);
    free(l.marks);
    arena_done(&l.arena);
    if (problems_any(problems))
        return ERR_INVALID;
    *ret = TAKE(config);
    return OK;
}
