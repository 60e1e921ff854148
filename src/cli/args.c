#include "cli/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "config/nearest.h"

static const struct args_option options[] = {
    { "--listen", "HOST:PORT", "listen", "where to listen; may come again (127.0.0.1:8080)" },
    { "--public-url", "URL", "public_url", "the URL clients use, when it is another" },
    { "--auth", "none", "auth", "who may call" },
    { "--data-dir", "PATH", "data_dir", "where keys and state are kept" },
    { "--log-format", "json|text", "log.format", "how events are written to standard error" },
    { "--log-level", "LEVEL", "log.level", "error, warn, info or debug" },
    { "--set", "PATH=VALUE", NULL, "any other setting; see gatehouse config reference" },
    { "--env", "NAME", NULL, "a variable that COMMAND inherits; may come again" },
    { "--config", "FILE", NULL, "the configuration; -c for short" },
};

static const struct verb {
    const char *name;
    enum args_verb verb;
} verbs[] = {
    { "serve", ARGS_SERVE }, { "check", ARGS_CHECK },     { "config", ARGS_CONFIG },
    { "help", ARGS_HELP },   { "version", ARGS_VERSION },
};

const struct args_option *args_options(size_t *ret_n)
{
    *ret_n = N_ELEMENTS(options);
    return options;
}

/* The words that are left, and what is known so far. */
struct parse {
    const char *const *at; /* the next word; NULL at the end */
    struct args *args;
    struct buf *why;
    const char *positionals[2];
    size_t n_positionals;
    bool wants_help;
    bool wants_version;
};

static enum err refuse(struct parse *p, const char *why)
{
    buf_put(p->why, slice_of(why));
    return ERR_INVALID;
}

/* "unknown option "--lisen"; did you mean "--listen"?" */
static enum err unknown(struct parse *p, const char *what, struct slice word, const struct nearest *nearest)
{
    auto_buf quoted = problem_quote(word);

    buf_printf(p->why, "unknown %s %s", what, quoted.ptr);
    if (nearest->best.ptr != NULL)
        buf_printf(p->why, "; did you mean \"%.*s\"?", SLICE_ARGS(nearest->best));
    return ERR_INVALID;
}

static const struct args_option *find_option(struct slice name)
{
    for (size_t i = 0; i < N_ELEMENTS(options); i++)
        if (slice_eq(slice_of(options[i].name), name))
            return &options[i];
    return slice_eq(name, S("-c")) ? find_option(S("--config")) : NULL;
}

static void add_flag(struct args *args, const char *origin, struct slice path, struct slice value)
{
    args->flags[args->n_flags++] = (struct config_flag){ origin, path, value };
}

static enum err take_set(struct parse *p, struct slice value)
{
    size_t equals = slice_find(value, '=');

    if (equals == SIZE_MAX || equals == 0) {
        auto_buf quoted = problem_quote(value);
        buf_printf(p->why, "--set takes PATH=VALUE, which %s is not", quoted.ptr);
        return ERR_INVALID;
    }
    add_flag(p->args, "--set", slice_first(value, equals), slice_from(value, equals + 1));
    return OK;
}

/* `value` reaches to the end of a word of argv, so its pointer is a string. */
static enum err take_value(struct parse *p, const struct args_option *option, struct slice value)
{
    struct slice name = slice_of(option->name);

    if (option->setting != NULL)
        add_flag(p->args, option->name, slice_of(option->setting), value);
    else if (slice_eq(name, S("--set")))
        return take_set(p, value);
    else if (slice_eq(name, S("--env")))
        p->args->env[p->args->n_env++] = value.ptr;
    else if (p->args->file != NULL)
        return refuse(p, "there are two configurations; which is it?");
    else
        p->args->file = value.ptr;
    return OK;
}

/* "--name=value", "--name value" or "-c value". */
static enum err take_option(struct parse *p)
{
    struct slice word = slice_of(*p->at++);
    size_t equals = slice_starts(word, S("--")) ? slice_find(word, '=') : SIZE_MAX;
    struct slice name = slice_first(word, equals);
    const struct args_option *option = find_option(name);

    if (slice_eq(word, S("--help")) || slice_eq(word, S("-h"))) {
        p->wants_help = true;
        return OK;
    }
    if (slice_eq(word, S("--version"))) {
        p->wants_version = true;
        return OK;
    }
    if (option == NULL) {
        struct nearest nearest = nearest_to(name);
        for (size_t i = 0; i < N_ELEMENTS(options); i++)
            nearest_offer(&nearest, slice_of(options[i].name));
        nearest_offer(&nearest, S("--help"));
        return unknown(p, "option", name, &nearest);
    }
    if (equals != SIZE_MAX)
        return take_value(p, option, slice_from(word, equals + 1));
    if (*p->at == NULL || strcmp(*p->at, "--") == 0) {
        buf_printf(p->why, "%s takes a value: %s", option->name, option->takes);
        return ERR_INVALID;
    }
    return take_value(p, option, slice_of(*p->at++));
}

