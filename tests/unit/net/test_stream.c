#include "net/stream.h"

#include <fcntl.h>
#include <netinet/in.h>

#include "loop/signals.h"
#include "rig.h"

static const struct stream_options options = { .in_max_bytes = 1000, .out_max_bytes = 1u << 20, .out_low_bytes = 1000 };

struct scene {
    struct loop *loop;
    struct stream *stream;
    int peer;
};

static void open_scene(struct scene *sc)
{
    int ends[2];

    signals_ignore_pipe();
    CHECK_OK(loop_new(1, &sc->loop));
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    CHECK_OK(stream_open_fd(sc->loop, ends[0], &options, &sc->stream));
    sc->peer = ends[1];
    CHECK((fcntl(ends[0], F_GETFD) & FD_CLOEXEC) != 0);
}

static void close_scene(struct scene *sc)
{
    stream_free(sc->stream);
    if (sc->peer >= 0)
        CHECK(close(sc->peer) == 0);
    loop_free(sc->loop);
}

/* -- Reading -------------------------------------------------------------------------------------------------- */

TEST(bytes_that_arrive_are_told_beyond_those_seen)
{
    struct scene sc;
    open_scene(&sc);

    CHECK_EQ(stream_in(sc.stream).len, 0);
    CHECK_EQ(peer_send(sc.peer, S("hello")), 5);
    CHECK_OK(ask_once(sc.loop, ask_more, sc.stream, 0));
    CHECK_SLICE(stream_in(sc.stream), "hello");

    struct asker a = { .than = 5 };
    asker_start(&a, sc.loop, ask_more, sc.stream);
    loop_turn(sc.loop);
    CHECK(op_is_active(&a.op)); /* nothing beyond */
    CHECK_EQ(peer_send(sc.peer, S(" there")), 6);
    CHECK_OK(asker_await(&a));
    CHECK_SLICE(stream_in(sc.stream), "hello there");
    stream_consume(sc.stream, 6);
    CHECK_SLICE(stream_in(sc.stream), "there");
    stream_consume(sc.stream, 5);
    CHECK_EQ(stream_in(sc.stream).len, 0);
    close_scene(&sc);
}

TEST(what_came_before_the_end_can_still_be_read)
{
    struct scene sc;
    open_scene(&sc);

    CHECK_EQ(peer_send(sc.peer, S("last words")), 10);
    CHECK(close(sc.peer) == 0);
    sc.peer = -1;
    CHECK_ERR(ask_once(sc.loop, ask_end, sc.stream, 0), ERR_CLOSED);
    CHECK_OK(ask_once(sc.loop, ask_more, sc.stream, 0));
    CHECK_SLICE(stream_in(sc.stream), "last words");
    CHECK_ERR(ask_once(sc.loop, ask_more, sc.stream, 10), ERR_CLOSED);
    stream_consume(sc.stream, 10);
    CHECK_ERR(ask_once(sc.loop, ask_more, sc.stream, 0), ERR_CLOSED);
    CHECK(!stream_is_broken(sc.stream));
    close_scene(&sc);
}

TEST(a_full_buffer_stops_reading_and_room_starts_it_again)
{
    struct scene sc;
    open_scene(&sc);

    CHECK_EQ(peer_send(sc.peer, zeros(2500)), 2500);
    CHECK_OK(ask_once(sc.loop, ask_more, sc.stream, 998));
    CHECK_OK(ask_once(sc.loop, ask_more, sc.stream, 999));
    CHECK_ERR(ask_once(sc.loop, ask_more, sc.stream, 1000), ERR_LIMIT);
    for (int i = 0; i < 10; i++)
        loop_turn(sc.loop);
    CHECK_EQ(stream_in(sc.stream).len, 1000);

    stream_consume(sc.stream, 1); /* any room at all */
    CHECK_OK(ask_once(sc.loop, ask_more, sc.stream, 999));
    CHECK_EQ(stream_in(sc.stream).len, 1000);
    stream_consume(sc.stream, 1000);
    CHECK_OK(ask_once(sc.loop, ask_more, sc.stream, 999));
    stream_consume(sc.stream, 1000);
    CHECK_OK(ask_once(sc.loop, ask_more, sc.stream, 498));
    CHECK_EQ(stream_in(sc.stream).len, 499);
    close_scene(&sc);
}

TEST(the_end_behind_a_full_buffer_is_found_when_asked_for)
{
    struct scene sc;
    open_scene(&sc);

    CHECK_EQ(peer_send(sc.peer, zeros(2500)), 2500);
    CHECK_OK(ask_once(sc.loop, ask_more, sc.stream, 999));
    struct asker a = { 0 };
    asker_start(&a, sc.loop, ask_end, sc.stream);
    loop_turn(sc.loop);
    CHECK(op_is_active(&a.op));
    CHECK(close(sc.peer) == 0);
    sc.peer = -1;
    op_wake(&a.op); /* the beat of whoever watches */
    CHECK_ERR(asker_await(&a), ERR_CLOSED);
    close_scene(&sc);
}

