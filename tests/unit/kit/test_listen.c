#include "kit/kit.h"

#include <pthread.h>

#include "base/buf.h"
#include "unit/kit/visit.h"

struct ear {
    struct loop *loop;
    struct kit_listener *listener;
    struct buf told;
    bool leaves; /* at the first thing it hears */
};

static void hear(enum kit_change change, struct slice uri, void *context)
{
    static const char letters[] = { 't', 'p', 'r', 'u' };
    struct ear *ear = context;

    buf_putc(&ear->told, letters[change]);
    buf_put(&ear->told, uri);
    buf_putc(&ear->told, ' ');
    if (ear->leaves)
        kit_unlisten(TAKE(ear->listener));
}

static void listen_with(struct ear *ear, struct gatehouse_server *server, struct loop *loop)
{
    *ear = (struct ear){ .loop = loop };
    buf_init(&ear->told, 100000);
    ear->listener = kit_listen(kit_of(server), loop, hear, ear);
}

static void check_told(struct ear *ear, const char *expected)
{
    for (int i = 0; i < 3; i++)
        loop_turn(ear->loop);
    CHECK_SLICE(buf_slice(&ear->told), expected);
    buf_clear(&ear->told);
}

static void unlisten(struct ear *ear)
{
    kit_unlisten(TAKE(ear->listener));
    buf_done(&ear->told);
}

TEST(equal_changes_are_told_once_and_different_ones_each)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();
    struct ear ear;

    listen_with(&ear, server, loop);
    check_told(&ear, "");
    gatehouse_tools_changed(server);
    gatehouse_tools_changed(server);
    gatehouse_resources_changed(server);
    gatehouse_prompts_changed(server);
    check_told(&ear, "t p r ");
    gatehouse_tools_changed(server);
    check_told(&ear, "t ");
    unlisten(&ear);
    gatehouse_server_free(server);
}

TEST(updates_name_their_resource_until_they_are_too_many)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();
    struct ear ear;
    auto_buf uri;

    listen_with(&ear, server, loop);
    gatehouse_resource_updated(server, "a:1");
    gatehouse_resource_updated(server, "a:2");
    gatehouse_resource_updated(server, "a:1");
    check_told(&ear, "ua:1 ua:2 ");

    buf_init(&uri, 100);
    for (unsigned i = 0; i < 65; i++) {
        buf_clear(&uri);
        buf_printf(&uri, "a:%u", i);
        buf_putc(&uri, '\0');
        gatehouse_resource_updated(server, uri.ptr);
    }
    for (int i = 0; i < 3; i++)
        loop_turn(loop);
    CHECK(slice_starts(buf_slice(&ear.told), S("u ua:0 ua:1 "))); /* the nameless one first */
    CHECK(slice_ends(buf_slice(&ear.told), S(" ua:63 ")));
    unlisten(&ear);
    gatehouse_server_free(server);
}

TEST(adding_and_removing_tells_by_itself)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();
    struct ear ear;

    listen_with(&ear, server, loop);
    add_handler(server, "t", say_nothing);
    check_told(&ear, "t ");
    add_prompt(server, "p", say_nothing);
    add_resource(server, "a:b", say_nothing);
    check_told(&ear, "p r ");
    CHECK_EQ(gatehouse_remove_prompt(server, "p"), GATEHOUSE_OK);
    check_told(&ear, "p ");
    CHECK_EQ(gatehouse_remove_prompt(server, "p"), GATEHOUSE_NOT_FOUND);
    check_told(&ear, "");
    unlisten(&ear);
    gatehouse_server_free(server);
}

TEST(who_has_left_is_told_nothing_be_it_in_the_middle_of_being_told)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();
    struct ear gone;
    struct ear leaving;

    listen_with(&gone, server, loop);
    listen_with(&leaving, server, loop);
    leaving.leaves = true;
    gatehouse_tools_changed(server);
    gatehouse_prompts_changed(server);
    kit_unlisten(TAKE(gone.listener));
    check_told(&gone, "");
    check_told(&leaving, "t ");
    buf_done(&gone.told);
    buf_done(&leaving.told);
    gatehouse_server_free(server);
}

TEST(a_loop_may_end_with_a_change_unread)
{
    struct loop *loop = new_loop();
    struct gatehouse_server *server = new_server();
    struct ear ear;

    listen_with(&ear, server, loop);
    gatehouse_resource_updated(server, "a:1");
    unlisten(&ear);
    loop_free(loop);
    gatehouse_server_free(server);
}

static void *shout(void *server)
{
    for (int i = 0; i < 1000; i++) {
        gatehouse_tools_changed(server);
        gatehouse_resource_updated(server, "a:1");
    }
    return NULL;
}

TEST(changes_come_from_any_thread_while_listeners_come_and_go)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();
    pthread_t threads[2];

    for (size_t i = 0; i < 2; i++)
        CHECK(pthread_create(&threads[i], NULL, shout, server) == 0);
    for (int i = 0; i < 50; i++) {
        struct ear ear;
        listen_with(&ear, server, loop);
        loop_turn(loop);
        unlisten(&ear);
    }
    for (size_t i = 0; i < 2; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    gatehouse_server_free(server);
}