static enum err take_words(struct parse *p)
{
    while (*p->at != NULL) {
        if (strcmp(*p->at, "--") == 0) {
            p->args->command = p->at + 1;
            return OK;
        }
        if ((*p->at)[0] == '-' && (*p->at)[1] != '\0') {
            TRY(take_option(p));
        } else if (p->n_positionals == N_ELEMENTS(p->positionals)) {
            auto_buf quoted = problem_quote(slice_of(*p->at));
            buf_printf(p->why, "there is no use for %s", quoted.ptr);
            return ERR_INVALID;
        } else {
            p->positionals[p->n_positionals++] = *p->at++;
        }
    }
    return OK;
}

static enum args_verb find_verb(const char *word)
{
    for (size_t i = 0; i < N_ELEMENTS(verbs); i++)
        if (strcmp(verbs[i].name, word) == 0)
            return verbs[i].verb;
    return ARGS_NONE;
}

static enum err unknown_verb(struct parse *p, struct slice word)
{
    struct nearest nearest = nearest_to(word);

    for (size_t i = 0; i < N_ELEMENTS(verbs); i++)
        nearest_offer(&nearest, slice_of(verbs[i].name));
    if (nearest.best.ptr == NULL) { /* then it may be a program */
        auto_buf quoted = problem_quote(word);
        buf_printf(p->why, "unknown verb %s; a program that is to be served stands behind --", quoted.ptr);
        return ERR_INVALID;
    }
    return unknown(p, "verb", word, &nearest);
}

/* The first word that is no option decides, if there is one. */
static enum err find_what_to_do(struct parse *p)
{
    const char *word = p->n_positionals > 0 ? p->positionals[0] : NULL;

    if (word == NULL) {
        p->args->verb = p->args->command != NULL ? ARGS_SERVE_ONE : ARGS_NONE;
        return OK;
    }
    if (slice_search(slice_of(word), S("://")) != SIZE_MAX) {
        p->args->verb = ARGS_SERVE_ONE;
        p->args->url = word;
        return OK;
    }
    p->args->verb = find_verb(word);
    return p->args->verb != ARGS_NONE ? OK : unknown_verb(p, slice_of(word));
}

static enum err check_config(struct parse *p)
{
    const char *what = p->n_positionals > 1 ? p->positionals[1] : "";

    p->args->wants_schema = strcmp(what, "schema") == 0;
    if (!p->args->wants_schema && strcmp(what, "reference") != 0)
        return refuse(p, "config is followed by schema or reference");
    return p->args->n_flags == 0 ? OK : refuse(p, "config takes no options");
}

static enum err check_serve_one(struct parse *p)
{
    if (p->args->command != NULL && p->args->url != NULL)
        return refuse(p, "there is both a URL and a command; which of them is the server?");
    if (p->args->command != NULL && p->args->command[0] == NULL)
        return refuse(p, "behind -- stands the command to serve");
    if (p->args->command == NULL && p->args->n_env > 0)
        return refuse(p, "--env is for a command behind --");
    return p->args->file == NULL ? OK : refuse(p, "a configuration is served by: gatehouse serve -c FILE");
}

/* What does not go together. */
static enum err check(struct parse *p)
{
    const struct args *args = p->args;
    bool takes_file = args->verb == ARGS_SERVE || args->verb == ARGS_CHECK;

    if (p->n_positionals > 1 && args->verb != ARGS_CONFIG && args->verb != ARGS_HELP) {
        auto_buf quoted = problem_quote(slice_of(p->positionals[1]));
        buf_printf(p->why, "there is no use for %s", quoted.ptr);
        return ERR_INVALID;
    }
    if (args->verb == ARGS_SERVE_ONE)
        return check_serve_one(p);
    if (args->verb == ARGS_NONE)
        return refuse(p, "there is nothing to serve: give a command behind --, a URL, or serve -c FILE");
    if (args->command != NULL)
        return refuse(p, "a command behind -- is served without a verb");
    if (args->n_env > 0)
        return refuse(p, "--env is for a command behind --; in a file it is env");
    if (takes_file && args->file == NULL)
        return refuse(p, "which configuration? -c FILE names it");
    if (!takes_file && args->file != NULL)
        return refuse(p, "-c is for serve and check");
    if (args->verb == ARGS_CONFIG)
        return check_config(p);
    return takes_file || args->n_flags == 0 ? OK : refuse(p, "this verb takes no options");
}

enum err args_parse(int argc, const char *const *argv, struct args *ret, struct buf *reterr_why)
{
    struct parse p = { .at = argv + (argc > 0), .args = ret, .why = reterr_why };

    *ret = (struct args){
        .flags = mem_zalloc((size_t)argc + 1, sizeof(*ret->flags)),
        .env = mem_zalloc((size_t)argc + 1, sizeof(*ret->env)),
    };
    TRY(take_words(&p));
    TRY(find_what_to_do(&p));
    if (p.wants_help || ret->verb == ARGS_HELP) {
        ret->help_on = ret->verb == ARGS_HELP ? find_verb(p.n_positionals > 1 ? p.positionals[1] : "") : ret->verb;
        ret->verb = ARGS_HELP;
        return OK;
    }
    if (p.wants_version && ret->verb == ARGS_NONE) {
        ret->verb = ARGS_VERSION;
        return OK;
    }
    return check(&p);
}

void args_done(struct args *args)
{
    free(args->flags);
    free(args->env);
    *args = (struct args){ 0 };
}
