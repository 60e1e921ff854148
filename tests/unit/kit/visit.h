/*
 * What the kit's tests share: a server on a loop, and visits to it that remember what they are told.
 *
 * Memory: everything lives until its test's process ends, unless the test frees it.
 */
#pragma once

#include <stdlib.h>

#include <gatehouse/server.h>

#include "base/mem.h"
#include "kit/kit.h"
#include "loop/loop.h"
#include "support/test.h"
#include "json/json.h"

#define VISIT_MAX 512 /* events; more of them fail the test */

struct heard {
    enum kit_event_kind kind;
    char *json;
    char *state;
    char *message;
    int code;
};

struct visit {
    struct loop *loop;
    struct kit_call *call;
    struct heard *heard; /* VISIT_MAX of them */
    size_t n;
    bool over; /* the last event was heard */
};

static inline bool is_last(enum kit_event_kind kind)
{
    return kind == KIT_RESULT || kind == KIT_ERROR || kind == KIT_INPUT_REQUIRED;
}

static inline void visit_hear(struct kit_call *call, const struct kit_event *event, void *context)
{
    struct visit *v = context;

    CHECK(call == v->call && !v->over && v->n < VISIT_MAX);
    v->heard[v->n++] = (struct heard){
        .kind = event->kind,
        .json = mem_strdup(event->json),
        .state = mem_strdup(event->state),
        .message = mem_strdup(event->message),
        .code = event->code,
    };
    v->over = is_last(event->kind);
    loop_stop(v->loop);
}

/* What a request says beside method and params; all may be left out. */
struct extra {
    const char *responses; /* JSON */
    const char *state;
    const char *principal;
    unsigned abilities;
    enum log_severity log_level;
    bool wants_progress;
};

static inline struct json *parse(const char *text)
{
    struct json *json = NULL;
    struct err_at at;

    if (text != NULL)
        CHECK_OK(json_parse(slice_of(text), &JSON_LIMITS_MCP, &json, &at));
    return json;
}

static inline void visit_start(struct visit *v, struct gatehouse_server *server, struct loop *loop, const char *method,
                               const char *params, struct extra extra)
{
    struct json *p = parse(params);
    struct json *r = parse(extra.responses);

    *v = (struct visit){ .loop = loop, .heard = mem_zalloc(VISIT_MAX, sizeof(struct heard)) };
    v->call = kit_call_start(kit_of(server), loop,
                             &(struct kit_request){ .method = slice_of(method),
                                                    .params = p != NULL ? json_root(p) : NULL,
                                                    .input_responses = r != NULL ? json_root(r) : NULL,
                                                    .state = slice_of(extra.state),
                                                    .principal = slice_of(extra.principal),
                                                    .abilities = extra.abilities,
                                                    .log_level = extra.log_level,
                                                    .wants_progress = extra.wants_progress },
                             visit_hear, v);
    CHECK_EQ(v->n, 0);
    json_free(p);
    json_free(r);
}

/* Waits for the last event and gives the call back; gives what was heard last, which stays in the visit. */
static inline const struct heard *visit_end(struct visit *v)
{
    while (!v->over)
        loop_run(v->loop);
    kit_call_cancel(TAKE(v->call));
    return &v->heard[v->n - 1];
}

static inline void visit_forget(struct visit *v)
{
    for (size_t i = 0; i < v->n; i++) {
        free(v->heard[i].json);
        free(v->heard[i].state);
        free(v->heard[i].message);
    }
    free(v->heard);
    *v = (struct visit){ .loop = v->loop };
}

/* A whole visit that ends in a result. */
static inline void check_result(struct gatehouse_server *server, struct loop *loop, const char *method,
                                const char *params, const char *expected)
{
    struct visit v;

    visit_start(&v, server, loop, method, params, (struct extra){ 0 });
    const struct heard *last = visit_end(&v);
    CHECK_SLICE(slice_of(last->message), "");
    CHECK_EQ(last->kind, KIT_RESULT);
    CHECK_SLICE(slice_of(last->json), expected);
    visit_forget(&v);
}

static inline void check_error(struct gatehouse_server *server, struct loop *loop, const char *method,
                               const char *params, int code, const char *message, const char *data)
{
    struct visit v;

    visit_start(&v, server, loop, method, params, (struct extra){ 0 });
    const struct heard *last = visit_end(&v);
    CHECK_EQ(last->kind, KIT_ERROR);
    CHECK_EQ(last->code, code);
    CHECK_SLICE(slice_of(last->message), message);
    CHECK_SLICE(slice_of(last->json), data);
    visit_forget(&v);
}

static inline struct loop *new_loop(void)
{
    struct loop *loop = NULL;

    CHECK_OK(loop_new(1, &loop));
    return loop;
}

static inline struct gatehouse_server *new_server(void)
{
    return gatehouse_server_new(&(struct gatehouse_server_options){ .name = "tests", .version = "1" });
}

static inline void add_handler(struct gatehouse_server *server, const char *name, gatehouse_handler_fn handler)
{
    CHECK_EQ(gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = name,
                                                                  .handler = handler,
                                                                  .user = server,
                                                                  .input_schema = "{\"type\":\"object\"}" }),
             GATEHOUSE_OK);
}

static inline void add_prompt(struct gatehouse_server *server, const char *name, gatehouse_handler_fn handler)
{
    CHECK_EQ(gatehouse_add_prompt(server, &(struct gatehouse_prompt){ .name = name, .handler = handler }),
             GATEHOUSE_OK);
}

static inline void add_resource(struct gatehouse_server *server, const char *uri, gatehouse_handler_fn handler)
{
    CHECK_EQ(gatehouse_add_resource(server,
                                    &(struct gatehouse_resource){
                                        .uri = uri, .name = "r", .handler = handler, .mime_type = "text/plain" }),
             GATEHOUSE_OK);
}

static inline void say_nothing(struct gatehouse_call *call, void *user)
{
    (void)call;
    (void)user;
}
