#include "client/client.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/check.h"
#include "http/h1_write.h"
#include "loop/loop.h"
#include "loop/signals.h"
#include "support/test.h"

/*
 * The server: a process that answers the requests of one connection after the other, each with the next of `answers`.
 * An answer that ends with "!" is followed by the end of the connection. NULL ends the list.
 */
static pid_t server;
static uint16_t port;

/* Reads one request; false when the connection has ended. Bodies are told by Content-Length, of one digit here. */
static bool read_request(int fd, char *text, size_t size)
{
    size_t len = 0, body = 0;

    for (;;) {
        struct slice got = { text, len };
        size_t end = slice_search(got, S("\r\n\r\n"));
        size_t at = slice_search(got, S("Content-Length: "));
        if (at != SIZE_MAX)
            body = (size_t)(text[at + 16] - '0');
        if (end != SIZE_MAX && len >= end + 4 + body)
            return true;
        ssize_t n = read(fd, text + len, size - len);
        if (n <= 0)
            return false;
        len += (size_t)n;
    }
}

static void serve(int listener, const char *const *answers)
{
    char text[8192];

    while (*answers != NULL) {
        int fd = accept(listener, NULL, NULL);
        CHECK(fd >= 0);
        bool ends = false;
        while (!ends && *answers != NULL && read_request(fd, text, sizeof(text))) {
            struct slice answer = slice_of(*answers++);
            ends = slice_ends(answer, S("!"));
            answer.len -= ends ? 1 : 0;
            CHECK(write(fd, answer.ptr, answer.len) == (ssize_t)answer.len);
        }
        if (*answers == NULL && !ends)
            pause(); /* whoever asks once more gets no answer */
        close(fd);
    }
    pause();
}

static struct loop *loop;
static struct client *client;

static void begin(const char *const *answers, const struct client_options *options)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct client_options o = *options;

    signals_ignore_pipe(); /* as every program of ours does first */
    CHECK(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 8) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    port = ntohs(address.sin_port);
    server = answers == NULL ? 0 : fork();
    CHECK(server >= 0);
    if (answers != NULL && server == 0) {
        serve(listener, answers);
        _exit(0);
    }
    close(listener);
    CHECK_OK(loop_new(1, &loop));
    o.host = S("127.0.0.1");
    o.port = port;
    client = client_new(&o, loop);
}

static void end(void)
{
    client_free(client);
    loop_free(loop);
    if (server > 0) {
        kill(server, SIGKILL);
        waitpid(server, NULL, 0);
    }
}

/* An op that reads one answer to its end. */
struct reads {
    struct op op;
    struct client_call *call;
    const struct h1_response *response;
    struct buf body;
};

static enum err reads_run(struct op *op)
{
    struct reads *reads = container_of(op, struct reads, op);
    struct slice part;

    TRY(client_head(reads->call, op, &reads->response));
    for (;;) {
        TRY(client_body(reads->call, op, &part));
        if (part.len == 0)
            return OK;
        buf_put(&reads->body, part);
    }
}

static void reads_release(struct op *op)
{
    (void)op;
}

static struct client_call *send_text(struct slice method, struct slice body)
{
    auto_buf headers;

    buf_init(&headers, 1024);
    CHECK_OK(h1_write_header(&headers, S("Host"), S("test")));
    return client_send(client, &(struct client_request){ method, S("/mcp"), buf_slice(&headers), body });
}

static void begin_reading(struct reads *reads, struct client_call *call)
{
    *reads = (struct reads){ .op = { .run = reads_run, .release = reads_release }, .call = call };
    buf_init(&reads->body, 1024 * 1024);
    op_start(&reads->op, loop, NULL);
}

