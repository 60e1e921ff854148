#include "upstream/subscription.h"

#include "support/fake_upstream.h"
#include "support/test.h"

static struct subscription sub;

static const char everything[] = "{\"tools\":{\"listChanged\":true},\"prompts\":{\"listChanged\":true},"
                                 "\"resources\":{\"listChanged\":true,\"subscribe\":true}}";

static enum err read_filter(const char *filter, const char *capabilities)
{
    auto_free(json) f = fake_json(filter);
    auto_free(json) c = fake_json(capabilities);

    return subscription_from_filter(&sub, json_root(f), json_root(c));
}

static void check_acknowledged(const char *expected)
{
    auto_buf text;

    buf_init(&text, 1 << 20);
    subscription_put_acknowledgement(&sub, &text);
    CHECK_OK(buf_ok(&text));
    CHECK_SLICE(buf_slice(&text), expected);
    subscription_done(&sub);
}

TEST(nothing_asked_is_nothing_heard)
{
    subscription_init(&sub);
    CHECK_OK(subscription_from_filter(&sub, NULL, NULL));
    CHECK_OK(read_filter("{}", everything));
    CHECK_OK(read_filter("[]", "7"));
    CHECK(!subscription_has(&sub, SUBSCRIPTION_TOOLS) && !subscription_has_uri(&sub, S("a:b")));
    check_acknowledged("{\"notifications\":{}}");
}

TEST(what_is_asked_and_offered_is_acknowledged)
{
    subscription_init(&sub);
    CHECK_OK(read_filter("{\"toolsListChanged\":true,\"promptsListChanged\":false,\"resourcesListChanged\":true,"
                         "\"resourceSubscriptions\":[\"a:b\",\"a:b\",7]}",
                         everything));
    CHECK(subscription_has(&sub, SUBSCRIPTION_TOOLS) && !subscription_has(&sub, SUBSCRIPTION_PROMPTS));
    CHECK(subscription_has(&sub, SUBSCRIPTION_RESOURCES) && subscription_has_uri(&sub, S("a:b")));
    check_acknowledged("{\"notifications\":{\"toolsListChanged\":true,\"resourcesListChanged\":true,"
                       "\"resourceSubscriptions\":[\"a:b\"]}}");
}

TEST(what_is_not_offered_is_not_acknowledged)
{
    subscription_init(&sub);
    CHECK_OK(read_filter("{\"toolsListChanged\":true,\"promptsListChanged\":true,\"resourceSubscriptions\":[\"a:b\"]}",
                         "{\"tools\":{},\"prompts\":{\"listChanged\":\"true\"},\"resources\":{\"listChanged\":true}}"));
    CHECK(!subscription_has_uri(&sub, S("a:b")));
    check_acknowledged("{\"notifications\":{}}");
}

TEST(uris_come_and_go_and_have_a_limit)
{
    auto_buf uri;

    buf_init(&uri, 100);
    subscription_init(&sub);
    for (unsigned i = 0; i < SUBSCRIPTION_URIS_MAX; i++) {
        buf_clear(&uri);
        buf_printf(&uri, "a:%u", i);
        CHECK_OK(subscription_add_uri(&sub, buf_slice(&uri)));
    }
    CHECK_OK(subscription_add_uri(&sub, S("a:0"))); /* it is there already */
    CHECK_ERR(subscription_add_uri(&sub, S("b:0")), ERR_LIMIT);
    CHECK_ERR(read_filter("{\"resourceSubscriptions\":[\"b:0\"]}", everything), ERR_LIMIT);
    subscription_remove_uri(&sub, S("a:7"));
    subscription_remove_uri(&sub, S("a:7"));
    CHECK(!subscription_has_uri(&sub, S("a:7")));
    CHECK_OK(subscription_add_uri(&sub, S("b:0")));

    struct slice each;
    size_t at = 0;
    unsigned n = 0;
    while (subscription_next_uri(&sub, &at, &each))
        n++;
    CHECK_EQ(n, SUBSCRIPTION_URIS_MAX);
    subscription_done(&sub);
}

TEST(kinds_add_up)
{
    subscription_init(&sub);
    subscription_add_kinds(&sub, SUBSCRIPTION_TOOLS);
    subscription_add_kinds(&sub, SUBSCRIPTION_PROMPTS);
    CHECK(subscription_has(&sub, SUBSCRIPTION_TOOLS) && subscription_has(&sub, SUBSCRIPTION_PROMPTS));
    CHECK(!subscription_has(&sub, SUBSCRIPTION_RESOURCES));
    subscription_done(&sub);
}
