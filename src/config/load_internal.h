/*
 * What is known while a configuration is loaded: the values so far, and where each came from.
 */
#pragma once

#include "base/arena.h"
#include "config/config.h"
#include "config/options.h"
#include "config/problems.h"
#include "config/yaml.h"

/* Who set a value last, from the weakest to the strongest. */
enum load_stage { LOAD_UNSET, LOAD_DEFAULT, LOAD_FILE, LOAD_VARIABLE, LOAD_FLAG };

struct load_mark {
    enum load_stage stage;
    struct place place;
};

struct load_server {
    struct place place;      /* of its name */
    struct load_mark *marks; /* of its settings, by their rows in the table */
};

struct load {
    const struct config_source *source;
    struct problems *problems;
    struct arena arena;
    struct config *config;
    struct load_mark *marks;     /* by the rows of the table */
    struct load_server *servers; /* as config->servers */
    enum load_stage stage;
};

/* set.c */

/* One setting gets the value of `node`; what is wrong with it becomes a problem. `server` is NULL outside servers. */
void load_set(struct load *l, const struct option *option, struct config_server *server, const struct yaml *node);

/* The same with a text that is in no file: lists are parted by commas, or written as in YAML. */
void load_set_text(struct load *l, const struct option *option, struct config_server *server, struct slice text,
                   const char *origin);

/* Where a setting was set, and by whom. `server` is NULL outside servers. */
const struct load_mark *load_mark_of(const struct load *l, const char *path, const struct config_server *server);

/* reference.c */

/* `text` with its ${NAME} replaced; with `or_file`, "file:PATH" is the content of that file. Lives in the arena. */
must_use enum err load_resolve(struct load *l, const struct yaml *node, bool or_file, struct slice *ret);

/* The value of an environment variable of the source, or NO_SLICE. */
struct slice load_variable(const struct load *l, struct slice name);

/* `path` as seen from the folder of the file, when it stands in the file. Lives in the arena. */
struct slice load_path(struct load *l, struct slice path, const char *origin);

/* check.c */

/* What no single setting can know: settings that exclude or need each other, and what is not safe (decision 16). */
void load_check(struct load *l);
