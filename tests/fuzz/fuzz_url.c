/*
 * URLs of upstreams and request targets: what is accepted has its parts inside, and its own spelling parses again.
 */
#include "base/buf.h"
#include "base/check.h"
#include "http/target.h"
#include "http/url.h"
#include "support/fuzz.h"

#define MAX_ARENA_BYTES (256u << 10)

static void check_url(struct slice text)
{
    struct arena arena;
    struct url url;
    struct url again;
    struct buf spelled;

    arena_init(&arena, MAX_ARENA_BYTES);
    buf_init(&spelled, MAX_ARENA_BYTES);
    if (url_parse(text, &arena, &url) == OK) {
        CHECK(url.host.len > 0 && url.port != 0 && url.target.ptr[0] == '/');
        CHECK(slice_find(url.authority, '@') == SIZE_MAX && slice_find(url.target, '#') == SIZE_MAX);
        buf_put(&spelled, url.is_https ? S("https://") : S("http://"));
        buf_put(&spelled, url.authority);
        buf_put(&spelled, url.target);
        CHECK(url_parse(buf_slice(&spelled), &arena, &again) == OK);
        CHECK(url_same_origin(&url, &again) && slice_eq(url.target, again.target));
        CHECK(slice_eq(url.authority, again.authority));
    }
    buf_done(&spelled);
    arena_done(&arena);
}

static void check_target(struct slice text)
{
    struct arena arena;
    struct target target;

    arena_init(&arena, MAX_ARENA_BYTES);
    if (target_parse(text, S("x"), &arena, &target) == OK) {
        CHECK(target.path.len > 0 && target.path.ptr[0] == '/' && target.path.len <= text.len + 1);
        CHECK(slice_find(target.path, '\0') == SIZE_MAX && slice_find(target.path, '\\') == SIZE_MAX);
    }
    arena_done(&arena);
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct slice text = { size == 0 ? "" : (const char *)data, size };

    check_url(text);
    check_target(text);
    return 0;
}
