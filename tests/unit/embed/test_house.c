#include "embed/house.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gatehouse/server.h>

#include "base/buf.h"
#include "gateway/gateway.h"
#include "kit/kit.h"
#include "loop/loop.h"
#include "net/listener.h"
#include "support/test.h"
#include "upstream/kit_upstream.h"

/*
 * The house has the test's thread, with its loop and its signals. A visitor on a thread of its own reads what the house
 * prints, calls on it and sends the signals; it waits for what it reads, so nothing sleeps.
 */
#define LONG_MS     600000u /* a deadline that is never met */
#define SHORT_MS    1u
#define N_MANY      65u  /* addresses, one more than it takes */
#define N_ENDPOINTS 256u /* as many as a gateway takes */

static struct loop *loop;
static struct gateway *gateway;
static struct gatehouse_server *tools;
static sem_t in_handler;             /* posted by a handler that has begun */
static sem_t may_finish;             /* awaited by "patient" */
static FILE *printed;                /* what the house prints */
static unsigned n_further_endpoints; /* beside /mcp: /0, /1 and so on */

static void patient(struct gatehouse_call *call, void *user)
{
    (void)user;
    CHECK(sem_post(&in_handler) == 0);
    while (sem_wait(&may_finish) != 0)
        CHECK(errno == EINTR);
    gatehouse_add_text(call, "done");
}

/* Comes to no end of its own. */
static void endless(struct gatehouse_call *call, void *user)
{
    (void)user;
    CHECK(sem_post(&in_handler) == 0);
    while (gatehouse_wait_ms(call, LONG_MS))
        ;
}

static void offer(struct slice path)
{
    CHECK_OK(gateway_add(gateway, path, kit_upstream_new(kit_of(tools), loop, NULL)));
}

static void begin(void)
{
    (void)signal(SIGPIPE, SIG_IGN); /* as gatehouse_main does */
    CHECK(sem_init(&in_handler, 0, 0) == 0 && sem_init(&may_finish, 0, 0) == 0);
    tools = gatehouse_server_new(&(struct gatehouse_server_options){ .name = "tests", .version = "1" });
    CHECK_EQ(gatehouse_add_tool(tools, &(struct gatehouse_tool){ .name = "patient", .handler = patient }),
             GATEHOUSE_OK);
    CHECK_EQ(gatehouse_add_tool(tools, &(struct gatehouse_tool){ .name = "endless", .handler = endless }),
             GATEHOUSE_OK);
    CHECK_OK(loop_new(0, &loop));
    CHECK_OK(gateway_new(&(struct gateway_options){ GATEWAY_DEFAULTS, .loop = loop }, &gateway));
    offer(S("/mcp"));
    for (unsigned i = 0; i < n_further_endpoints; i++) {
        auto_buf path;
        buf_init(&path, 100);
        buf_printf(&path, "/%u", i);
        offer(buf_slice(&path));
    }
}

static void end(void)
{
    gateway_free(gateway);
    gatehouse_server_free(tools);
    loop_free(loop);
}

/* ---- The house ---- */

static struct address address_of(const char *text)
{
    struct address a;

    CHECK_OK(address_parse(slice_of(text), &a));
    return a;
}

static enum err run(const struct address *addresses, size_t n, uint64_t drain_ms, size_t *ret_which)
{
    return house_run(&(struct house_options){ .loop = loop,
                                              .gateway = gateway,
                                              .addresses = addresses,
                                              .n_addresses = n,
                                              .body_bytes = 65536,
                                              .drain_ms = drain_ms },
                     ret_which);
}

