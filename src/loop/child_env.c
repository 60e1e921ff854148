#include "loop/child_env.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

struct child_env {
    size_t n;
    struct slice entries[CHILD_ENV_MAX];
};

struct child_env *child_env_new(void)
{
    static const char *const names[] = { "PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR" };
    struct child_env *env = mem_zalloc(1, sizeof(*env));

    for (size_t i = 0; i < N_ELEMENTS(names); i++)
        if (child_env_inherit(env, slice_of(names[i])) != OK)
            continue; /* we lack it, or no child could use it: it does without */
    return env;
}

void child_env_free(struct child_env *env)
{
    if (env == NULL)
        return;
    for (size_t i = 0; i < env->n; i++)
        free((void *)(uintptr_t)env->entries[i].ptr);
    free(env);
}

static bool is_name(struct slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return name.len > 0;
}

static bool is_value(struct slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] == 0 || value.ptr[i] == '\n' || value.ptr[i] == '\r')
            return false;
    return true;
}

/* The entry of that name, or the free place behind the last. */
static struct slice *place_of(struct child_env *env, struct slice name)
{
    size_t i = 0;

    while (i < env->n && !(slice_starts(env->entries[i], name) && env->entries[i].ptr[name.len] == '='))
        i++;
    return i < CHILD_ENV_MAX ? &env->entries[i] : NULL;
}

enum err child_env_set(struct child_env *env, struct slice name, struct slice value)
{
    struct slice *place = place_of(env, name);

    if (!is_name(name) || !is_value(value))
        return ERR_INVALID;
    if (value.len > CHILD_ENV_VALUE_BYTES || place == NULL)
        return ERR_LIMIT;

    auto_buf text;
    buf_init(&text, name.len + 1 + value.len);
    buf_put(&text, name);
    buf_putc(&text, '=');
    buf_put(&text, value);
    TRY(buf_ok(&text));
    if (place == &env->entries[env->n])
        env->n++;
    else
        free((void *)(uintptr_t)place->ptr);
    *place = mem_dup(buf_slice(&text));
    return OK;
}

enum err child_env_inherit(struct child_env *env, struct slice name)
{
    char *c_name = mem_strdup(name);
    const char *value = getenv(c_name);

    free(c_name);
    return value == NULL ? ERR_NOT_FOUND : child_env_set(env, name, slice_of(value));
}

const struct slice *child_env_entries(const struct child_env *env, size_t *ret_n)
{
    *ret_n = env->n;
    return env->entries;
}
