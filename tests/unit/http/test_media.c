#include "http/media.h"

#include "support/test.h"

static struct media_accept accept_of(const char *first, const char *second)
{
    struct arena arena;
    struct http_headers headers;

    arena_init(&arena, 8 << 10);
    http_headers_init(&headers, &arena);
    if (first != NULL)
        CHECK_OK(http_headers_add(&headers, S("Accept"), slice_of(first)));
    if (second != NULL)
        CHECK_OK(http_headers_add(&headers, S("accept"), slice_of(second)));
    struct media_accept accept = media_accept(&headers);
    arena_done(&arena);
    return accept;
}

TEST(accept_is_judged_mildly)
{
    static const struct {
        const char *accept;
        bool json, sse;
    } rows[] = {
        { NULL, true, true },
        { "", true, true },
        { "*/*", true, true },
        { "application/json", true, false },
        { "text/event-stream", false, true },
        { "application/json, text/event-stream", true, true },
        { "Application/JSON;q=0.5 , TEXT/event-stream; q=0.1", true, true },
        { "application/*", true, false },
        { "text/*;q=0.2", false, true },
        { "text/html", false, false },
        { "application/json;q=0, */*", false, true },
        { "*/*;q=0", false, false },
        { "*/*, text/event-stream;q=0.000", true, false },
        { "application/jsonx", false, false },
        { "application/json;charset=utf-8", true, false },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct media_accept accept = accept_of(rows[i].accept, NULL);
        CHECK_EQ(accept.json, rows[i].json);
        CHECK_EQ(accept.sse, rows[i].sse);
    }
}

TEST(several_accept_fields_are_one_list)
{
    struct media_accept accept = accept_of("application/json", "text/event-stream");

    CHECK(accept.json && accept.sse);
}

TEST(a_content_type_is_its_essence)
{
    CHECK(media_is(S("application/json"), S("application/json")));
    CHECK(media_is(S("Application/Json ; charset=utf-8"), S("application/json")));
    CHECK(!media_is(S("application/json-seq"), S("application/json")));
    CHECK(!media_is(S("text/plain; application/json"), S("application/json")));
    CHECK(!media_is(NO_SLICE, S("application/json")));
}
