/*
 * The configuration as plain values: read from a file, variables and flags, checked, and then never changed.
 *
 * Every member is described by its row in options.def. Memory: one block per text, all freed by config_free. Threads:
 * constant once loaded, so any may read it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/slice.h"
#include "config/problems.h"
#include "obs/log.h"

enum config_auth { CONFIG_AUTH_UNSET, CONFIG_AUTH_NONE };

#define CONFIG_MAX_LISTENERS 64u
#define CONFIG_MAX_SERVERS   256u

/* Texts; after the last comes a NULL, as in argv. */
struct config_list {
    char **items;
    size_t n;
};

struct config_value {
    char *name;
    struct secret value; /* with a NUL behind it that is not counted */
};

struct config_values {
    struct config_value *items;
    size_t n;
};

struct config_server {
    char *name;
    char *path;                 /* of its endpoint: "/mcp" of a server given on the command line, else "/NAME/mcp" */
    struct config_list command; /* either this */
    char *url;                  /* or this */
    struct config_list env;
    struct config_values env_set;
    char *cwd;
};

struct config {
    enum config_auth auth;
    char *data_dir;
    char *public_url;
    struct config_list listen;
    struct config_list origins;
    struct {
        enum log_format format;
        enum log_level level;
    } log;
    struct {
        uint64_t body_bytes;
        uint64_t body_rate_bytes_per_s;
        uint64_t call_idle_ms;
        uint64_t call_timeout_ms;
        uint64_t children;
        uint64_t connections_per_address;
        uint64_t connections_total;
        uint64_t drain_deadline_ms;
        uint64_t head_deadline_ms;
        uint64_t header_block_bytes;
        uint64_t header_fields;
        uint64_t heartbeat_ms;
        uint64_t json_depth;
        uint64_t json_nodes;
        uint64_t json_number_chars;
        uint64_t keep_alive_idle_ms;
        uint64_t question_timeout_ms;
        uint64_t request_line_bytes;
        uint64_t session_idle_ms;
        uint64_t sessions_per_principal;
        uint64_t sessions_total;
        uint64_t streams_per_address;
        uint64_t streams_total;
        uint64_t unsent_bytes;
    } limits;
    struct config_server *servers; /* in the order they were written in */
    size_t n_servers;
};

/* A setting from the command line: `origin` is what the user typed, such as "--listen". */
struct config_flag {
    const char *origin;
    struct slice path;
    struct slice value;
};

/* All that settings come from: flags win over variables, these over the file, the file over the defaults. */
struct config_source {
    const char *file; /* shown in messages; its folder is where relative paths begin. NULL: there is no file */
    struct slice text;
    const char *const *environment; /* NAME=VALUE, NULL at the end; NULL: none */
    const struct config_flag *flags;
    size_t n_flags;

    /* The one server of a command line, instead of those of a file: a command, or a URL. */
    const char *const *command; /* NULL at the end */
    const char *url;
    const char *const *command_env; /* names of variables it gets */
    size_t n_command_env;

    bool reads_files; /* may `file:PATH` be followed? */
};

/* Gives the configuration. ERR_INVALID: `problems` says what is wrong, all of it. Borrows the source for the call. */
must_use enum err config_load(const struct config_source *source, struct problems *problems, struct config **ret);
void config_free(struct config *config); /* wipes the values of variables; NULL is fine */
DEFINE_AUTO_FREE(config)

/* For those who build such values themselves: free what is in them. */
void config_list_done(struct config_list *list);
void config_values_done(struct config_values *values); /* wipes the values */

/* Gives the text of the file at `path`, at most 1 MiB, into `ret`. ERR_INVALID: `problems` says why not. */
must_use enum err config_read_file(const char *path, struct problems *problems, struct buf *ret);
