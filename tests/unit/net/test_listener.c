#include "net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "loop/signals.h"
#include "rig.h"

static const struct listener_options options = {
    .backlog = 128,
    .stream = { .in_max_bytes = 1000, .out_max_bytes = 4u << 20, .out_low_bytes = 1000 },
};

static struct address at(const char *text)
{
    struct address a;

    CHECK_OK(address_parse(slice_of(text), &a));
    return a;
}

static enum err ask_accept(struct asker *a)
{
    struct stream *s = NULL;
    enum err e = listener_accept(a->subject, &a->op, &s);

    if (e == OK)
        a->answer_ptr = s;
    return e;
}

static struct stream *accept_one(struct loop *loop, struct listener *l)
{
    struct asker a = { 0 };

    asker_start(&a, loop, ask_accept, l);
    CHECK_OK(asker_await(&a));
    return a.answer_ptr;
}

/* A client outside of the loop; -1 when it is refused at once. */
static int dial(const struct address *a)
{
    struct sockaddr_storage to;
    socklen_t len = address_to_sockaddr(a, &to);
    int fd = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(fd >= 0);
    if (connect(fd, (const struct sockaddr *)&to, len) == 0)
        return fd;
    CHECK(close(fd) == 0);
    return -1;
}

static void check_talk(struct loop *loop, const char *text, enum err tolerated)
{
    struct address a = at(text);
    struct listener *l = NULL;
    enum err e = listener_new(loop, &a, &options, &l);

    if (e == tolerated)
        return; /* a machine without IPv6 */
    CHECK_OK(e);
    CHECK(a.kind == ADDRESS_UNIX || listener_address(l)->port != 0);
    int fd = dial(listener_address(l));
    CHECK(fd >= 0);
    struct stream *s = accept_one(loop, l);
    CHECK_EQ(stream_peer(s)->kind, a.kind);
    CHECK_EQ(stream_local(s).kind, a.kind);
    CHECK_EQ(peer_send(fd, S("ping")), 4);
    CHECK_OK(ask_once(loop, ask_more, s, 3));
    CHECK_SLICE(stream_in(s), "ping");
    CHECK_OK(stream_write(s, S("pong")));
    char answer[4];
    CHECK_EQ(recv(fd, answer, sizeof(answer), MSG_WAITALL), 4);
    listener_free(l);
    CHECK_OK(stream_write(s, S("x"))); /* lives on without the listener */
    stream_free(s);
    CHECK(close(fd) == 0);
}

TEST(clients_are_accepted_over_ipv4_ipv6_and_unix)
{
    struct loop *loop = NULL;
    char folder[] = "/tmp/gh-listener-XXXXXX";
    auto_buf path;

    CHECK_OK(loop_new(1, &loop));
    CHECK(mkdtemp(folder) != NULL);
    buf_init(&path, 200);
    buf_printf(&path, "unix:%s/s%c", folder, 0);
    check_talk(loop, "127.0.0.1:0", WAIT);
    check_talk(loop, "[::1]:0", ERR_INVALID);
    check_talk(loop, path.ptr, WAIT);
    CHECK(rmdir(folder) == 0); /* the socket was unlinked */
    loop_free(loop);
}

TEST(an_address_in_use_or_not_ours_is_refused)
{
    struct loop *loop = NULL;
    struct listener *first = NULL;
    struct listener *second = NULL;
    struct address any = at("127.0.0.1:0");
    struct address foreign = at("192.0.2.1:0");
    struct address none = { .kind = ADDRESS_NONE };
    struct listener_options bad = options;

    CHECK_OK(loop_new(1, &loop));
    CHECK_OK(listener_new(loop, &any, &options, &first));
    CHECK_ERR(listener_new(loop, listener_address(first), &options, &second), ERR_ADDRESS_IN_USE);
    CHECK_ERR(listener_new(loop, &foreign, &options, &second), ERR_INVALID);
    CHECK_ERR(listener_new(loop, &none, &options, &second), ERR_INVALID);
    bad.backlog = 0;
    CHECK_ERR(listener_new(loop, &any, &bad, &second), ERR_INVALID);
    listener_free(first);
    loop_free(loop);
}

TEST(loops_may_share_a_port)
{
    struct loop *loop = NULL;
    struct listener *first = NULL;
    struct listener *second = NULL;
    struct address any = at("127.0.0.1:0");
    struct listener_options shared = options;

    shared.reuse_port = true;
    CHECK_OK(loop_new(1, &loop));
    CHECK_OK(listener_new(loop, &any, &shared, &first));
    CHECK_OK(listener_new(loop, listener_address(first), &shared, &second));
    CHECK(address_eq(listener_address(first), listener_address(second)));
    listener_free(first);
    listener_free(second);
    loop_free(loop);
}

