/*
 * Loads configurations from texts in tests, and compares what was wrong with what should have been.
 */
#pragma once

#include <stdlib.h>

#include "config/config.h"
#include "support/test.h"

static const char *const rig_environment[] = { "HOME=/home/ada", "TOKEN=s3cret", "EMPTY=", "PORT=9000", NULL };

/* Gives the configuration of a text that is right. */
static inline struct config *load_good(const struct config_source *source)
{
    struct problems problems = { 0 };
    struct config *config = NULL;
    auto_buf out = { 0 };

    enum err result = config_load(source, &problems, &config);
    buf_init(&out, 1u << 16);
    problems_print(&problems, &out);
    CHECK_SLICE(buf_slice(&out), "");
    CHECK_OK(result);
    problems_done(&problems);
    return config;
}

static inline struct config *load_good_text(const char *text)
{
    return load_good(
        &(struct config_source){ .file = "g.yaml", .text = slice_of(text), .environment = rig_environment });
}

static inline void check_bad(const struct config_source *source, const char *expected)
{
    struct problems problems = { 0 };
    struct config *config = NULL;
    auto_buf out = { 0 };

    enum err result = config_load(source, &problems, &config);
    buf_init(&out, 1u << 16);
    problems_print(&problems, &out);
    CHECK_SLICE(buf_slice(&out), expected);
    CHECK_ERR(result, ERR_INVALID);
    CHECK(config == NULL);
    problems_done(&problems);
}

struct bad_text {
    const char *text;
    const char *messages;
};

static inline void check_bad_texts(const struct bad_text *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check_bad(
            &(struct config_source){ .file = "g.yaml", .text = slice_of(rows[i].text), .environment = rig_environment },
            rows[i].messages);
}

/* A server, so that only what is tested is wrong. */
#define A_SERVER "servers: {a: {command: [x]}}\n"
