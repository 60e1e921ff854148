#include "gateway/endpoint.h"

#include "rig.h"

static struct rig rig;
static struct upstream_session *s;

static void begin(void)
{
    static const struct gateway_options options = { GATEWAY_DEFAULTS };

    rig_begin(&rig, &options);
    rig_be_modern(&rig);
}

static struct upstream_session *shared(struct slice principal, enum era era)
{
    rig.envelope.principal = principal;
    rig.envelope.era = era;
    CHECK_OK(endpoint_upstream(rig.endpoint, &rig.envelope, &s));
    return s;
}

TEST(requests_of_one_principal_in_one_era_share_a_session)
{
    begin();
    struct upstream_session *ada = shared(S("ada"), ERA_MODERN);
    CHECK(shared(S("ada"), ERA_MODERN) == ada);
    CHECK(shared(S("bob"), ERA_MODERN) != ada);
    CHECK(shared(S("ada"), ERA_LEGACY) != ada);
    CHECK(shared(S(""), ERA_MODERN) != ada);
    CHECK_EQ(rig.fake->n_opened, 4);
    rig_end(&rig);
}

TEST(a_lost_session_is_opened_again_once_nothing_is_in_flight_on_it)
{
    struct exchange ex;

    begin();
    struct upstream_session *first = shared(S("ada"), ERA_MODERN);
    exchange_init(&ex, 1000);
    ex.method = S("tools/list");
    ex.envelope = &rig.envelope;
    upstream_start(first, &ex);
    first->state = UPSTREAM_FAILED;
    CHECK(shared(S("ada"), ERA_MODERN) == first);
    exchange_done(&ex);
    (void)shared(S("ada"), ERA_MODERN);
    CHECK_EQ(rig.fake->n_opened, 2);
    CHECK_EQ(rig.fake->n_closed, 1);
    rig_end(&rig);
}

TEST(a_server_that_cannot_be_opened_is_not_remembered)
{
    begin();
    rig.fake->refuses = ERR_SPAWN;
    CHECK_ERR(endpoint_upstream(rig.endpoint, &rig.envelope, &s), ERR_SPAWN);
    rig.fake->refuses = WAIT;
    CHECK_OK(endpoint_upstream(rig.endpoint, &rig.envelope, &s));
    rig_end(&rig);
}

TEST(so_many_principals_share_and_one_more_takes_the_place_of_one_that_is_idle)
{
    begin();
    for (unsigned i = 0; i < ENDPOINT_SHARED_MAX; i++)
        (void)shared(MAP_KEY(i), ERA_MODERN);
    (void)shared(S("one more"), ERA_MODERN);
    CHECK_EQ(rig.fake->base.n_sessions, ENDPOINT_SHARED_MAX);
    CHECK_EQ(rig.fake->n_closed, 1);
    rig_end(&rig);
}

TEST(when_all_are_in_use_there_is_no_room)
{
    begin();
    for (unsigned i = 0; i < ENDPOINT_SHARED_MAX; i++)
        upstream_hold(shared(MAP_KEY(i), ERA_MODERN));
    rig.envelope.principal = S("one more");
    CHECK_ERR(endpoint_upstream(rig.endpoint, &rig.envelope, &s), ERR_BUSY);
    CHECK_EQ(rig.fake->base.n_sessions, ENDPOINT_SHARED_MAX);
    for (unsigned i = 0; i < ENDPOINT_SHARED_MAX; i++)
        upstream_release(shared(MAP_KEY(i), ERA_MODERN));
    rig_end(&rig);
}

TEST(a_principal_of_absurd_length_is_refused)
{
    static char text[ENVELOPE_PRINCIPAL_MAX + 1];

    begin();
    memset(text, 'x', sizeof(text));
    (void)shared((struct slice){ text, ENVELOPE_PRINCIPAL_MAX }, ERA_MODERN);
    rig.envelope.principal.len++;
    CHECK_ERR(endpoint_upstream(rig.endpoint, &rig.envelope, &s), ERR_LIMIT);
    rig_end(&rig);
}

TEST(a_changed_list_of_tools_outdates_what_was_learned_of_them)
{
    begin();
    auto_free(json) list = fake_json("{\"tools\":[{\"name\":\"t\",\"inputSchema\":{\"type\":\"object\",\"properties\":{"
                                     "\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}}]}");
    schema_cache_learn(&rig.endpoint->schemas, &rig.envelope, json_root(list));
    endpoint_heard(rig.endpoint, S("notifications/prompts/list_changed"));
    CHECK_EQ(rig.endpoint->schemas.tools.n, 1);
    endpoint_heard(rig.endpoint, S("notifications/tools/list_changed"));
    CHECK_EQ(rig.endpoint->schemas.tools.n, 0);
    rig_end(&rig);
}

TEST(a_path_is_offered_once)
{
    size_t at = 0;

    begin();
    CHECK_ERR(gateway_add(rig.gateway, S("/mcp"), &fake_new(rig.loop)->base), ERR_DUPLICATE);
    CHECK_SLICE(gateway_next_path(rig.gateway, &at), "/mcp");
    CHECK(gateway_next_path(rig.gateway, &at).ptr == NULL);
    CHECK(gateway_find(rig.gateway, S("/no")) == NULL);
    CHECK_SLICE(rig.endpoint->path_with_slash, "/mcp/");
    endpoint_free(NULL);
    gateway_free(NULL);
    rig_end(&rig);
}
