/*
 * JSON documents: what was parsed is written, parsed again and written to the same bytes.
 */
#include "base/buf.h"
#include "base/check.h"
#include "support/fuzz.h"
#include "json/json.h"
#include "json/json_write.h"

/* Small, so that the limits are met as well. */
static const struct json_limits limits = { .max_depth = 16, .max_nodes = 256, .max_number_len = 24 };

int fuzz_one(const uint8_t *data, size_t size)
{
    auto_free(json) json = NULL;
    auto_free(json) again = NULL;
    auto_buf first;
    auto_buf second;
    struct err_at at;
    size_t max = 1024 + 8 * size; /* an escaped control character takes six bytes */

    buf_init(&first, max);
    buf_init(&second, max);
    if (json_parse((struct slice){ (const char *)data, size }, &limits, &json, &at) != OK)
        return 0;

    json_put(&first, json_root(json));
    CHECK(buf_ok(&first) == OK);
    CHECK(json_parse(buf_slice(&first), &limits, &again, &at) == OK);
    json_put(&second, json_root(again));
    CHECK(buf_ok(&second) == OK);
    CHECK(slice_eq(buf_slice(&first), buf_slice(&second)));

    struct slice twice = json_find_duplicate_below(json_root(json));
    CHECK((twice.ptr != NULL) == (json_find_duplicate_below(json_root(again)).ptr != NULL));
    return 0;
}
