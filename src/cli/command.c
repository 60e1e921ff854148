#include "cli/command.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define ENV_BYTES (1u << 20) /* far more than the warden takes */

static const char *const always[] = { "PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR" };

/* The whole entry "NAME=value", or NO_SLICE. */
static struct slice find(const char *const *environment, const char *name)
{
    size_t len = strlen(name);

    for (; *environment != NULL; environment++)
        if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
            return slice_of(*environment);
    return NO_SLICE;
}

static bool is_given(const struct config_server *server, const char *name)
{
    for (size_t i = 0; i < server->env_set.n; i++)
        if (strcmp(server->env_set.items[i].name, name) == 0)
            return true;
    return false;
}

static bool is_there(const struct command *c, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < c->n_env; i++)
        if (c->env[i].len > len && memcmp(c->env[i].ptr, name, len) == 0 && c->env[i].ptr[len] == '=')
            return true;
    return false;
}

/* A copy of our own variable, unless the configuration gives another or it is there already. */
static void inherit(struct command *c, const struct config_server *server, const char *const *environment,
                    const char *name)
{
    struct slice entry = find(environment, name);

    if (entry.ptr != NULL && !is_given(server, name) && !is_there(c, name))
        c->env[c->n_env++] = mem_dup(entry);
}

static void give(struct command *c, const struct config_value *value)
{
    auto_buf entry = { 0 };

    buf_init(&entry, ENV_BYTES);
    buf_printf(&entry, "%s=", value->name);
    buf_put(&entry, secret_reveal(&value->value));
    c->env[c->n_env++] = mem_dup(buf_slice(&entry));
    explicit_bzero(entry.ptr, entry.len);
}

void command_build(const struct config_server *server, const char *const *environment, struct slice folder,
                   struct command *ret)
{
    struct command c = {
        .args = mem_zalloc(server->command.n + 1, sizeof(*c.args)),
        .env = mem_zalloc(N_ELEMENTS(always) + server->env.n + server->env_set.n, sizeof(*c.env)),
    };

    for (size_t i = 0; i < server->command.n; i++)
        c.args[i] = slice_of(server->command.items[i]);
    for (size_t i = 0; i < N_ELEMENTS(always); i++)
        inherit(&c, server, environment, always[i]);
    for (size_t i = 0; i < server->env.n; i++)
        inherit(&c, server, environment, server->env.items[i]);
    for (size_t i = 0; i < server->env_set.n; i++)
        give(&c, &server->env_set.items[i]);
    c.child = (struct child_command){
        .args = c.args,
        .n_args = server->command.n,
        .env = c.env,
        .n_env = c.n_env,
        .cwd = server->cwd != NULL ? slice_of(server->cwd) : folder,
    };
    *ret = c;
}

void command_done(struct command *c)
{
    for (size_t i = 0; i < c->n_env; i++) {
        char *entry = (char *)(uintptr_t)c->env[i].ptr; /* ours, from mem_dup */
        explicit_bzero(entry, c->env[i].len);
        free(entry);
    }
    free(c->env);
    free(c->args);
    *c = (struct command){ 0 };
}

bool command_lacks(const struct config_server *server, const char *const *environment, size_t *at,
                   struct slice *ret_name)
{
    while (*at < server->env.n) {
        const char *name = server->env.items[(*at)++];
        if (find(environment, name).ptr == NULL) {
            *ret_name = slice_of(name);
            return true;
        }
    }
    return false;
}
