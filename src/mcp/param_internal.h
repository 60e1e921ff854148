/*
 * What a struct param_map holds: made in param_schema.c, used in param.c.
 */
#pragma once

#include "base/arena.h"
#include "base/slice.h"
#include "mcp/param.h"

struct param {
    struct slice header;      /* "Mcp-Param-Env" */
    const struct slice *path; /* names of properties, from the root of the arguments */
    size_t n_path;
};

struct param_map {
    struct arena arena; /* of all slices and paths */
    struct param list[PARAM_MAX];
    size_t n;
};
