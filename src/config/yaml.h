/*
 * YAML text as a tree of texts, lists and maps that knows the line and column of each.
 *
 * Of YAML 1.2 a configuration needs no more than that: anchors, aliases, tags, several documents and keys that are not
 * plain texts are refused, so that what one reads is what there is. Scalars stay texts: "yes", 010 and 1e3 mean
 * nothing until a setting gives them a type.
 *
 * Memory: the tree lives in the arena it is given. Limits: YAML_MAX_NODES and YAML_MAX_DEPTH. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"
#include "config/problems.h"

#define YAML_MAX_NODES 20000u
#define YAML_MAX_DEPTH 16u

struct yaml {
    enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP } kind;
    struct slice text; /* of a YAML_TEXT, with a NUL behind it and none inside */
    bool is_quoted;    /* a YAML_TEXT in quotes or a block: an empty one is meant */
    struct place place;

    struct slice key; /* when it is a member of a map */
    struct place key_place;

    struct yaml *parent;
    struct yaml *first; /* of a list or map, in the order of the text */
    struct yaml **last;
    struct yaml *next;
    size_t n;
};

/*
 * Gives the tree of `text`; NULL for one that is empty. `origin` names the text in problems. ERR_INVALID: it cannot be
 * read, and `problems` says where and why. Keys that appear twice are told as problems too, the first one stays.
 */
must_use enum err yaml_parse(struct slice text, const char *origin, struct arena *arena, struct problems *problems,
                             struct yaml **ret);

struct yaml *yaml_member(const struct yaml *map, struct slice key); /* NULL when there is none */

/* A text without place in a file, such as the value of a flag; `text` is borrowed. ERR_LIMIT: no room in the arena. */
must_use enum err yaml_text(struct slice text, const char *origin, struct arena *arena, struct yaml **ret);
