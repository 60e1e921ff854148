#include "loop/signals.h"
#include "net/listener.h"
#include "rig.h"

static const struct listener_options options = {
    .backlog = 8,
    .stream = { .in_max_bytes = 1000, .out_max_bytes = 16u << 20, .out_low_bytes = 1000 },
};

struct scene {
    struct loop *loop;
    struct listener *listener;
    struct stream *stream;
    int peer;
};

static enum err ask_accept(struct asker *a)
{
    struct stream *s = NULL;
    enum err e = listener_accept(a->subject, &a->op, &s);

    if (e == OK)
        a->answer_ptr = s;
    return e;
}

static void open_scene(struct scene *sc)
{
    struct address any;
    struct sockaddr_storage to;
    struct asker a = { 0 };

    signals_ignore_pipe();
    CHECK_OK(address_parse(S("127.0.0.1:0"), &any));
    CHECK_OK(loop_new(1, &sc->loop));
    CHECK_OK(listener_new(sc->loop, &any, &options, &sc->listener));
    socklen_t len = address_to_sockaddr(listener_address(sc->listener), &to);
    sc->peer = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(sc->peer, (const struct sockaddr *)&to, len) == 0);
    asker_start(&a, sc->loop, ask_accept, sc->listener);
    CHECK_OK(asker_await(&a));
    sc->stream = a.answer_ptr;
}

static void close_scene(struct scene *sc)
{
    if (sc->peer >= 0)
        CHECK(close(sc->peer) == 0);
    listener_free(sc->listener);
    loop_free(sc->loop);
}

static size_t write_until_unsent(struct stream *s, size_t unsent)
{
    size_t written = 0;

    while (stream_unsent(s) < unsent) {
        CHECK_OK(stream_write(s, zeros(1u << 20)));
        written += 1u << 20;
    }
    return written;
}

TEST(the_last_words_arrive_although_the_peer_still_talks)
{
    struct scene sc;
    open_scene(&sc);

    CHECK(peer_send(sc.peer, zeros(100000)) > 1000); /* more than we ever read: closing at once would reset */
    size_t written = write_until_unsent(sc.stream, 1);
    stream_close(TAKE(sc.stream));
    CHECK_EQ(peer_receive_all(sc.loop, sc.peer), written);
    close_scene(&sc);
}

/* Does the peer see that its connection is gone altogether, so that what it sends is answered by a reset? */
static bool is_gone(struct scene *sc)
{
    for (int i = 0; i < 50; i++) {
        loop_turn(sc->loop);
        if (send(sc->peer, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            return true;
    }
    return false;
}

TEST(a_peer_that_never_ends_is_cut_after_two_seconds)
{
    struct scene sc;
    open_scene(&sc);

    CHECK_OK(stream_write(sc.stream, S("bye")));
    stream_close(TAKE(sc.stream));
    CHECK_EQ(peer_receive_all(sc.loop, sc.peer), 3);
    CHECK(!is_gone(&sc));
    loop_skip_ns(sc.loop, 2 * NS_PER_S + NS_PER_S / 4);
    CHECK(is_gone(&sc));
    close_scene(&sc);
}

TEST(a_peer_that_floods_the_closing_stream_is_cut)
{
    struct scene sc;
    size_t sent = 0;
    open_scene(&sc);

    stream_close(TAKE(sc.stream));
    for (unsigned i = 0; i < MANY_TURNS; i++) {
        ssize_t n = send(sc.peer, zeros(65536).ptr, 65536, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            break;
        sent += n > 0 ? (size_t)n : 0;
        loop_turn(sc.loop);
        CHECK(sent < 64u << 20);
    }
    CHECK(sent >= 1u << 20);
    close_scene(&sc);
}

TEST(a_peer_that_does_not_read_is_cut_after_five_seconds_without_progress)
{
    struct scene sc;
    open_scene(&sc);

    (void)write_until_unsent(sc.stream, 1u << 20);
    stream_close(TAKE(sc.stream));
    for (int i = 0; i < 20; i++)
        loop_turn(sc.loop);
    CHECK(!is_gone(&sc));
    for (int i = 0; i < 4 && !is_gone(&sc); i++) /* what the kernels pass on from one to the other is progress, too */
        loop_skip_ns(sc.loop, 6 * NS_PER_S);
    CHECK(is_gone(&sc)); /* before the half minute that it has in all */
    close_scene(&sc);
}

TEST(a_slow_peer_has_half_a_minute_in_all)
{
    static char sink[65536];
    struct scene sc;
    unsigned n_seconds = 0;
    open_scene(&sc);

    (void)write_until_unsent(sc.stream, 15u << 20);
    stream_close(TAKE(sc.stream));
    for (size_t n = 1; n != PEER_BROKEN && n != 0 && n_seconds < 60; n_seconds++) {
        for (int i = 0; i < 5; i++) { /* some progress each second, and never the end of it */
            n = peer_receive(sc.peer, sink, sizeof(sink));
            loop_turn(sc.loop);
        }
        loop_skip_ns(sc.loop, NS_PER_S);
        for (int i = 0; i < 5; i++)
            loop_turn(sc.loop);
        if (is_gone(&sc))
            break;
    }
    CHECK(n_seconds >= 25 && n_seconds <= 31);
    close_scene(&sc);
}

TEST(closing_streams_end_with_their_loop_in_any_state)
{
    for (int state = 0; state < 4; state++) {
        struct scene sc;
        open_scene(&sc);

        if (state == 1 || state == 2)
            (void)write_until_unsent(sc.stream, 1u << 20);
        stream_close(TAKE(sc.stream));
        if (state >= 2)
            loop_turn(sc.loop);
        close_scene(&sc);
    }
}

TEST(a_peer_that_ended_before_us_is_closed_at_once)
{
    struct scene sc;
    open_scene(&sc);

    CHECK(shutdown(sc.peer, SHUT_WR) == 0);
    CHECK_ERR(ask_once(sc.loop, ask_end, sc.stream, 0), ERR_CLOSED);
    CHECK_OK(stream_write(sc.stream, S("answer")));
    stream_close(TAKE(sc.stream));
    CHECK_EQ(peer_receive_all(sc.loop, sc.peer), 6);
    CHECK(is_gone(&sc));
    close_scene(&sc);
}
