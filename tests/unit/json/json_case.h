/*
 * What the tests of this folder share: parsing a text that has to be right.
 */
#pragma once

#include "support/test.h"
#include "json/json.h"

static inline struct json *parsed(struct slice text)
{
    struct json *json = NULL;
    struct err_at at;

    CHECK_OK(json_parse(text, &JSON_LIMITS_MCP, &json, &at));
    return json;
}
