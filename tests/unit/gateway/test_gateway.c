#include "gateway/gateway.h"

#include "rig.h"
#include "server/server.h"

#define IDLE_MS (60u * 1000)

static struct rig rig;

static void begin(void)
{
    struct gateway_options options = { GATEWAY_DEFAULTS };

    options.session_idle_ms = IDLE_MS;
    rig_begin(&rig, &options);
}

static struct endpoint *offer(struct slice path)
{
    CHECK_OK(gateway_add(rig.gateway, path, &fake_new(rig.loop)->base));
    return gateway_find(rig.gateway, path);
}

static const struct route *find_route(const struct route *routes, size_t n, const char *path)
{
    const struct route *found = NULL;

    for (size_t i = 0; i < n; i++) {
        if (slice_eq(routes[i].path, slice_of(path))) {
            CHECK(found == NULL); /* once */
            found = &routes[i];
        }
    }
    CHECK(found != NULL);
    return found;
}

/* ---- Endpoints ---- */

TEST(every_endpoint_is_routed_with_and_without_a_slash)
{
    static const char *const paths[] = { "/mcp", "/mcp/", "/other/mcp", "/other/mcp/" };
    struct route routes[8];

    begin();
    struct endpoint *other = offer(S("/other/mcp"));
    CHECK_EQ(gateway_routes(rig.gateway, 1234, routes, N_ELEMENTS(routes)), N_ELEMENTS(paths));
    for (size_t i = 0; i < N_ELEMENTS(paths); i++) {
        const struct route *route = find_route(routes, N_ELEMENTS(paths), paths[i]);
        CHECK_EQ(route->flags, ROUTE_GET | ROUTE_POST | ROUTE_DELETE);
        CHECK_EQ(route->max_body_bytes, 1234);
        CHECK(route->start != NULL);
        CHECK(route->context == (i < 2 ? rig.endpoint : other));
    }
    rig_end(&rig);
}

TEST(routes_for_which_there_is_no_place_are_counted_and_not_written)
{
    struct route routes[3] = { [2] = { .path = S("/untouched") } };

    begin();
    offer(S("/other"));
    CHECK_EQ(gateway_routes(rig.gateway, 1, routes, 2), 4);
    CHECK_SLICE(routes[2].path, "/untouched");
    CHECK_EQ(gateway_routes(rig.gateway, 1, NULL, 0), 4);
    rig_end(&rig);
}

TEST(a_path_is_offered_once)
{
    begin();
    CHECK_ERR(gateway_add(rig.gateway, S("/mcp"), &fake_new(rig.loop)->base), ERR_DUPLICATE);
    CHECK(gateway_find(rig.gateway, S("/mcp")) == rig.endpoint);
    CHECK_EQ(gateway_routes(rig.gateway, 1, NULL, 0), 2);
    rig_end(&rig);
}

TEST(there_are_no_more_than_256_endpoints)
{
    begin();
    for (unsigned i = 1; i < 256; i++) {
        auto_buf path;
        buf_init(&path, 100);
        buf_printf(&path, "/%u", i);
        offer(buf_slice(&path));
    }
    CHECK_ERR(gateway_add(rig.gateway, S("/one-too-many"), &fake_new(rig.loop)->base), ERR_LIMIT);
    CHECK_EQ(gateway_routes(rig.gateway, 1, NULL, 0), 512);
    rig_end(&rig);
}

TEST(paths_are_walked_each_once)
{
    unsigned n_mcp = 0;
    unsigned n_other = 0;
    struct slice path;
    size_t at = 0;

    begin();
    offer(S("/other"));
    while ((path = gateway_next_path(rig.gateway, &at)).ptr != NULL) {
        n_mcp += slice_eq(path, S("/mcp"));
        n_other += slice_eq(path, S("/other"));
    }
    CHECK_EQ(n_mcp, 1);
    CHECK_EQ(n_other, 1);
    CHECK(gateway_next_path(rig.gateway, &at).ptr == NULL);
    rig_end(&rig);
}

TEST(a_gateway_without_endpoints_has_no_routes_and_no_paths)
{
    auto_free(loop) loop = NULL;
    struct gateway *g;
    size_t at = 0;

    CHECK_OK(loop_new(1, &loop));
    CHECK_OK(gateway_new(&(struct gateway_options){ GATEWAY_DEFAULTS, .loop = loop }, &g));
    CHECK_EQ(gateway_routes(g, 1, NULL, 0), 0);
    CHECK(gateway_next_path(g, &at).ptr == NULL);
    gateway_drain(g);
    gateway_free(g);
    gateway_free(NULL);
}

/* ---- Idle sessions ---- */

static struct session *new_session(void)
{
    struct session *s;

    rig_be_legacy(&rig);
    CHECK_OK(session_begin(&rig.gateway->sessions, rig.endpoint, &rig.envelope, &s));
    return s;
}

static size_t n_sessions(void)
{
    return rig.gateway->sessions.sessions.n;
}

TEST(a_session_that_is_idle_is_swept_and_its_upstream_session_closed)
{
    struct upstream_session *upstream;

    begin();
    struct session *s = new_session();
    CHECK_OK(session_upstream(s, &upstream));
    session_release(s);
    rig_skip_ms(&rig, IDLE_MS - 1000);
    CHECK_EQ(n_sessions(), 1);
    CHECK_EQ(rig.fake->n_closed, 0);
    rig_skip_ms(&rig, 31 * 1000); /* a sweep is never further away */
    CHECK_EQ(n_sessions(), 0);
    CHECK_EQ(rig.fake->n_closed, 1);
    rig_end(&rig);
}

TEST(the_sweeper_goes_on_sweeping)
{
    begin();
    for (unsigned i = 0; i < 3; i++) {
        session_release(new_session());
        CHECK_EQ(n_sessions(), 1);
        rig_skip_ms(&rig, IDLE_MS);
        rig_skip_ms(&rig, 31 * 1000);
        CHECK_EQ(n_sessions(), 0);
    }
    rig_end(&rig);
}

TEST(a_session_in_use_is_never_swept_and_its_idle_time_begins_when_it_is_let_go)
{
    begin();
    struct session *s = new_session();
    rig_skip_ms(&rig, 10 * IDLE_MS);
    CHECK_EQ(n_sessions(), 1);
    session_release(s);
    rig_skip_ms(&rig, 31 * 1000);
    CHECK_EQ(n_sessions(), 1);
    rig_skip_ms(&rig, IDLE_MS);
    CHECK_EQ(n_sessions(), 0);
    rig_end(&rig);
}
