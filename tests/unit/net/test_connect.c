#include "net/connect.h"

#include <netinet/in.h>

#include "net/listener.h"
#include "rig.h"

static const struct stream_options stream = { .in_max_bytes = 1000, .out_max_bytes = 100000, .out_low_bytes = 1000 };

struct scene {
    struct loop *loop;
    struct listener *listener;
    struct op waiter; /* who asked */
    struct connect *connect;
};

static enum err wait_run(struct op *op)
{
    (void)op;
    return WAIT;
}

static void wait_release(struct op *op)
{
    (void)op;
}

static void open_scene(struct scene *sc)
{
    struct address any;

    CHECK_OK(address_parse(S("127.0.0.1:0"), &any));
    *sc = (struct scene){ .waiter = { .run = wait_run, .release = wait_release } };
    CHECK_OK(loop_new(1, &sc->loop));
    CHECK_OK(listener_new(sc->loop, &any, &(struct listener_options){ .backlog = 8, .stream = stream }, &sc->listener));
    op_start(&sc->waiter, sc->loop, NULL);
}

static void close_scene(struct scene *sc)
{
    connect_free(sc->connect);
    op_cancel(&sc->waiter);
    listener_free(sc->listener);
    loop_free(sc->loop);
}

static struct connect_options to(const char *host, uint16_t port)
{
    return (struct connect_options){ .host = slice_of(host), .port = port, .timeout_ms = 5000, .stream = stream };
}

static uint16_t port_of(const struct scene *sc)
{
    return listener_address(sc->listener)->port;
}

static enum err connect_with(struct scene *sc, const struct connect_options *options, struct stream **ret)
{
    enum err e = WAIT;

    sc->connect = connect_start(sc->loop, options, &sc->waiter);
    for (unsigned i = 0; i < MANY_TURNS * 10 && e == WAIT; i++) {
        loop_turn(sc->loop);
        e = connect_result(sc->connect, ret);
    }
    return e;
}

/* A port on which nobody listens: one that was ours a moment ago. */
static uint16_t dead_port(struct loop *loop)
{
    struct address any;
    struct listener *l = NULL;

    CHECK_OK(address_parse(S("127.0.0.1:0"), &any));
    CHECK_OK(listener_new(loop, &any, &(struct listener_options){ .backlog = 1, .stream = stream }, &l));
    uint16_t port = listener_address(l)->port;
    listener_free(l);
    return port;
}

TEST(a_literal_and_localhost_connect_without_a_lookup)
{
    static const char *const hosts[] = { "127.0.0.1", "LOCALHOST", "::ffff:127.0.0.1" };

    for (size_t i = 0; i < N_ELEMENTS(hosts); i++) {
        struct scene sc;
        struct stream *s = NULL;
        open_scene(&sc);

        struct connect_options options = to(hosts[i], port_of(&sc));
        CHECK_OK(connect_with(&sc, &options, &s));
        CHECK(address_eq(stream_peer(s), listener_address(sc.listener)));
        CHECK_OK(stream_write(s, S("hello")));
        stream_free(s);
        close_scene(&sc);
    }
}

static enum err forbid(const struct address *address)
{
    CHECK(address_is_loopback(address));
    return ERR_FORBIDDEN;
}

TEST(a_name_is_looked_up_and_the_check_sees_what_it_means)
{
    struct scene sc;
    struct stream *s = NULL;
    open_scene(&sc);

    /* A name to us; the system's resolver reads it in the old way of inet_aton and asks no server. */
    struct connect_options options = to("127.1", port_of(&sc));
    CHECK_OK(connect_with(&sc, &options, &s));
    CHECK(address_eq(stream_peer(s), listener_address(sc.listener)));
    stream_free(s);
    connect_free(TAKE(sc.connect));

    options.check = forbid;
    CHECK_ERR(connect_with(&sc, &options, &s), ERR_FORBIDDEN);
    close_scene(&sc);
}

TEST(a_port_where_nobody_listens_is_an_error_after_all_addresses)
{
    struct scene sc;
    struct stream *s = NULL;
    open_scene(&sc);

    struct connect_options options = to("localhost", dead_port(sc.loop));
    CHECK_ERR(connect_with(&sc, &options, &s), ERR_CONNECT);
    CHECK(s == NULL);
    close_scene(&sc);
}

TEST(an_address_that_the_check_refuses_is_never_tried)
{
    struct scene sc;
    struct stream *s = NULL;
    open_scene(&sc);

    struct connect_options options = to("127.0.0.1", port_of(&sc));
    options.check = forbid;
    CHECK_ERR(connect_with(&sc, &options, &s), ERR_FORBIDDEN);
    close_scene(&sc);
}

