#include "kit/kit.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "unit/kit/visit.h"

static void greet(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_textf(call, "Hello, %s!", gatehouse_arg_string(call, "name"));
}

static void add_greet(struct gatehouse_server *server)
{
    CHECK_EQ(
        gatehouse_add_tool(server,
                           &(struct gatehouse_tool){
                               .name = "greet",
                               .input_schema = "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}},"
                                               "\"required\":[\"name\"]}",
                               .handler = greet,
                           }),
        GATEHOUSE_OK);
}

TEST(a_tool_answers_with_what_its_handler_adds)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_greet(server);
    check_result(server, loop, "tools/call", "{\"name\":\"greet\",\"arguments\":{\"name\":\"Ada\"}}",
                 "{\"content\":[{\"type\":\"text\",\"text\":\"Hello, Ada!\"}]}");
    gatehouse_server_free(server);
}

TEST(bad_arguments_are_told_to_the_model_and_never_reach_the_handler)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_greet(server);
    check_result(
        server, loop, "tools/call", "{\"name\":\"greet\"}",
        "{\"content\":[{\"type\":\"text\",\"text\":\"the argument \\\"name\\\" is missing\"}],\"isError\":true}");
    check_result(
        server, loop, "tools/call", "{\"name\":\"greet\",\"arguments\":null}",
        "{\"content\":[{\"type\":\"text\",\"text\":\"the argument \\\"name\\\" is missing\"}],\"isError\":true}");
    check_result(server, loop, "tools/call", "{\"name\":\"greet\",\"arguments\":{\"name\":7}}",
                 "{\"content\":[{\"type\":\"text\",\"text\":\"the argument \\\"name\\\" must be of type string\"}],"
                 "\"isError\":true}");
    check_error(server, loop, "tools/call", "{\"name\":\"greet\",\"arguments\":[1]}", -32602,
                "arguments must be an object", "");
    gatehouse_server_free(server);
}

TEST(what_is_not_there_is_refused_by_its_own_code)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_greet(server);
    check_error(server, loop, "tools/call", "{\"name\":\"nobody\"}", -32602, "Unknown tool", "");
    check_error(server, loop, "tools/call", NULL, -32602, "Unknown tool", "");
    check_error(server, loop, "tools/brew", "{}", -32601, "Method not found", "");
    check_error(server, loop, "prompts/list", "{}", -32601, "Method not found", ""); /* has no prompts */
    check_error(server, loop, "resources/read", "{\"uri\":\"a:b\"}", -32601, "Method not found", "");
    gatehouse_server_free(server);
}

/* ---- Handlers that wait ---- */

struct gate {
    sem_t entered;
    sem_t open;
    atomic_bool saw_cancel;
};

static void wait_at_gate(struct gatehouse_call *call, void *user)
{
    struct gate *gate = user;

    CHECK(sem_post(&gate->entered) == 0);
    while (sem_wait(&gate->open) != 0)
        ;
    gatehouse_add_text(call, "through");
}

static void wait_long(struct gatehouse_call *call, void *user)
{
    struct gate *gate = user;

    CHECK(sem_post(&gate->entered) == 0);
    if (!gatehouse_wait_ms(call, 50000) && gatehouse_cancelled(call))
        atomic_store(&gate->saw_cancel, true);
    gatehouse_progress(call, 1, 0, NULL); /* goes nowhere */
    CHECK(sem_post(&gate->open) == 0);
}

static void gate_init(struct gate *gate)
{
    CHECK(sem_init(&gate->entered, 0, 0) == 0 && sem_init(&gate->open, 0, 0) == 0);
    atomic_init(&gate->saw_cancel, false);
}

static void wait_for(sem_t *sem)
{
    while (sem_wait(sem) != 0)
        ;
}

static struct gatehouse_server *narrow_server(struct gate *gate, gatehouse_handler_fn handler)
{
    struct gatehouse_server *server = gatehouse_server_new(
        &(struct gatehouse_server_options){ .name = "narrow", .version = "1", .n_threads = 1, .max_waiting = 1 });

    gate_init(gate);
    CHECK_EQ(gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = "gate", .handler = handler, .user = gate }),
             GATEHOUSE_OK);
    return server;
}

TEST(a_full_pool_answers_busy_and_serves_on)
{
    auto_free(loop) loop = new_loop();
    struct gate gate;
    struct gatehouse_server *server = narrow_server(&gate, wait_at_gate);
    struct visit running;
    struct visit waiting;

    visit_start(&running, server, loop, "tools/call", "{\"name\":\"gate\"}", (struct extra){ 0 });
    wait_for(&gate.entered);
    visit_start(&waiting, server, loop, "tools/call", "{\"name\":\"gate\"}", (struct extra){ 0 });
    check_error(server, loop, "tools/call", "{\"name\":\"gate\"}", -32603, "The server is busy; try again later", "");

    CHECK(sem_post(&gate.open) == 0 && sem_post(&gate.open) == 0);
    CHECK_EQ(visit_end(&running)->kind, KIT_RESULT);
    CHECK_EQ(visit_end(&waiting)->kind, KIT_RESULT);
    visit_forget(&running);
    visit_forget(&waiting);
    gatehouse_server_free(server);
}

