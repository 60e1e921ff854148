/*
 * The environment of a child, built from nothing: what every program needs, what was named, what was set, and no more.
 *
 * Memory: one heap string per entry, at most CHILD_ENV_MAX of them. Threads: one owner at a time; making one reads our
 * own environment, which nobody changes.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

#define CHILD_ENV_MAX         256u
#define CHILD_ENV_VALUE_BYTES 4096u

struct child_env;

struct child_env *child_env_new(void); /* gives PATH HOME USER LANG TZ TMPDIR, as far as we have them ourselves */
void child_env_free(struct child_env *env);
DEFINE_AUTO_FREE(child_env)

/*
 * Sets NAME to a value, or to a new one.
 *
 *   ERR_INVALID  the name is not of letters, digits and "_", or the value has a NUL or a line end
 *   ERR_LIMIT    the value is longer than CHILD_ENV_VALUE_BYTES, or there are CHILD_ENV_MAX entries
 */
must_use enum err child_env_set(struct child_env *env, struct slice name, struct slice value);

/* Hands our own value of NAME on. ERR_NOT_FOUND: we have none; else as child_env_set. */
must_use enum err child_env_inherit(struct child_env *env, struct slice name);

/* "NAME=value", for struct child_command; borrowed until the next change. */
const struct slice *child_env_entries(const struct child_env *env, size_t *ret_n);
