/*
 * How the program of a server is started: its words, its folder, and an environment built from nothing (S-82).
 *
 * It gets PATH, HOME, USER, LANG, TZ and TMPDIR of ours, as far as they are set, the variables its configuration names,
 * and those it gives a value. Pure: the environment and the folder we stand in are given.
 */
#pragma once

#include "base/slice.h"
#include "config/config.h"
#include "loop/warden.h"

struct command {
    struct child_command child; /* points into what follows and into the server's configuration */
    struct slice *args;
    struct slice *env; /* "NAME=value" */
    size_t n_env;
};

/* Borrows all it is given as long as *ret is used. */
void command_build(const struct config_server *server, const char *const *environment, struct slice folder,
                   struct command *ret);
void command_done(struct command *command); /* wipes the environment, for there may be secrets in it */

/* Is a variable of the server's `env` list not set here? Such a one the program does without. */
bool command_lacks(const struct config_server *server, const char *const *environment, size_t *at,
                   struct slice *ret_name);
