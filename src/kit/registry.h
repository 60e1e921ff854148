/*
 * The registry: what a server offers, by name and in order.
 *
 * An entry is made whole before it is added and never changes afterwards; who found one keeps it by a reference, so it
 * outlives its removal. Order is that of adding. A page of a list is cut by the number of the last entry shown before,
 * so that pages neither repeat nor skip what stays while other entries come and go.
 *
 * Memory: at most REGISTRY_MAX entries of a kind. Threads: any; a lock inside.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gatehouse/server.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

#define REGISTRY_MAX 10000

struct json;
struct template;

enum entry_kind { ENTRY_TOOL, ENTRY_RESOURCE, ENTRY_TEMPLATE, ENTRY_PROMPT, ENTRY_COMPLETION, N_ENTRY_KINDS };

struct entry_argument {
    char *name;
    bool required;
};

/* Owns all it points to, but `user`. */
struct entry {
    enum entry_kind kind;
    char *name; /* the key: a name, a URI, a template, or for completions what completion_key() makes */
    char *json; /* as lists show it; NULL: it is in no list */
    char *mime_type;
    struct json *schema; /* of a tool's arguments */
    char *schema_text;
    struct template *template;
    struct entry_argument *arguments; /* of a prompt */
    size_t n_arguments;
    gatehouse_handler_fn handler;
    void *user;

    uint64_t number; /* the registry's own: 1, 2, 3 … within a kind */
    atomic_uint refs;
};

struct entry *entry_new(enum entry_kind kind, struct slice name);
struct entry *entry_ref(struct entry *e);
void entry_free(struct entry *e); /* gives one reference back; NULL is fine */
DEFINE_AUTO_FREE(entry)

struct registry;

struct registry *registry_new(void);
void registry_free(struct registry *r); /* takes; NULL is fine */

/* Takes the entry. ERR_DUPLICATE: its name is taken; ERR_LIMIT: too many of its kind. */
must_use enum err registry_add(struct registry *r, struct entry *e);

/* ERR_NOT_FOUND: there is no such entry. */
must_use enum err registry_remove(struct registry *r, enum entry_kind kind, struct slice name);
void registry_remove_completions(struct registry *r, struct slice subject_key);

struct entry *registry_find(struct registry *r, enum entry_kind kind,
                            struct slice name); /* gives a reference; or NULL */

/* The first template that fits; appends its variables as a JSON object. Gives a reference; or NULL. */
struct entry *registry_match(struct registry *r, struct slice uri, struct buf *variables);

size_t registry_count(struct registry *r, enum entry_kind kind);

/*
 * Appends the JSON of up to `n` entries after number `after`, with commas between. *ret_next is the number to go on
 * after, or 0 when these were the last. ERR_NOT_FOUND: no entry ever had the number `after`.
 */
must_use enum err registry_page(struct registry *r, enum entry_kind kind, uint64_t after, size_t n, struct buf *to,
                                uint64_t *ret_next);

/* Appends the key of a completion: of a prompt or template, and one argument of it. Without argument: their prefix. */
void completion_key(struct buf *to, bool of_prompt, struct slice subject, struct slice argument);