TEST(cancelling_wakes_a_handler_that_waits_and_tells_nobody)
{
    auto_free(loop) loop = new_loop();
    struct gate gate;
    struct gatehouse_server *server = narrow_server(&gate, wait_long);
    struct visit v;

    visit_start(&v, server, loop, "tools/call", "{\"name\":\"gate\"}", (struct extra){ .wants_progress = true });
    wait_for(&gate.entered);
    kit_call_cancel(TAKE(v.call));
    wait_for(&gate.open);
    CHECK(atomic_load(&gate.saw_cancel));
    for (int i = 0; i < 5; i++)
        loop_turn(loop);
    CHECK_EQ(v.n, 0);
    visit_forget(&v);
    gatehouse_server_free(server);
}

TEST(a_server_that_ends_waits_for_the_handler_of_a_cancelled_call)
{
    struct loop *loop = new_loop();
    struct gate gate;
    struct gatehouse_server *server = narrow_server(&gate, wait_long);
    struct visit v;

    visit_start(&v, server, loop, "tools/call", "{\"name\":\"gate\"}", (struct extra){ .wants_progress = true });
    wait_for(&gate.entered);
    kit_call_cancel(TAKE(v.call));
    loop_free(loop); /* the handler must not touch it any more */
    gatehouse_server_free(server);
    CHECK(atomic_load(&gate.saw_cancel));
    visit_forget(&v);
}

TEST(a_call_is_cancelled_before_its_first_turn_and_while_it_is_queued)
{
    auto_free(loop) loop = new_loop();
    struct gate gate;
    struct gatehouse_server *server = narrow_server(&gate, wait_at_gate);
    struct visit listed;
    struct visit running;
    struct visit queued;

    visit_start(&listed, server, loop, "tools/list", NULL, (struct extra){ 0 });
    kit_call_cancel(TAKE(listed.call));
    visit_forget(&listed);
    visit_start(&running, server, loop, "tools/call", "{\"name\":\"gate\"}", (struct extra){ 0 });
    wait_for(&gate.entered);
    visit_start(&queued, server, loop, "tools/call", "{\"name\":\"gate\"}", (struct extra){ 0 });
    kit_call_cancel(TAKE(queued.call));
    CHECK_EQ(queued.n, 0);
    visit_forget(&queued);
    CHECK(sem_post(&gate.open) == 0);
    CHECK_EQ(visit_end(&running)->kind, KIT_RESULT);
    visit_forget(&running);
    gatehouse_server_free(server);
}

static void hear_and_cancel(struct kit_call *call, const struct kit_event *event, void *context)
{
    unsigned *n = context;

    (void)event;
    (*n)++;
    kit_call_cancel(call);
}

static void three_steps(struct gatehouse_call *call, void *user)
{
    (void)user;
    for (int i = 1; i <= 3; i++)
        gatehouse_progress(call, i, 3, NULL);
}

TEST(whoever_hears_an_event_may_cancel_the_call_from_inside)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();
    struct json *params = parse("{\"name\":\"steps\"}");
    unsigned n_said = 0;
    unsigned n_last = 0;

    CHECK_EQ(gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = "steps", .handler = three_steps }),
             GATEHOUSE_OK);
    (void)kit_call_start(
        kit_of(server), loop,
        &(struct kit_request){ .method = S("tools/call"), .params = json_root(params), .wants_progress = true },
        hear_and_cancel, &n_said); /* ends by its first progress */
    while (n_said == 0)
        loop_turn(loop);
    (void)kit_call_start(kit_of(server), loop, &(struct kit_request){ .method = S("tools/list") }, hear_and_cancel,
                         &n_last); /* ends by its last event */
    while (n_last == 0)
        loop_turn(loop);
    for (int i = 0; i < 5; i++)
        loop_turn(loop);
    CHECK_EQ(n_said, 1);
    CHECK_EQ(n_last, 1);
    json_free(params);
    gatehouse_server_free(server);
}

/* ---- Progress and log ---- */

static void narrate(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_progress(call, 0, 100, NULL);
    gatehouse_log(call, GATEHOUSE_DEBUG, NULL, "too low");
    gatehouse_log(call, GATEHOUSE_WARNING, "oven", "getting \"hot\"");
    gatehouse_progress(call, 0, 100, NULL); /* does not grow */
    gatehouse_progress(call, 12.5, 100, "half-baked");
    gatehouse_log_json(call, GATEHOUSE_ERROR, NULL, "{ \"degrees\": 400 }");
    gatehouse_add_text(call, "done");
}