/* -- Writing -------------------------------------------------------------------------------------------------- */

TEST(what_the_kernel_does_not_take_waits_and_arrives_whole)
{
    struct scene sc;
    size_t written = 0;
    open_scene(&sc);

    while (stream_unsent(sc.stream) == 0) { /* fill the kernel's buffers */
        CHECK_OK(stream_write(sc.stream, zeros(100000)));
        written += 100000;
    }
    CHECK_OK(stream_write(sc.stream, zeros(300000))); /* joins what waits */
    CHECK_OK(stream_write(sc.stream, zeros(300000)));
    written += 600000;

    struct asker room = { 0 };
    asker_start(&room, sc.loop, ask_room, sc.stream);
    loop_turn(sc.loop);
    CHECK(op_is_active(&room.op));

    static char sink[65536];
    size_t received = 0;
    for (unsigned i = 0; i < MANY_TURNS && received < written; i++) {
        size_t n = peer_receive(sc.peer, sink, sizeof(sink));
        CHECK(n != 0 && n != PEER_BROKEN);
        received += n != SIZE_MAX ? n : 0;
        loop_turn(sc.loop);
    }
    CHECK_EQ(received, written);
    CHECK_OK(asker_await(&room));
    CHECK_OK(ask_once(sc.loop, ask_flushed, sc.stream, 0));
    CHECK_EQ(stream_unsent(sc.stream), 0);
    close_scene(&sc);
}

TEST(unsent_bytes_have_a_limit_and_a_write_is_all_or_nothing)
{
    struct scene sc;
    open_scene(&sc);

    CHECK_ERR(stream_write(sc.stream, zeros(options.out_max_bytes + 1)), ERR_LIMIT); /* even when nothing waits */
    CHECK_EQ(stream_unsent(sc.stream), 0);
    while (stream_unsent(sc.stream) == 0)
        CHECK_OK(stream_write(sc.stream, zeros(500000)));
    size_t room = stream_write_max(sc.stream);
    CHECK_EQ(room + stream_unsent(sc.stream), options.out_max_bytes);
    CHECK_ERR(stream_write(sc.stream, zeros(room + 1)), ERR_LIMIT);
    CHECK_OK(stream_write(sc.stream, zeros(room)));
    CHECK_EQ(stream_write_max(sc.stream), 0);
    CHECK_ERR(stream_write(sc.stream, zeros(1)), ERR_LIMIT);
    CHECK_OK(stream_write(sc.stream, NO_SLICE));
    CHECK(!stream_is_broken(sc.stream));
    close_scene(&sc); /* with a write under way */
}

/* Lets half minutes pass until one brings no progress: at first the kernels pass on what they have. */
static uint64_t await_standstill(struct scene *sc)
{
    for (int i = 0; i < 100; i++) {
        uint64_t progress_ns = stream_progress_ns(sc->stream);
        loop_skip_ns(sc->loop, 31 * NS_PER_S);
        loop_turn(sc->loop);
        if (stream_progress_ns(sc->stream) == progress_ns)
            return progress_ns;
    }
    CHECK(false); /* it never stands still */
    return 0;
}

TEST(progress_is_the_moment_when_bytes_last_left)
{
    static char sink[65536];
    struct scene sc;
    open_scene(&sc);

    loop_skip_ns(sc.loop, 100 * NS_PER_S);
    CHECK_EQ(stream_progress_ns(sc.stream), loop_now_ns(sc.loop)); /* nothing to send is no standstill */
    while (stream_unsent(sc.stream) == 0)
        CHECK_OK(stream_write(sc.stream, zeros(500000)));
    uint64_t began_ns = await_standstill(&sc);

    size_t unsent = stream_unsent(sc.stream);
    for (unsigned i = 0; i < MANY_TURNS && stream_unsent(sc.stream) == unsent; i++) {
        (void)peer_receive(sc.peer, sink, sizeof(sink));
        loop_turn(sc.loop);
    }
    CHECK(stream_unsent(sc.stream) > 0); /* one write is still under way, and has moved */
    CHECK(stream_progress_ns(sc.stream) >= began_ns + 31 * NS_PER_S);
    close_scene(&sc);
}

