#include "server/server.h"

#include <stddef.h>
#include <sys/un.h>

#include "rig.h"

#define GET(path) S("GET " path " HTTP/1.1\r\nHost: localhost\r\n\r\n")

static struct rig rig;
static struct buf text;

static void start(void)
{
    rig_start(&rig);
    buf_init(&text, 1 << 20);
}

static void done(void)
{
    buf_done(&text);
    rig_done(&rig);
}

/* -- Deadlines ---------------------------------------------------------------------------------------------------- */

TEST(an_idle_connection_is_closed_silently_after_60_seconds)
{
    start();
    int fresh = client_connect(&rig);
    int used = client_connect(&rig);
    client_send(&rig, used, GET("/echo"));
    CHECK(!client_read(&rig, used, "[]", &text));
    rig_skip_ms(&rig, 59000);
    CHECK(client_is_open(&rig, fresh));
    CHECK(client_is_open(&rig, used));
    rig_skip_ms(&rig, 1500);
    CHECK(client_sees_end(&rig, fresh));
    CHECK(client_sees_end(&rig, used));
    close(fresh);
    close(used);
    done();
}

TEST(a_head_must_be_complete_in_10_seconds_however_it_drips)
{
    start();
    int fd = client_connect(&rig);
    client_send(&rig, fd, S("GET /echo HTTP/1.1\r\n"));
    for (int i = 0; i < 9; i++) {
        rig_skip_ms(&rig, 1000);
        client_send(&rig, fd, S("A: b\r\n"));
    }
    CHECK(client_is_open(&rig, fd));
    rig_skip_ms(&rig, 1500);
    CHECK(client_read(&rig, fd, NULL, &text));
    CHECK(slice_starts(buf_slice(&text), S("HTTP/1.1 408 ")));
    CHECK(has(&text, "Connection: close"));
    close(fd);
    done();
}

TEST(a_body_must_keep_a_minimum_rate)
{
    start();
    auto_buf piece;
    buf_init(&piece, 8 << 10);
    for (int i = 0; i < 5 << 10; i++)
        buf_putc(&piece, 'x');
    int fd = client_connect(&rig);
    client_send(&rig, fd, S("POST /big HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"));
    for (int i = 0; i < 4; i++) {
        client_send(&rig, fd, buf_slice(&piece));
        rig_skip_ms(&rig, 5250);
        CHECK(client_is_open(&rig, fd));
    }
    client_send(&rig, fd, slice_from(buf_slice(&piece), 1)); /* a byte too few */
    rig_skip_ms(&rig, 5500);
    CHECK(client_read(&rig, fd, NULL, &text));
    CHECK(slice_starts(buf_slice(&text), S("HTTP/1.1 408 ")));
    close(fd);
    done();
}

/* -- Sizes, at N-1, N and N+1 ------------------------------------------------------------------------------------- */