TEST(progress_and_log_messages_come_in_order_before_the_result)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();
    struct visit v;

    CHECK_EQ(gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = "bake", .handler = narrate }), GATEHOUSE_OK);
    visit_start(&v, server, loop, "tools/call", "{\"name\":\"bake\"}",
                (struct extra){ .wants_progress = true, .log_level = SEVERITY_INFO });
    CHECK_EQ(visit_end(&v)->kind, KIT_RESULT);
    CHECK_EQ(v.n, 5);
    CHECK_EQ(v.heard[0].kind, KIT_PROGRESS);
    CHECK_SLICE(slice_of(v.heard[0].json), "{\"progress\":0,\"total\":100}");
    CHECK_EQ(v.heard[1].kind, KIT_LOG);
    CHECK_SLICE(slice_of(v.heard[1].json),
                "{\"level\":\"warning\",\"logger\":\"oven\",\"data\":\"getting \\\"hot\\\"\"}");
    CHECK_SLICE(slice_of(v.heard[2].json), "{\"progress\":12.5,\"total\":100,\"message\":\"half-baked\"}");
    CHECK_SLICE(slice_of(v.heard[3].json), "{\"level\":\"error\",\"data\":{\"degrees\":400}}");
    visit_forget(&v);

    visit_start(&v, server, loop, "tools/call", "{\"name\":\"bake\"}", (struct extra){ 0 });
    CHECK_EQ(visit_end(&v)->kind, KIT_RESULT);
    CHECK_EQ(v.n, 1); /* nobody asked for them */
    visit_forget(&v);
    gatehouse_server_free(server);
}

static void chatter(struct gatehouse_call *call, void *user)
{
    struct gate *gate = user;

    for (int i = 0; i < 10000; i++)
        gatehouse_progress(call, i, 0, NULL);
    CHECK(sem_post(&gate->entered) == 0);
}

TEST(a_handler_that_chatters_fills_no_memory_and_still_ends)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();
    struct gate gate;
    struct visit v;

    gate_init(&gate);
    CHECK_EQ(gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = "chat", .handler = chatter, .user = &gate }),
             GATEHOUSE_OK);
    visit_start(&v, server, loop, "tools/call", "{\"name\":\"chat\"}", (struct extra){ .wants_progress = true });
    wait_for(&gate.entered); /* nobody reads until here: what is over the limit is lost, the result is not */
    CHECK_EQ(visit_end(&v)->kind, KIT_RESULT);
    CHECK(v.n <= 257);
    visit_forget(&v);
    gatehouse_server_free(server);
}

/* ---- Many at once ---- */

static void step_a_little(struct gatehouse_call *call, void *user)
{
    (void)user;
    for (int i = 0; i < 3 && gatehouse_wait_ms(call, 1); i++)
        gatehouse_progress(call, i, 0, NULL);
}

/* One loop of several: starts calls and cancels each third at once, each third after a turn, and awaits the others. */
static void *visit_often(void *arg)
{
    struct gatehouse_server *server = arg;
    auto_free(loop) loop = new_loop();

    for (unsigned i = 0; i < 60; i++) {
        struct visit v;
        visit_start(&v, server, loop, "tools/call", "{\"name\":\"steps\"}", (struct extra){ .wants_progress = true });
        if (i % 3 == 1)
            loop_turn(loop);
        if (i % 3 == 2)
            CHECK_EQ(visit_end(&v)->kind, KIT_RESULT);
        kit_call_cancel(TAKE(v.call));
        visit_forget(&v);
    }
    return NULL;
}

TEST(several_loops_share_a_server_and_cancel_at_all_moments)
{
    struct gatehouse_server *server = new_server();
    pthread_t threads[3];

    add_handler(server, "steps", step_a_little);
    for (size_t i = 0; i < N_ELEMENTS(threads); i++)
        CHECK(pthread_create(&threads[i], NULL, visit_often, server) == 0);
    for (size_t i = 0; i < N_ELEMENTS(threads); i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    gatehouse_server_free(server);
}

static void remove_itself(struct gatehouse_call *call, void *user)
{
    CHECK_EQ(gatehouse_remove_tool(user, gatehouse_subject(call)), GATEHOUSE_OK);
    gatehouse_add_text(call, "bye");
}

TEST(a_handler_may_remove_its_own_tool)
{
    auto_free(loop) loop = new_loop();
    struct gatehouse_server *server = new_server();

    add_handler(server, "once", remove_itself);
    check_result(server, loop, "tools/call", "{\"name\":\"once\"}",
                 "{\"content\":[{\"type\":\"text\",\"text\":\"bye\"}]}");
    check_error(server, loop, "tools/call", "{\"name\":\"once\"}", -32601, "Method not found", "");
    gatehouse_server_free(server);
}