TEST(a_unix_socket_is_private_and_replaces_only_what_nobody_answers)
{
    struct loop *loop = NULL;
    struct listener *first = NULL;
    struct listener *second = NULL;
    struct stat st;
    char folder[] = "/tmp/gh-listener-XXXXXX";
    auto_buf text;

    CHECK_OK(loop_new(1, &loop));
    CHECK(mkdtemp(folder) != NULL);
    buf_init(&text, 200);
    buf_printf(&text, "unix:%s/s", folder);
    struct address a;
    CHECK_OK(address_parse(buf_slice(&text), &a));

    (void)umask(0);
    CHECK_OK(listener_new(loop, &a, &options, &first));
    CHECK(stat(a.path, &st) == 0);
    CHECK_EQ(st.st_mode & 0777, 0600);
    CHECK_ERR(listener_new(loop, &a, &options, &second), ERR_ADDRESS_IN_USE);
    listener_free(TAKE(first));
    CHECK_EQ(stat(a.path, &st), -1);

    /* A process that died leaves its socket behind. */
    struct sockaddr_storage to;
    socklen_t len = address_to_sockaddr(&a, &to);
    int dead = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(bind(dead, (const struct sockaddr *)&to, len) == 0 && listen(dead, 1) == 0 && close(dead) == 0);
    CHECK_OK(listener_new(loop, &a, &options, &first));

    /* Whoever takes our place keeps it. */
    CHECK(unlink(a.path) == 0);
    CHECK_OK(listener_new(loop, &a, &options, &second));
    listener_free(first);
    CHECK(stat(a.path, &st) == 0);
    listener_free(second);

    int file = open(a.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK(file >= 0 && close(file) == 0);
    CHECK_ERR(listener_new(loop, &a, &options, &second), ERR_ADDRESS_IN_USE); /* no socket: not ours to remove */
    CHECK(unlink(a.path) == 0 && rmdir(folder) == 0);
    CHECK_ERR(listener_new(loop, &a, &options, &second), ERR_INVALID); /* no folder */
    loop_free(loop);
}

TEST(connections_wait_while_nobody_accepts_and_none_is_lost)
{
    enum { N = 100 }; /* more than wait in the listener itself */
    int fds[N];
    struct loop *loop = NULL;
    struct listener *l = NULL;
    struct address any = at("127.0.0.1:0");

    CHECK_OK(loop_new(1, &loop));
    CHECK_OK(listener_new(loop, &any, &options, &l));
    for (int i = 0; i < N; i++) {
        fds[i] = dial(listener_address(l));
        CHECK(fds[i] >= 0);
        loop_turn(loop);
    }
    for (int i = 0; i < N; i++)
        stream_free(accept_one(loop, l));
    for (int i = 0; i < N; i++)
        CHECK(close(fds[i]) == 0);
    fds[0] = dial(listener_address(l));
    loop_turn(loop);
    listener_free(l); /* with one that nobody accepted */
    char byte;
    CHECK(recv(fds[0], &byte, 1, 0) <= 0);
    CHECK(close(fds[0]) == 0);
    loop_free(loop);
}

TEST(without_descriptors_a_client_is_told_and_the_loop_rests)
{
    struct loop *loop = NULL;
    struct listener *l = NULL;
    struct address any = at("127.0.0.1:0");
    struct rlimit limit;
    int clients[3];
    int hoard[64];
    unsigned n_hoard = 0;
    char byte;

    CHECK_OK(loop_new(1, &loop));
    CHECK_OK(listener_new(loop, &any, &options, &l));
    for (size_t i = 0; i < N_ELEMENTS(clients); i++)
        clients[i] = dial(listener_address(l));
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = (rlim_t)clients[2] + 4;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    while (n_hoard < N_ELEMENTS(hoard) && (hoard[n_hoard] = dup(0)) >= 0)
        n_hoard++;
    CHECK(n_hoard < N_ELEMENTS(hoard));

    for (int i = 0; i < 10; i++)
        loop_turn(loop);
    CHECK_EQ(listener_n_refused(l), N_ELEMENTS(clients));
    for (size_t i = 0; i < N_ELEMENTS(clients); i++) {
        CHECK(recv(clients[i], &byte, 1, MSG_DONTWAIT) == 0); /* told at once */
        CHECK(close(clients[i]) == 0);
    }

    clients[0] = dial(listener_address(l)); /* descriptors are back: all is well again */
    while (n_hoard > 0)
        CHECK(close(hoard[--n_hoard]) == 0);
    stream_free(accept_one(loop, l));
    CHECK(close(clients[0]) == 0);
    listener_free(l);
    loop_free(loop);
}

TEST(when_not_even_the_spare_descriptor_helps_the_listener_rests_for_a_second)
{
    struct loop *loop = NULL;
    struct listener *l = NULL;
    struct address any = at("127.0.0.1:0");
    struct rlimit limit;
    struct asker a = { 0 };

    CHECK_OK(loop_new(1, &loop));
    CHECK_OK(listener_new(loop, &any, &options, &l));
    asker_start(&a, loop, ask_accept, l);
    int fd = dial(listener_address(l));
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    rlim_t enough = limit.rlim_cur;
    limit.rlim_cur = 3; /* below all that are free, the spare one's number included */
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (int i = 0; i < 10; i++)
        loop_turn(loop);
    limit.rlim_cur = enough;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (int i = 0; i < 10; i++)
        loop_turn(loop);
    CHECK(op_is_active(&a.op)); /* it does not even look */
    loop_skip_ns(loop, NS_PER_S + NS_PER_S / 4);
    CHECK_OK(asker_await(&a)); /* the connection was not lost */
    CHECK_EQ(listener_n_refused(l), 0);
    stream_free(a.answer_ptr);
    CHECK(close(fd) == 0);
    listener_free(l);
    loop_free(loop);
}

TEST(a_listener_is_freed_while_it_rests)
{
    struct loop *loop = NULL;
    struct listener *l = NULL;
    struct address any = at("127.0.0.1:0");
    struct rlimit limit;

    CHECK_OK(loop_new(1, &loop));
    CHECK_OK(listener_new(loop, &any, &options, &l));
    int fd = dial(listener_address(l));
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    rlim_t enough = limit.rlim_cur;
    limit.rlim_cur = 3;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    for (int i = 0; i < 10; i++)
        loop_turn(loop);
    limit.rlim_cur = enough;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    listener_free(l);
    loop_turn(loop);
    CHECK(close(fd) == 0);
    loop_free(loop);
}

static unsigned count_descriptors(void)
{
    unsigned n = 0;

    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

TEST(a_listener_whose_descriptors_cannot_be_had_is_an_error_and_leaks_none)
{
    struct loop *loop = NULL;
    struct listener *l = NULL;
    struct address any = at("127.0.0.1:0");
    struct rlimit limit;
    int hoard[64];
    unsigned n_hoard = 0;

    CHECK_OK(loop_new(1, &loop));
    CHECK(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = N_ELEMENTS(hoard);
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    while (n_hoard < N_ELEMENTS(hoard) && (hoard[n_hoard] = dup(0)) >= 0)
        n_hoard++;

    for (unsigned n_free = 0; n_free <= 2; n_free++) { /* the socket and the spare one */
        unsigned n_open = count_descriptors();
        CHECK_ERR(listener_new(loop, &any, &options, &l), n_free < 2 ? ERR_SYSTEM : OK);
        CHECK_EQ(count_descriptors(), n_free < 2 ? n_open : n_open + 2);
        CHECK(close(hoard[--n_hoard]) == 0);
    }
    listener_free(l);
    while (n_hoard > 0)
        CHECK(close(hoard[--n_hoard]) == 0);
    loop_free(loop);
}

TEST(an_op_that_waits_to_accept_is_cancelled_and_the_next_one_accepts)
{
    struct loop *loop = NULL;
    struct listener *l = NULL;
    struct address any = at("127.0.0.1:0");
    struct asker a = { 0 };

    CHECK_OK(loop_new(1, &loop));
    CHECK_OK(listener_new(loop, &any, &options, &l));
    asker_start(&a, loop, ask_accept, l);
    loop_turn(loop);
    op_cancel(&a.op);
    int fd = dial(listener_address(l));
    for (int i = 0; i < 10; i++)
        loop_turn(loop);
    CHECK_EQ(a.n_runs, 1);
    stream_free(accept_one(loop, l));
    CHECK(close(fd) == 0);

    asker_start(&a, loop, ask_accept, l);
    loop_turn(loop);
    listener_free(l); /* under an op that waits: it is only unlinked */
    loop_turn(loop);
    CHECK_EQ(a.n_runs, 1);
    op_cancel(&a.op);
    loop_free(loop);
}

TEST(a_reset_by_a_tcp_peer_ends_reading_and_writing)
{
    struct loop *loop = NULL;
    struct listener *l = NULL;
    struct address any = at("127.0.0.1:0");
    struct linger abort_at_close = { .l_onoff = 1, .l_linger = 0 };

    signals_ignore_pipe();
    CHECK_OK(loop_new(1, &loop));
    CHECK_OK(listener_new(loop, &any, &options, &l));
    int fd = dial(listener_address(l));
    struct stream *s = accept_one(loop, l);
    CHECK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort_at_close, sizeof(abort_at_close)) == 0);
    CHECK(close(fd) == 0);
    CHECK_ERR(ask_once(loop, ask_end, s, 0), ERR_RESET);
    CHECK_ERR(ask_once(loop, ask_more, s, 0), ERR_RESET);
    CHECK_ERR(stream_write(s, S("x")), ERR_RESET);
    CHECK(stream_is_broken(s));
    stream_close(s); /* nothing to save: as free */
    listener_free(l);
    loop_free(loop);
}
