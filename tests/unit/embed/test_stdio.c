#include "embed/stdio.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gatehouse/server.h>

#include "base/buf.h"
#include "gateway/gateway.h"
#include "kit/kit.h"
#include "loop/loop.h"
#include "support/test.h"
#include "upstream/kit_upstream.h"

#define INITIALIZE                                                                                                     \
    "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","          \
    "\"capabilities\":{}}}\n"
#define CALL "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"greet\"}}\n"

static const char *what_to_say;

static void greet(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, what_to_say);
}

static void terminate(struct gatehouse_call *call, void *user)
{
    (void)user;
    CHECK(kill(getpid(), SIGTERM) == 0);
    (void)gatehouse_wait_ms(call, 30000);
}

/* Serves what stdin and stdout are by now. */
static enum err serve(struct slice path, gatehouse_handler_fn handler)
{
    struct gatehouse_server *server =
        gatehouse_server_new(&(struct gatehouse_server_options){ .name = "tests", .version = "1" });
    struct loop *loop;
    struct gateway *gateway;

    (void)signal(SIGPIPE, SIG_IGN); /* as gatehouse_main does */
    CHECK_EQ(gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = "greet", .handler = handler }), GATEHOUSE_OK);
    CHECK_OK(loop_new(0, &loop));
    CHECK_OK(gateway_new(&(struct gateway_options){ GATEWAY_DEFAULTS, .loop = loop }, &gateway));
    CHECK_OK(gateway_add(gateway, S("/mcp"), kit_upstream_new(kit_of(server), loop, NULL)));
    enum err e = stdio_run(loop, NULL, gateway, path);
    gateway_free(gateway);
    gatehouse_server_free(server);
    loop_free(loop);
    return e;
}

static int new_file(void)
{
    FILE *file = tmpfile();

    CHECK(file != NULL);
    return fileno(file);
}

/* A file with this text becomes stdin, an empty one stdout; gives that one. */
static int use_files(const char *text)
{
    struct slice input = slice_of(text);
    int in = new_file();
    int out = new_file();

    what_to_say = "hello";
    CHECK(write(in, input.ptr, input.len) == (ssize_t)input.len && lseek(in, 0, SEEK_SET) == 0);
    CHECK(dup2(in, STDIN_FILENO) == STDIN_FILENO && dup2(out, STDOUT_FILENO) == STDOUT_FILENO);
    return out;
}

static void read_all(int fd, struct buf *to)
{
    buf_init(to, 64 << 20);
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    for (ssize_t n = 1; n > 0;) {
        CHECK_OK(buf_reserve(to, 65536));
        n = read(fd, to->ptr + to->len, 65536);
        buf_added(to, n > 0 ? (size_t)n : 0);
    }
}

TEST(from_a_file_to_a_file)
{
    auto_buf said;
    int out = use_files(INITIALIZE CALL);

    CHECK_OK(serve(S("/mcp"), greet));
    read_all(out, &said);
    CHECK(slice_starts(buf_slice(&said), S("{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":")));
    CHECK(slice_ends(buf_slice(&said), S("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\","
                                         "\"text\":\"hello\"}]}}\n")));
}

TEST(an_answer_larger_than_any_socket_is_whole_in_the_file)
{
    static char large[3 << 20];
    auto_buf said;
    int out = use_files(INITIALIZE CALL);

    memset(large, 'x', sizeof(large) - 1);
    what_to_say = large;
    CHECK_OK(serve(S("/mcp"), greet));
    read_all(out, &said);
    CHECK(said.len > sizeof(large));
    CHECK(slice_ends(buf_slice(&said), S("xxx\"}]}}\n")));
}

TEST(nothing_comes_of_nothing)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    CHECK(dup2(null, STDIN_FILENO) == STDIN_FILENO && dup2(null, STDOUT_FILENO) == STDOUT_FILENO);
    CHECK_OK(serve(S("/mcp"), greet));
}

TEST(a_signal_ends_it_while_a_handler_runs_and_the_input_goes_on)
{
    int ends[2];

    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    (void)use_files("");
    CHECK(dup2(ends[1], STDIN_FILENO) == STDIN_FILENO && close(ends[1]) == 0);
    CHECK(write(ends[0], INITIALIZE CALL, sizeof(INITIALIZE CALL) - 1) > 0);
    CHECK_OK(serve(S("/mcp"), terminate));
}

TEST(an_endpoint_that_is_not_there_leaves_no_thread_behind)
{
    (void)use_files(INITIALIZE);
    CHECK_ERR(serve(S("/no"), greet), ERR_NOT_FOUND);
}