/* Serves there while the visitor is about, to an end in order. */
static void serve(const struct address *addresses, size_t n, uint64_t drain_ms, void *(*visit)(void *))
{
    sigset_t all;
    sigset_t before;
    pthread_t visitor;
    size_t which;
    int ends[2];

    begin();
    CHECK(pipe(ends) == 0 && dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO && close(ends[1]) == 0);
    printed = fdopen(ends[0], "r");
    CHECK(printed != NULL);
    CHECK(sigfillset(&all) == 0 && pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
    CHECK(pthread_create(&visitor, NULL, visit, NULL) == 0);
    CHECK(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    CHECK_OK(run(addresses, n, drain_ms, &which));
    end(); /* whoever still waits for an answer sees the end of its connection */
    CHECK(pthread_join(visitor, NULL) == 0);
    CHECK(fclose(printed) == 0);
}

/* Cannot open the address with this index: what ran before must be undone, and nothing said. */
static void check_refused(const struct address *addresses, size_t n, enum err expected, size_t index)
{
    FILE *file = tmpfile();
    size_t which = SIZE_MAX - 1;

    CHECK(file != NULL && dup2(fileno(file), STDOUT_FILENO) == STDOUT_FILENO);
    CHECK_ERR(run(addresses, n, LONG_MS, &which), expected);
    CHECK_EQ(which, index);
    CHECK(fflush(stdout) == 0);
    CHECK_EQ(lseek(fileno(file), 0, SEEK_END), 0);
    CHECK(fclose(file) == 0);
}

/* ---- The visitor ---- */

/* The next line that the house prints, without its end. */
static struct slice read_line(void)
{
    static char line[512];

    CHECK(fgets(line, sizeof(line), printed) != NULL);
    struct slice text = slice_of(line);
    CHECK(slice_ends(text, S("\n")));
    return slice_first(text, text.len - 1);
}

/* The port in "listening on http://127.0.0.1:PORT/mcp", with any path. */
static uint16_t read_port(void)
{
    static const struct slice start = S("listening on http://127.0.0.1:");
    struct slice line = read_line();
    uint64_t port;

    CHECK(slice_starts(line, start));
    line = slice_from(line, start.len);
    CHECK_OK(slice_to_u64(slice_first(line, slice_find(line, '/')), &port));
    CHECK(port > 0 && port <= UINT16_MAX);
    return (uint16_t)port;
}

static int try_address(const char *text, uint16_t port)
{
    struct sockaddr_storage to;
    struct address a = address_of(text);
    a.port = port;
    socklen_t len = address_to_sockaddr(&a, &to);
    int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(fd >= 0);
    if (connect(fd, (struct sockaddr *)&to, len) == 0)
        return fd;
    CHECK(close(fd) == 0);
    return -1;
}

static int call_on(uint16_t port)
{
    int fd = try_address("127.0.0.1:0", port);

    CHECK(fd >= 0);
    return fd;
}

static void send_text(int fd, struct slice text)
{
    CHECK_EQ(send(fd, text.ptr, text.len, MSG_NOSIGNAL), text.len);
}

static void send_call(int fd, const char *tool)
{
    auto_buf body;
    auto_buf request;

    buf_init(&body, 1000);
    buf_init(&request, 1000);
    buf_printf(&body, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\"}}", tool);
    buf_printf(&request,
               "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
               "Accept: application/json\r\nContent-Length: %zu\r\n\r\n%.*s",
               body.len, SLICE_ARGS(buf_slice(&body)));
    send_text(fd, buf_slice(&request));
    while (sem_wait(&in_handler) != 0)
        CHECK(errno == EINTR);
}

/* Everything that comes until the house closes. */
static struct slice read_all(int fd)
{
    static char text[65536];
    size_t len = 0;

    for (ssize_t n; (n = recv(fd, text + len, sizeof(text) - len, 0)) > 0; len += (size_t)n)
        CHECK(len + (size_t)n < sizeof(text));
    CHECK(close(fd) == 0);
    return (struct slice){ text, len };
}

/* A connection on which the house has answered, and which it keeps. */
static int become_idle(uint16_t port)
{
    static const struct slice last = S("{\"status\":\"up\"}\n");
    char text[4096];
    size_t len = 0;
    int fd = call_on(port);

    send_text(fd, S("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    while (!slice_ends((struct slice){ text, len }, last)) {
        ssize_t n = recv(fd, text + len, sizeof(text) - len, 0);
        CHECK(n > 0);
        len += (size_t)n;
    }
    return fd;
}

static void check_up(int fd)
{
    send_text(fd, S("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    struct slice said = read_all(fd);
    CHECK(slice_starts(said, S("HTTP/1.1 200 ")) && slice_ends(said, S("{\"status\":\"up\"}\n")));
}

static void send_signal(int number)
{
    CHECK(kill(getpid(), number) == 0); /* the house's thread has it: the visitor's blocks all */
}

/* Signals, and waits until the house drains: that closes the connections that are idle. */
static void begin_draining(int idle)
{
    send_signal(SIGTERM);
    CHECK_EQ(read_all(idle).len, 0);
}

/* ---- Opening ---- */

static void *visit_briefly(void *unused)
{
    check_up(call_on(read_port()));
    send_signal(SIGTERM);
    return unused;
}

TEST(port_0_is_a_free_one_and_the_line_says_which)
{
    serve((struct address[]){ address_of("127.0.0.1:0") }, 1, LONG_MS, visit_briefly);
}

static char socket_folder[] = "/tmp/test_house_XXXXXX";
static char socket_address[sizeof("unix:/s") + sizeof(socket_folder)];

static void make_socket_address(void)
{
    CHECK(mkdtemp(socket_folder) != NULL);
    memcpy(socket_address, "unix:", 5);
    memcpy(socket_address + 5, socket_folder, sizeof(socket_folder) - 1);
    memcpy(socket_address + 5 + sizeof(socket_folder) - 1, "/s", 3);
}

/* Both were opened before either line was printed. */
static void *visit_both(void *unused)
{
    auto_buf expected;

    uint16_t port = read_port();
    check_up(try_address(socket_address, 0));
    buf_init(&expected, 1000);
    buf_printf(&expected, "listening on %s/mcp", socket_address);
    CHECK(slice_eq(read_line(), buf_slice(&expected)));
    check_up(call_on(port));
    send_signal(SIGINT); /* as good as SIGTERM */
    return unused;
}

TEST(a_unix_socket_is_served_beside_a_port_and_removed_at_the_end)
{
    make_socket_address();
    serve((struct address[]){ address_of("127.0.0.1:0"), address_of(socket_address) }, 2, LONG_MS, visit_both);
    CHECK(access(socket_address + 5, F_OK) != 0 && errno == ENOENT);
    CHECK(rmdir(socket_folder) == 0);
}

TEST(an_address_in_use_is_named_and_those_before_it_are_given_up)
{
    struct listener *other;
    struct address addresses[3] = { [1] = address_of("127.0.0.1:0"), [2] = address_of("127.0.0.1:0") };

    begin();
    make_socket_address();
    addresses[0] = address_of(socket_address);
    CHECK_OK(listener_new(loop, &addresses[1], &(struct listener_options){ .backlog = 1 }, &other));
    addresses[1] = *listener_address(other);
    check_refused(addresses, N_ELEMENTS(addresses), ERR_ADDRESS_IN_USE, 1);
    CHECK(access(socket_address + 5, F_OK) != 0 && errno == ENOENT);
    check_refused(addresses + 1, 1, ERR_ADDRESS_IN_USE, 0);
    listener_free(other);
    CHECK(rmdir(socket_folder) == 0);
    end();
}

TEST(more_addresses_than_it_can_have_are_refused_not_forgotten)
{
    struct address addresses[N_MANY];

    begin();
    for (size_t i = 0; i < N_MANY; i++)
        addresses[i] = address_of("127.0.0.1:0");
    check_refused(addresses, N_MANY, ERR_LIMIT, N_MANY - 1);
    end();
}

TEST(an_endpoint_in_the_place_of_health_is_refused_and_no_address_is_to_blame)
{
    struct address address = address_of("127.0.0.1:0");

    begin();
    offer(S("/health"));
    check_refused(&address, 1, ERR_INVALID, SIZE_MAX);
    end();
}

static void *visit_every_endpoint(void *unused)
{
    uint16_t port = read_port();
    auto_buf request;

    buf_init(&request, 1000);
    for (unsigned i = 0; i < N_ENDPOINTS - 1; i++) {
        int fd = call_on(port);
        (void)read_line();
        buf_clear(&request);
        buf_printf(&request, "GET /%u/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", i);
        send_text(fd, buf_slice(&request));
        CHECK(slice_starts(read_all(fd), S("HTTP/1.1 405 "))); /* it is there, and wants a session first */
    }
    send_signal(SIGTERM);
    return unused;
}

TEST(as_many_endpoints_as_a_gateway_can_have_are_served)
{
    n_further_endpoints = N_ENDPOINTS - 1;
    serve((struct address[]){ address_of("127.0.0.1:0") }, 1, LONG_MS, visit_every_endpoint);
}

/* ---- Closing ---- */

static void *visit_and_let_finish(void *unused)
{
    uint16_t port = read_port();
    int idle = become_idle(port);
    int calling = call_on(port);

    send_call(calling, "patient");
    begin_draining(idle);
    CHECK(try_address("127.0.0.1:0", port) < 0); /* nobody new comes in */
    CHECK(sem_post(&may_finish) == 0);
    struct slice said = read_all(calling);
    CHECK(slice_starts(said, S("HTTP/1.1 200 ")) && slice_search(said, S("\"done\"")) != SIZE_MAX);
    CHECK(slice_search(said, S("Connection: close\r\n")) != SIZE_MAX);
    return unused;
}

TEST(a_call_that_runs_is_answered_before_the_house_closes)
{
    serve((struct address[]){ address_of("127.0.0.1:0") }, 1, LONG_MS, visit_and_let_finish);
}

static void *visit_and_be_cut(void *unused)
{
    uint16_t port = read_port();
    int calling = call_on(port);

    send_call(calling, "endless");
    send_signal(SIGTERM);
    CHECK_EQ(read_all(calling).len, 0);
    return unused;
}

TEST(a_call_that_does_not_end_is_cut_at_the_deadline)
{
    serve((struct address[]){ address_of("127.0.0.1:0") }, 1, SHORT_MS, visit_and_be_cut);
}

static void *visit_and_insist(void *unused)
{
    uint16_t port = read_port();
    int idle = become_idle(port);
    int calling = call_on(port);

    send_call(calling, "endless");
    begin_draining(idle);
    send_signal(SIGTERM);
    CHECK_EQ(read_all(calling).len, 0);
    return unused;
}

TEST(a_second_signal_cuts_at_once_whatever_the_deadline)
{
    serve((struct address[]){ address_of("127.0.0.1:0") }, 1, LONG_MS, visit_and_insist);
}