static unsigned ask_line_of(unsigned bytes)
{
    auto_buf request;

    buf_init(&request, 64 << 10);
    buf_put(&request, S("GET /echo?"));
    for (unsigned i = 0; i < bytes - 10 - 9; i++)
        buf_putc(&request, 'q');
    buf_put(&request, S(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    return ask(&rig, buf_slice(&request), NULL, &text);
}

static unsigned ask_block_of(unsigned bytes)
{
    static const struct slice fixed = S("Host: localhost\r\nConnection: close\r\nA: \r\n");
    auto_buf request;

    buf_init(&request, 64 << 10);
    buf_put(&request, S("GET /echo HTTP/1.1\r\n"));
    buf_put(&request, slice_first(fixed, fixed.len - 2));
    for (unsigned i = 0; i < bytes - fixed.len; i++)
        buf_putc(&request, 'a');
    buf_put(&request, S("\r\n\r\n"));
    return ask(&rig, buf_slice(&request), NULL, &text);
}

static unsigned ask_fields_of(unsigned n)
{
    auto_buf request;

    buf_init(&request, 64 << 10);
    buf_put(&request, S("GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"));
    for (unsigned i = 2; i < n; i++)
        buf_put(&request, S("A: b\r\n"));
    buf_put(&request, S("\r\n"));
    return ask(&rig, buf_slice(&request), NULL, &text);
}

static unsigned ask_body_of(unsigned bytes, bool is_chunked)
{
    auto_buf request;

    buf_init(&request, 64 << 10);
    buf_put(&request, S("POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"));
    if (is_chunked)
        buf_printf(&request, "Transfer-Encoding: chunked\r\n\r\n%x\r\n", bytes);
    else
        buf_printf(&request, "Content-Length: %u\r\n\r\n", bytes);
    for (unsigned i = 0; i < bytes; i++)
        buf_putc(&request, 'b');
    if (is_chunked)
        buf_put(&request, S("\r\n0\r\n\r\n"));
    return ask(&rig, buf_slice(&request), NULL, &text);
}

TEST(sizes_are_refused_from_the_first_byte_above_the_limit)
{
    start();
    for (unsigned over = 0; over <= 2; over++) { /* N-1, N, N+1 */
        CHECK_EQ(ask_line_of((8 << 10) - 1 + over), over <= 1 ? 200 : 414);
        CHECK_EQ(ask_block_of((32 << 10) - 1 + over), over <= 1 ? 200 : 431);
        CHECK_EQ(ask_fields_of(100 - 1 + over), over <= 1 ? 200 : 431);
        CHECK_EQ(ask_body_of(MAX_BODY - 1 + over, false), over <= 1 ? 200 : 413);
        CHECK_EQ(ask_body_of(MAX_BODY - 1 + over, true), over <= 1 ? 200 : 413);
    }
    CHECK_EQ(ask(&rig, GET("/echo"), "[]", &text), 200);
    done();
}

/* -- Numbers ------------------------------------------------------------------------------------------------------ */

static void open_streams_up_to(unsigned n)
{
    int fds[8];

    seen.n_events = 4000;
    seen.event_bytes = 64 << 10;
    seen.waits_for_room = true;
    for (unsigned i = 0; i < n; i++) {
        fds[i] = client_connect(&rig);
        client_send(&rig, fds[i], GET("/stream"));
        rig_turn(&rig, 200);
        CHECK_EQ(server_stats(rig.server).streams, i + 1);
    }
    CHECK_EQ(ask(&rig, GET("/stream"), "}\n", &text), 503);
    CHECK(has(&text, "Retry-After: "));
    CHECK_EQ(ask(&rig, GET("/echo"), "[]", &text), 200); /* only streams are refused */
    close(fds[0]);
    rig_turn(&rig, 200);
    CHECK_EQ(server_stats(rig.server).streams, n - 1);
    fds[0] = client_connect(&rig);
    client_send(&rig, fds[0], GET("/stream"));
    rig_turn(&rig, 200);
    CHECK_EQ(server_stats(rig.server).streams, n);
    for (unsigned i = 0; i < n; i++)
        close(fds[i]);
}

TEST(streams_of_one_address_are_limited)
{
    rig.limits.streams_per_peer = 3;
    start();
    open_streams_up_to(3);
    done();
}

TEST(streams_of_all_are_limited)
{
    rig.limits.streams = 2;
    start();
    open_streams_up_to(2);
    done();
}

static void open_connections_up_to(unsigned n)
{
    int fds[8];

    for (unsigned i = 0; i < n; i++) {
        fds[i] = client_connect(&rig);
        rig_turn(&rig, 20);
        CHECK_EQ(server_stats(rig.server).connections, i + 1);
    }
    int one_too_many = client_connect(&rig);
    CHECK(client_read(&rig, one_too_many, NULL, &text));
    CHECK(slice_starts(buf_slice(&text), S("HTTP/1.1 503 ")));
    CHECK(has(&text, "Retry-After: ") && has(&text, "Connection: close"));
    close(one_too_many);
    CHECK_EQ(server_stats(rig.server).connections, n);
    close(fds[0]);
    rig_turn(&rig, 20);
    CHECK_EQ(ask(&rig, GET("/echo"), "[]", &text), 200);
    for (unsigned i = 1; i < n; i++)
        close(fds[i]);
}

TEST(connections_of_one_address_are_limited)
{
    rig.limits.connections_per_peer = 3;
    start();
    open_connections_up_to(3);
    done();
}

TEST(connections_of_all_are_limited)
{
    rig.limits.connections = 2;
    start();
    open_connections_up_to(2);
    done();
}

/* -- Draining ----------------------------------------------------------------------------------------------------- */

struct waiter {
    struct op op;
};

static enum err waiter_run(struct op *op)
{
    return server_drained(rig.server, op);
}

static struct waiter waiter = { .op = { .run = waiter_run, .release = no_release } };

TEST(draining_closes_what_is_idle_and_lets_the_rest_finish)
{
    start();
    int idle = client_connect(&rig);
    int busy = client_connect(&rig);
    int half = client_connect(&rig);
    rig_turn(&rig, 20);
    client_send(&rig, half, S("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhel"));
    client_send(&rig, busy, GET("/hang"));
    rig_turn(&rig, 20);

    server_drain(rig.server, 30000);
    op_start(&waiter.op, rig.loop, NULL);
    CHECK(client_sees_end(&rig, idle));
    client_send(&rig, half, S("lo"));
    CHECK(client_read(&rig, half, NULL, &text));
    CHECK(has(&text, "[hello]"));
    CHECK(has(&text, "Connection: close\r\n"));
    CHECK_ERR(op_result(&waiter.op), WAIT);

    CHECK_EQ(seen.n_hanging, 1);
    rig_skip_ms(&rig, 30500); /* the deadline */
    CHECK_EQ(seen.n_hanging, 0);
    CHECK_OK(op_result(&waiter.op));
    CHECK(client_sees_end(&rig, busy));
    CHECK_EQ(server_stats(rig.server).connections, 0);
    close(idle);
    close(busy);
    close(half);
    done();
}

TEST(draining_stops_accepting)
{
    start();
    server_drain(rig.server, 30000);
    CHECK_OK(server_drained(rig.server, &waiter.op));
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_port = htons(rig.port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0);
    close(fd);
    done();
}

TEST(a_server_can_be_freed_with_everything_open)
{
    start();
    int fds[4];
    for (int i = 0; i < 4; i++)
        fds[i] = client_connect(&rig);
    client_send(&rig, fds[0], GET("/hang"));
    client_send(&rig, fds[1], S("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhel"));
    client_send(&rig, fds[2], S("GET /echo HT"));
    rig_turn(&rig, 20);
    CHECK_EQ(seen.n_hanging, 1);
    server_drain(rig.server, 1000);
    done(); /* the sanitizers see what is left */
    for (int i = 0; i < 4; i++)
        close(fds[i]);
}

/* -- Addresses ---------------------------------------------------------------------------------------------------- */

TEST(a_unix_socket_is_served_as_local)
{
    char where[64] = "unix:/tmp/server-test-XXXXXX";
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    int fd;

    close(mkstemp(where + 5));
    unlink(where + 5);
    rig_start_at(&rig, where);
    buf_init(&text, 1 << 20);
    memcpy(to.sun_path, where + 5, strlen(where + 5));
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
    client_send(&rig, fd, GET("/echo"));
    CHECK(!client_read(&rig, fd, "[]", &text));
    close(fd);
    done();
}

TEST(ipv6_is_served)
{
    struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    int fd = socket(AF_INET6, SOCK_STREAM, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
        return; /* a machine without IPv6 */
    close(fd);
    rig_start_at(&rig, "[::1]:0");
    buf_init(&text, 1 << 20);
    to.sin6_port = htons(rig.port);
    fd = socket(AF_INET6, SOCK_STREAM, 0);
    CHECK(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
    client_send(&rig, fd, S("GET /echo HTTP/1.1\r\nHost: [::1]:1\r\n\r\n"));
    CHECK(!client_read(&rig, fd, "[]", &text));
    close(fd);
    done();
}

TEST(routes_that_cannot_be_meant_are_refused)
{
    static const struct route bad[][2] = {
        { { S("mcp"), ROUTE_GET, 0, echo_start, NULL }, { S("/a"), ROUTE_GET, 0, echo_start, NULL } },
        { { S("/a"), ROUTE_GET, 0, echo_start, NULL }, { S("/a"), ROUTE_POST, 0, echo_start, NULL } },
        { { S("/a"), ROUTE_GET | ROUTE_PREFIX, 0, echo_start, NULL }, { S("/b"), ROUTE_GET, 0, echo_start, NULL } },
        { { S("/a"), ROUTE_GET, 0, NULL, NULL }, { S("/b"), ROUTE_GET, 0, echo_start, NULL } },
    };
    struct loop *loop;
    struct server *server;

    CHECK_OK(loop_new(1, &loop));
    for (size_t i = 0; i < N_ELEMENTS(bad); i++)
        CHECK_ERR(server_new(loop, NULL, &(struct server_options){ .routes = bad[i], .n_routes = 2 }, &server),
                  ERR_INVALID);
    loop_free(loop);
}