TEST(a_peer_that_reads_what_the_kernel_holds_makes_progress_before_we_can_send_more)
{
    static char sink[4096];
    struct scene sc;
    open_scene(&sc);

    while (stream_unsent(sc.stream) == 0)
        CHECK_OK(stream_write(sc.stream, zeros(500000)));
    uint64_t began_ns = await_standstill(&sc);
    size_t unsent = stream_unsent(sc.stream);
    for (unsigned i = 0; i < MANY_TURNS && stream_progress_ns(sc.stream) == began_ns; i++)
        (void)peer_receive(sc.peer, sink, sizeof(sink));
    CHECK(stream_progress_ns(sc.stream) >= began_ns + 31 * NS_PER_S);
    CHECK_EQ(stream_unsent(sc.stream), unsent); /* the loop has not turned: nothing of ours has left */
    close_scene(&sc);
}

TEST(writing_to_a_peer_that_has_gone_breaks_the_stream_once_and_for_all)
{
    struct scene sc;
    enum err e = OK;
    open_scene(&sc);

    CHECK(close(sc.peer) == 0);
    sc.peer = -1;
    for (int i = 0; i < 100 && e == OK; i++)
        e = stream_write(sc.stream, S("anybody?"));
    CHECK_ERR(e, ERR_CLOSED);
    CHECK(stream_is_broken(sc.stream));
    CHECK_ERR(stream_write(sc.stream, S("anybody?")), ERR_CLOSED);
    CHECK_ERR(ask_once(sc.loop, ask_room, sc.stream, 0), ERR_CLOSED);
    CHECK_ERR(ask_once(sc.loop, ask_flushed, sc.stream, 0), ERR_CLOSED);
    close_scene(&sc);
}

TEST(a_peer_that_goes_while_bytes_wait_wakes_who_waits_for_room)
{
    struct scene sc;
    open_scene(&sc);

    while (stream_unsent(sc.stream) < 2000)
        CHECK_OK(stream_write(sc.stream, zeros(500000)));
    struct asker a = { 0 };
    asker_start(&a, sc.loop, ask_room, sc.stream);
    loop_turn(sc.loop);
    CHECK(close(sc.peer) == 0);
    sc.peer = -1;
    enum err e = asker_await(&a);
    CHECK(e == ERR_CLOSED || e == ERR_RESET);
    CHECK_EQ(stream_unsent(sc.stream), 0);
    close_scene(&sc);
}

TEST(our_side_ends_after_what_is_unsent_and_reading_goes_on)
{
    struct scene sc;
    size_t written = 0;
    open_scene(&sc);

    while (stream_unsent(sc.stream) == 0) {
        CHECK_OK(stream_write(sc.stream, zeros(200000)));
        written += 200000;
    }
    stream_end_output(sc.stream);
    stream_end_output(sc.stream);
    CHECK_ERR(stream_write(sc.stream, S("more")), ERR_CLOSED);
    CHECK_EQ(peer_receive_all(sc.loop, sc.peer), written);
    CHECK_EQ(peer_send(sc.peer, S("answer")), 6);
    CHECK_OK(ask_once(sc.loop, ask_more, sc.stream, 0));
    CHECK_SLICE(stream_in(sc.stream), "answer");
    close_scene(&sc);
}

/* -- Pipes and others ----------------------------------------------------------------------------------------- */

TEST(a_pipe_has_a_reading_and_a_writing_end)
{
    struct loop *loop = NULL;
    struct stream *from = NULL;
    struct stream *to = NULL;
    int ends[2];

    signals_ignore_pipe();
    CHECK_OK(loop_new(1, &loop));
    CHECK(pipe(ends) == 0);
    CHECK_OK(stream_open_fd(loop, ends[0], &options, &from));
    CHECK_OK(stream_open_fd(loop, ends[1], &options, &to));
    CHECK(!stream_is_broken(from) && !stream_is_broken(to));
    CHECK_EQ(stream_peer(from)->kind, ADDRESS_NONE);
    CHECK_EQ(stream_local(from).kind, ADDRESS_NONE);
    CHECK_ERR(stream_write(from, S("x")), ERR_CLOSED);

    CHECK_OK(stream_write(to, S("line\n")));
    CHECK_OK(ask_once(loop, ask_more, from, 0));
    CHECK_SLICE(stream_in(from), "line\n");

    struct asker a = { 0 };
    asker_start(&a, loop, ask_end, from);
    loop_turn(loop);
    CHECK(op_is_active(&a.op));
    stream_close(to); /* flushes, then the descriptor goes */
    CHECK_ERR(asker_await(&a), ERR_CLOSED);
    stream_free(from);
    loop_free(loop);
}

TEST(the_writing_end_of_a_pipe_tells_when_asked_that_its_reader_has_gone)
{
    struct loop *loop = NULL;
    struct stream *to = NULL;
    struct asker a = { 0 };
    int ends[2];

    CHECK_OK(loop_new(1, &loop));
    CHECK(pipe(ends) == 0);
    CHECK_OK(stream_open_fd(loop, ends[1], &options, &to));
    asker_start(&a, loop, ask_end, to);
    loop_turn(loop);
    CHECK(op_is_active(&a.op));
    CHECK(close(ends[0]) == 0);
    op_wake(&a.op);
    CHECK_ERR(asker_await(&a), ERR_CLOSED);
    stream_free(to);
    loop_free(loop);
}

