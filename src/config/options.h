/*
 * The table of all settings (options.def) as values: what each is called, what it takes, where it is kept.
 *
 * Everything here is constant and may be read from any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "config/nearest.h"

enum option_kind {
    /* uint64_t */
    OPTION_COUNT,
    OPTION_BYTES,
    OPTION_DURATION, /* in milliseconds */
    /* an enum */
    OPTION_CHOICE,
    /* char *, NULL when not set */
    OPTION_PATH, /* relative ones belong to the folder of the file they stand in */
    OPTION_URL,
    /* struct config_list */
    OPTION_LISTENERS,
    OPTION_ORIGINS,
    OPTION_WORDS,     /* any texts; the first is a program */
    OPTION_VARIABLES, /* names of environment variables */
    /* struct config_values */
    OPTION_VALUES, /* environment variables with values */
};

struct option {
    struct slice path;
    enum option_kind kind;
    bool of_server; /* `offset` is in struct config_server, not in struct config */
    size_t offset;
    struct slice default_text;
    struct slice low;
    struct slice high;
    bool is_reloadable;
    struct slice sentence;
};

#define SERVERS_SECTION "servers"

size_t options_count(void);
const struct option *options_at(size_t i); /* in the order of their paths */

/*
 * The option at `path`, or NULL. Under "servers", the second part of the path is any name; *ret_server is set to it,
 * and to NO_SLICE elsewhere. "*" stands for any name.
 */
const struct option *options_find(struct slice path, struct slice *ret_server);

/* Do options lie below `path`, as below "limits"? */
bool options_is_section(struct slice path);

/* Offers the names that may follow `section` ("" for the top). */
void options_offer_keys(struct nearest *nearest, struct slice section);

/* The full path of an option whose last part is `key` and which lies in another section than `section`, or NO_SLICE. */
struct slice options_elsewhere(struct slice key, struct slice section);

bool option_is_list(const struct option *option);

/* Appends the name of its variable, "GATEHOUSE_LIMITS_BODY_BYTES"; nothing for a setting of a server. */
void option_variable(const struct option *option, struct buf *b);

/* What it takes, for messages and the reference: "a size such as 64KiB". */
struct slice option_takes(const struct option *option);

/* The number in `text`, as the kind of the option says. ERR_SYNTAX, ERR_LIMIT. */
must_use enum err option_number(const struct option *option, struct slice text, uint64_t *ret);

/* The values of a CHOICE, one after the other: `*at` begins as 0; false at the end. Skips the one for "not set". */
bool option_next_choice(const struct option *option, size_t *at, struct slice *ret_name, unsigned *ret_value);