TEST(a_name_that_cannot_be_a_name_is_not_resolved)
{
    struct scene sc;
    struct stream *s = NULL;
    char long_name[300];
    open_scene(&sc);

    memset(long_name, 'a', sizeof(long_name));
    struct connect_options options = to("", 80);
    options.host = (struct slice){ long_name, sizeof(long_name) };
    CHECK_ERR(connect_with(&sc, &options, &s), ERR_RESOLVE);
    close_scene(&sc);
}

TEST(a_unix_socket_is_connected_to_and_a_missing_one_is_not)
{
    struct scene sc;
    struct stream *s = NULL;
    struct listener *l = NULL;
    struct address a;
    char folder[] = "/tmp/gh-connect-XXXXXX";
    auto_buf text;
    open_scene(&sc);

    CHECK(mkdtemp(folder) != NULL);
    buf_init(&text, 200);
    buf_printf(&text, "unix:%s/s", folder);
    CHECK_OK(address_parse(buf_slice(&text), &a));
    struct connect_options options = { .unix_path = slice_of(a.path), .timeout_ms = 5000, .stream = stream };
    CHECK_ERR(connect_with(&sc, &options, &s), ERR_CONNECT);
    connect_free(TAKE(sc.connect));

    CHECK_OK(listener_new(sc.loop, &a, &(struct listener_options){ .backlog = 1, .stream = stream }, &l));
    CHECK_OK(connect_with(&sc, &options, &s));
    CHECK_EQ(stream_peer(s)->kind, ADDRESS_UNIX);
    stream_free(s);
    listener_free(l);
    CHECK(rmdir(folder) == 0);
    close_scene(&sc);
}

/* Fills the backlog of a listener that never accepts: whoever comes then waits in vain. */
static void fill_backlog(const struct address *a, int *fds, size_t n)
{
    struct sockaddr_storage sockaddr;
    socklen_t len = address_to_sockaddr(a, &sockaddr);

    for (size_t i = 0; i < n; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        CHECK(fds[i] >= 0);
        CHECK(connect(fds[i], (const struct sockaddr *)&sockaddr, len) == 0 || errno == EINPROGRESS);
    }
}

TEST(a_peer_that_never_answers_is_a_timeout)
{
    struct scene sc;
    struct stream *s = NULL;
    struct sockaddr_in deaf = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(deaf);
    int fds[8];
    open_scene(&sc);

    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(fd, (const struct sockaddr *)&deaf, len) == 0 && listen(fd, 0) == 0);
    CHECK(getsockname(fd, (struct sockaddr *)&deaf, &len) == 0);
    struct address a = address_of_sockaddr((const struct sockaddr *)&deaf, len);
    fill_backlog(&a, fds, N_ELEMENTS(fds));

    struct connect_options options = to("127.0.0.1", a.port);
    sc.connect = connect_start(sc.loop, &options, &sc.waiter);
    for (int i = 0; i < 100; i++)
        loop_turn(sc.loop);
    CHECK_ERR(connect_result(sc.connect, &s), WAIT);
    loop_skip_ns(sc.loop, 6 * NS_PER_S);
    for (int i = 0; i < 3; i++)
        loop_turn(sc.loop);
    CHECK_ERR(connect_result(sc.connect, &s), ERR_TIMEOUT);

    connect_free(TAKE(sc.connect)); /* and cancelled while it waits for the peer */
    sc.connect = connect_start(sc.loop, &options, &sc.waiter);
    for (int i = 0; i < 10; i++)
        loop_turn(sc.loop);
    connect_free(TAKE(sc.connect));

    for (size_t i = 0; i < N_ELEMENTS(fds); i++)
        CHECK(close(fds[i]) == 0);
    CHECK(close(fd) == 0);
    close_scene(&sc);
}

TEST(a_connect_may_be_freed_after_any_number_of_turns)
{
    static const char *const hosts[] = { "127.0.0.1", "localhost", "127.1", "name.invalid" };

    for (size_t i = 0; i < N_ELEMENTS(hosts); i++) {
        for (int turns = 0; turns < 6; turns++) {
            struct scene sc;
            open_scene(&sc);

            struct connect_options options = to(hosts[i], port_of(&sc));
            sc.connect = connect_start(sc.loop, &options, &sc.waiter);
            for (int t = 0; t < turns; t++)
                loop_turn(sc.loop);
            close_scene(&sc); /* with the lookup or the attempt under way, or with a stream that nobody took */
        }
    }
}
