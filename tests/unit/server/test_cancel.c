/* A connection can be ended in every state: nothing leaks, nobody is called after it. The sanitizers look. */
#include "rig.h"

#define HEAD_OF(path) "POST " path " HTTP/1.1\r\nHost: localhost\r\n"

static struct rig rig;

/* What a client has sent when the server ends, and how far it reads. */
static const struct scene {
    const char *name;
    struct slice sent;
    size_t n_events; /* of /stream */
} scenes[] = {
    { "nothing was sent", S(""), 0 },
    { "half a head", S("POST /echo HTTP/1.1\r\nHo"), 0 },
    { "a head of many pieces", S("POST /echo HTTP/1.1\r\nHost: localhost\r\nA: b\r\nC: d\r\n"), 0 },
    { "half a body", S(HEAD_OF("/echo") "Content-Length: 9\r\n\r\nhalf"), 0 },
    { "half a chunk", S(HEAD_OF("/echo") "Transfer-Encoding: chunked\r\n\r\n9\r\nhalf"), 0 },
    { "told to go on", S(HEAD_OF("/echo") "Content-Length: 9\r\nExpect: 100-continue\r\n\r\n"), 0 },
    { "a handler at work", S(HEAD_OF("/hang") "\r\n"), 0 },
    { "a handler at work, the next request waiting", S(HEAD_OF("/hang") "\r\n" HEAD_OF("/echo") "\r\n"), 0 },
    { "a full stream", S(HEAD_OF("/stream") "\r\n"), 4000 },
    { "an answer", S(HEAD_OF("/echo") "\r\n"), 0 },
    { "a refusal", S("GET / HTTP/1.1\nHost: localhost\n\n"), 0 },
};

/* Plays each scene for 0, 1, 2 ... turns of the loop, and then ends it by `end`. */
static void play_all(void (*end)(int fd))
{
    for (size_t i = 0; i < N_ELEMENTS(scenes); i++) {
        for (unsigned turns = 0; turns < 12; turns++) {
            rig = (struct rig){ 0 };
            seen.n_events = scenes[i].n_events;
            seen.event_bytes = 64 << 10;
            seen.waits_for_room = true;
            rig_start(&rig);
            int fd = client_connect(&rig);
            CHECK_EQ(send(fd, scenes[i].sent.ptr, scenes[i].sent.len, MSG_NOSIGNAL), scenes[i].sent.len);
            rig_turn(&rig, turns);
            end(fd);
            rig_done(&rig);
            close(fd);
        }
    }
}

static void end_now(int fd)
{
    (void)fd; /* the server is freed */
}

static void end_by_reset(int fd)
{
    struct linger now = { .l_onoff = 1, .l_linger = 0 };

    CHECK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) == 0);
    CHECK(shutdown(fd, SHUT_RDWR) == 0);
    rig_turn(&rig, 20);
    CHECK_EQ(server_stats(rig.server).streams, 0);
}

static void end_by_half_close(int fd)
{
    CHECK(shutdown(fd, SHUT_WR) == 0);
    rig_turn(&rig, 20);
    CHECK_EQ(seen.n_hanging, 0);
}

static void end_by_draining(int fd)
{
    (void)fd;
    server_drain(rig.server, 50);
    rig_turn(&rig, 5);
    loop_skip_ns(rig.loop, NS_PER_S);
    rig_turn(&rig, 5);
    CHECK_EQ(server_stats(rig.server).connections, 0);
}

TEST(the_server_may_end_at_any_turn)
{
    play_all(end_now);
}

TEST(the_client_may_reset_at_any_turn)
{
    play_all(end_by_reset);
}

TEST(the_client_may_half_close_at_any_turn)
{
    play_all(end_by_half_close);
}

TEST(the_server_may_be_drained_at_any_turn)
{
    play_all(end_by_draining);
}
