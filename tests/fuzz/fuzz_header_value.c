/*
 * Mirrored header values: what was decoded is spelled so that it decodes to the same.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/utf8.h"
#include "mcp/header_value.h"
#include "support/fuzz.h"

int fuzz_one(const uint8_t *data, size_t size)
{
    struct arena arena;
    auto_buf spelled;
    struct slice value;
    struct slice again;

    arena_init(&arena, 4 * size + 65536);
    buf_init(&spelled, 2 * size + 64);
    if (header_value_decode((struct slice){ (const char *)data, size }, &arena, &value) == OK) {
        CHECK(utf8_is_valid(value));
        header_value_put(&spelled, value);
        CHECK(buf_ok(&spelled) == OK);
        CHECK(header_value_decode(buf_slice(&spelled), &arena, &again) == OK);
        CHECK(slice_eq(value, again));
    }
    arena_done(&arena);
    return 0;
}
