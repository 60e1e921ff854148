#include "embed/health.h"

#include "unit/server/rig.h"

static struct rig rig;
static struct route served[HEALTH_ROUTES];
static struct buf got;

static void begin(void)
{
    CHECK_OK(loop_new(1, &rig.loop));
    health_routes(rig.loop, served);
    rig_serve(&rig, "127.0.0.1:0", served, N_ELEMENTS(served));
    buf_init(&got, 1 << 20);
}

static void end(void)
{
    rig_done(&rig);
    buf_done(&got);
}

/* Asks on a connection of its own; gives the status. */
static unsigned ask_for(const char *what, const char *host)
{
    auto_buf request;

    buf_init(&request, 1000);
    buf_printf(&request, "%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", what, host);
    return ask(&rig, buf_slice(&request), NULL, &got);
}

TEST(a_program_that_serves_is_up_under_both_names)
{
    begin();
    CHECK_EQ(ask_for("GET /health", "localhost"), 200);
    CHECK(has(&got, "Content-Type: application/json\r\n"));
    CHECK(has(&got, "Cache-Control: no-store\r\n"));
    CHECK(slice_ends(buf_slice(&got), S("\r\n\r\n{\"status\":\"up\"}\n")));
    CHECK_EQ(ask_for("GET /healthz", "gate.example"), 200);
    CHECK(slice_ends(buf_slice(&got), S("\r\n\r\n{\"status\":\"up\"}\n")));
    end();
}

TEST(head_is_the_same_without_the_body)
{
    begin();
    CHECK_EQ(ask_for("HEAD /health", "localhost"), 200);
    CHECK(has(&got, "Content-Length: 16\r\n"));
    CHECK(slice_ends(buf_slice(&got), S("\r\n\r\n")));
    end();
}

TEST(a_foreign_host_learns_nothing)
{
    begin();
    CHECK_EQ(ask_for("GET /health", "evil.example"), 421);
    CHECK(!has(&got, "up"));
    end();
}

TEST(there_is_nothing_to_post_and_nothing_beside_or_below)
{
    begin();
    CHECK_EQ(ask_for("POST /health", "localhost"), 405);
    CHECK(has(&got, "Allow: GET, HEAD\r\n"));
    CHECK_EQ(ask_for("GET /health/", "localhost"), 404);
    CHECK_EQ(ask_for("GET /health/upstreams", "localhost"), 404);
    end();
}
