/*
 * The words of a command line as values: which verb, which settings, which server.
 *
 *     gatehouse [OPTIONS] -- COMMAND [ARG...]     gatehouse [OPTIONS] URL
 *     gatehouse serve|check [OPTIONS] -c FILE     gatehouse config schema|reference
 *
 * Pure: it reads its arguments and nothing else. All texts are borrowed from argv.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"

enum args_verb { ARGS_NONE, ARGS_SERVE_ONE, ARGS_SERVE, ARGS_CHECK, ARGS_CONFIG, ARGS_VERSION, ARGS_HELP };

struct args {
    enum args_verb verb;
    enum args_verb help_on;     /* of ARGS_HELP: the verb that is asked about; ARGS_NONE: all of it */
    bool wants_schema;          /* of ARGS_CONFIG; else the reference */
    const char *file;           /* of ARGS_SERVE and ARGS_CHECK */
    const char *const *command; /* of ARGS_SERVE_ONE: either this, with a NULL at its end */
    const char *url;            /* or this */
    struct config_flag *flags;  /* owned */
    size_t n_flags;
    const char **env; /* owned: names of variables the command gets */
    size_t n_env;
};

/* Sets *ret (to be done with in any case). ERR_INVALID: `reterr_why` says what is wrong, without a newline. */
must_use enum err args_parse(int argc, const char *const *argv, struct args *ret, struct buf *reterr_why);
void args_done(struct args *args);

/* The options that stand for settings, for the help: false beyond the last. */
struct args_option {
    const char *name;    /* "--listen" */
    const char *takes;   /* "HOST:PORT" */
    const char *setting; /* "listen"; NULL: none */
    const char *sentence;
};

const struct args_option *args_options(size_t *ret_n);