TEST(a_full_pipe_that_is_closed_is_flushed_first)
{
    static char sink[65536];
    struct loop *loop = NULL;
    struct stream *to = NULL;
    size_t received = 0;
    ssize_t n = 1;
    int ends[2];

    CHECK_OK(loop_new(1, &loop));
    CHECK(pipe2(ends, O_NONBLOCK) == 0);
    CHECK_OK(stream_open_fd(loop, ends[1], &options, &to));
    CHECK_OK(stream_write(to, zeros(500000)));
    CHECK(stream_unsent(to) > 0);
    stream_close(to);
    for (unsigned i = 0; i < MANY_TURNS && n != 0; i++) {
        n = read(ends[0], sink, sizeof(sink));
        received += n > 0 ? (size_t)n : 0;
        loop_turn(loop);
    }
    CHECK_EQ(n, 0); /* the end, after all of it */
    CHECK_EQ(received, 500000);
    CHECK(close(ends[0]) == 0);
    loop_free(loop);
}

TEST(a_terminal_is_a_stream)
{
    struct loop *loop = NULL;
    struct stream *s = NULL;
    char name[64];
    int keyboard = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    CHECK_OK(loop_new(1, &loop));
    CHECK(keyboard >= 0 && grantpt(keyboard) == 0 && unlockpt(keyboard) == 0);
    CHECK(ptsname_r(keyboard, name, sizeof(name)) == 0);
    CHECK_OK(stream_open_fd(loop, open(name, O_RDWR | O_NOCTTY | O_CLOEXEC), &options, &s));
    CHECK(write(keyboard, "typed\n", 6) == 6);
    CHECK_OK(ask_once(loop, ask_more, s, 5));
    CHECK_SLICE(stream_in(s), "typed\n");
    CHECK_OK(stream_write(s, S("shown")));
    CHECK_EQ(stream_peer(s)->kind, ADDRESS_NONE);
    stream_close(s);
    loop_free(loop);
    CHECK(close(keyboard) == 0);
}

TEST(a_file_or_a_closed_descriptor_is_no_stream)
{
    struct loop *loop = NULL;
    struct stream *s = NULL;
    int fd = open("/dev/null", O_RDWR);

    CHECK_OK(loop_new(1, &loop));
    CHECK(fd > 2);
    CHECK_ERR(stream_open_fd(loop, fd, &options, &s), ERR_UNSUPPORTED);
    CHECK_EQ(fcntl(fd, F_GETFD), -1); /* taken all the same */
    CHECK_ERR(stream_open_fd(loop, fd, &options, &s), ERR_SYSTEM);
    loop_free(loop);
}

/* -- Cancelling ----------------------------------------------------------------------------------------------- */

TEST(an_op_cancelled_in_any_wait_is_not_woken_by_the_stream)
{
    static enum err (*const questions[])(struct asker *) = { ask_more, ask_room, ask_flushed, ask_end };

    for (size_t i = 0; i < N_ELEMENTS(questions); i++) {
        struct scene sc;
        struct asker a = { 0 };
        open_scene(&sc);

        while (stream_unsent(sc.stream) < 2000)
            CHECK_OK(stream_write(sc.stream, zeros(500000)));
        asker_start(&a, sc.loop, questions[i], sc.stream);
        loop_turn(sc.loop);
        CHECK_EQ(a.n_runs, 1);
        op_cancel(&a.op);
        CHECK_EQ(peer_send(sc.peer, S("x")), 1);
        CHECK(close(sc.peer) == 0);
        sc.peer = -1;
        for (int n = 0; n < 10; n++)
            loop_turn(sc.loop);
        CHECK_EQ(a.n_runs, 1);
        close_scene(&sc);
    }
}

TEST(one_op_may_wait_for_everything_at_once_and_the_stream_may_go_first)
{
    struct scene sc;
    struct asker a = { 0 };
    open_scene(&sc);

    while (stream_unsent(sc.stream) < 2000)
        CHECK_OK(stream_write(sc.stream, zeros(500000)));
    asker_start(&a, sc.loop, ask_more, sc.stream);
    loop_turn(sc.loop);
    CHECK_ERR(stream_room(sc.stream, &a.op), WAIT);
    CHECK_ERR(stream_watch_end(sc.stream, &a.op), WAIT);
    CHECK_ERR(stream_flushed(sc.stream, &a.op), WAIT);
    stream_free(TAKE(sc.stream));
    loop_turn(sc.loop);
    CHECK_EQ(a.n_runs, 1);
    op_cancel(&a.op);
    close_scene(&sc);
}