static enum err finish(struct reads *reads)
{
    for (int i = 0; op_is_active(&reads->op) && i < 5000; i++) {
        loop_turn(loop);
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
    CHECK(!op_is_active(&reads->op));
    return op_result(&reads->op);
}

static void done(struct reads *reads)
{
    client_call_free(TAKE(reads->call));
    buf_done(&reads->body);
}

/* One request whose answer has this body. */
static void check_answer(struct slice method, const char *body)
{
    struct reads reads;

    begin_reading(&reads, send_text(method, S("{}")));
    CHECK_OK(finish(&reads));
    CHECK_SLICE(buf_slice(&reads.body), body);
    done(&reads);
}

static void check_failure(enum err failure)
{
    struct reads reads;

    begin_reading(&reads, send_text(S("POST"), S("{}")));
    CHECK_ERR(finish(&reads), failure);
    done(&reads);
}

TEST(answers_of_every_framing_are_read_to_their_end)
{
    begin(
        (const char *const[]){ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
                               "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                               "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n",
                               "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
                               "HTTP/1.1 200 OK\r\n\r\nuntil the end!", NULL },
        &(struct client_options){ .max_connections = 1 }); /* all on one */
    check_answer(S("POST"), "hello");
    check_answer(S("POST"), "abcde");
    check_answer(S("POST"), "");
    check_answer(S("DELETE"), "");
    check_answer(S("HEAD"), "");
    check_answer(S("POST"), "until the end");
    end();
}

TEST(a_connection_that_the_server_closed_meanwhile_is_not_used_again)
{
    begin((const char *const[]){ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1!",
                                 "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n2!",
                                 "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n3", NULL },
          &(struct client_options){ 0 });
    check_answer(S("POST"), "1");
    for (int i = 0; i < 20; i++) { /* its end arrives */
        loop_turn(loop);
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
    check_answer(S("POST"), "2");
    check_answer(S("POST"), "3");
    end();
}

TEST(what_is_no_answer_is_told_from_what_never_was_asked)
{
    begin(NULL, &(struct client_options){ 0 });
    check_failure(ERR_CONNECT);
    end();

    begin((const char *const[]){ "!", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell!", "nonsense\r\n\r\n!",
                                 "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n!",
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n!",
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe!", NULL },
          &(struct client_options){ 0 });
    check_failure(ERR_CLOSED);
    check_failure(ERR_CLOSED);
    check_failure(ERR_PROTOCOL);
    check_failure(ERR_PROTOCOL);
    check_failure(ERR_PROTOCOL);
    check_failure(ERR_CLOSED);
    end();
}

TEST(requests_that_cannot_be_sent_are_never_sent)
{
    begin(NULL, &(struct client_options){ .max_request_bytes = 100 });
    char body[100] = { 0 };
    struct reads reads;

    begin_reading(&reads, send_text(S("PO ST"), S("")));
    CHECK_ERR(finish(&reads), ERR_INVALID);
    done(&reads);
    begin_reading(&reads, send_text(S("POST"), (struct slice){ body, sizeof(body) }));
    CHECK_ERR(finish(&reads), ERR_LIMIT);
    done(&reads);
    end();
}

TEST(there_are_no_more_connections_than_allowed)
{
    begin((const char *const[]){ "HTTP/1.1 200 OK\r\n\r\nand then silence", NULL },
          &(struct client_options){ .max_connections = 1 });
    struct reads first;

    begin_reading(&first, send_text(S("GET"), NO_SLICE));
    while (first.body.len == 0)
        loop_turn(loop);
    check_failure(ERR_BUSY);
    op_cancel(&first.op);
    done(&first); /* half read: its connection is closed, and the place is free */
    CHECK_ERR(op_result(&first.op), WAIT);
    struct reads second;
    begin_reading(&second, send_text(S("GET"), NO_SLICE));
    loop_turn(loop);
    op_cancel(&second.op);
    done(&second);
    end();
}

TEST(idle_connections_are_closed_after_a_while)
{
    begin((const char *const[]){ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1",
                                 "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2", NULL },
          &(struct client_options){ .max_connections = 1 });
    check_answer(S("POST"), "1");
    loop_turn(loop);
    loop_skip_ns(loop, 5 * NS_PER_S);
    for (int i = 0; i < 3; i++)
        loop_turn(loop);
    check_answer(S("POST"), "2"); /* which a second connection brings */
    end();
}

TEST(a_call_may_be_freed_at_any_moment)
{
    for (int turns = 0; turns < 10; turns++) {
        begin((const char *const[]){ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", NULL },
              &(struct client_options){ 0 });
        struct reads reads;
        begin_reading(&reads, send_text(S("POST"), S("{}")));
        for (int i = 0; i < turns; i++) {
            loop_turn(loop);
            nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
        }
        op_cancel(&reads.op);
        done(&reads);
        end();
    }
}
