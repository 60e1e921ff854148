/*
 * A call: which method it names, what answers it, and how that becomes events on the caller's loop.
 *
 *     kit_call_start ──► ANSWERED (lists, and everything that is wrong) ──► last event
 *                   └──► HANDLING (a round is on a thread of the lane) ───► events … last event
 */
#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "kit/kit_internal.h"
#include "kit/line.h"
#include "kit/method.h"
#include "kit/outcome.h"
#include "kit/round.h"
#include "loop/op.h"
#include "json/json.h"
#include "json/json_write.h"

#define MAX_LIST_BYTES      (16u << 20)
#define MAX_RESPONSES_BYTES (16u << 20) /* they came in a message that was limited already */

struct kit_call {
    struct op op;
    enum { CALL_ANSWERED, CALL_HANDLING } state;
    struct kit *kit; /* borrowed */
    struct loop *loop;
    kit_event_fn fn;
    void *context;
    struct line *line;            /* NULL: no handler is at work */
    struct gatehouse_call *round; /* ours until work_drop */
    struct outcome outcome;       /* when ANSWERED */
    bool let_go;                  /* by kit_call_cancel: nobody but us knows the call */
};

static void tell(struct kit_call *call, const struct kit_event *event)
{
    if (!call->let_go)
        call->fn(call, event, call->context);
}

static void on_said(void *context, enum kit_event_kind kind, struct slice json)
{
    tell(context, &(struct kit_event){ .kind = kind, .json = json });
}

static void refuse(struct kit_call *call, int code, struct slice message)
{
    outcome_refuse(&call->outcome, code, message);
}

/* Hands what a handler is to do to the lane, or refuses the call. */
static void submit(struct kit_call *call, const struct kit_request *request, struct task *task, struct slice responses)
{
    struct kit *kit = call->kit;
    struct lane *lane = kit_lane(kit);

    if (lane == NULL) {
        refuse(call, RPC_INTERNAL_ERROR, S("The server cannot start a thread"));
        return;
    }
    call->line = line_new(call->loop, on_said, call);
    struct gatehouse_call *round = round_new(&(struct round_options){
        .entry = TAKE(task->entry),
        .line = call->line,
        .subject = task->subject,
        .principal = request->principal,
        .typed = task->typed,
        .arguments = buf_slice(&task->arguments),
        .responses = responses,
        .state = request->state,
        .freshness = task->freshness,
        .abilities = request->abilities,
        .log_level = request->log_level,
        .wants_progress = request->wants_progress,
        .max_result_bytes = kit->max_result_bytes,
    });
    if (work_submit(lane, call->loop, &round->work) != OK) {
        refuse(call, RPC_INTERNAL_ERROR, S("The server is busy; try again later"));
        return;
    }
    call->round = round;
    call->state = CALL_HANDLING;
}

static void start_round(struct kit_call *call, const struct kit_request *request, struct task *task)
{
    auto_buf responses;

    buf_init(&responses, MAX_RESPONSES_BYTES);
    if (request->input_responses != NULL && !json_is_object(request->input_responses)) {
        refuse(call, RPC_INVALID_PARAMS, S("inputResponses must be an object"));
        return;
    }
    if (request->input_responses != NULL)
        json_put(&responses, request->input_responses);
    submit(call, request, task, buf_slice(&responses));
}

static void start(struct kit_call *call, const struct kit_request *request)
{
    struct task task;

    method_start(call->kit, request, &task, &call->outcome);
    if (task.entry != NULL)
        start_round(call, request, &task);
    task_done(&task);
}

static void tell_outcome(struct kit_call *call, const struct outcome *o)
{
    struct kit_event event = outcome_event(o);

    tell(call, &event);
}

/* WAIT until the round has an outcome; a round that no thread took, because the kit ends, gets one here. */
static enum err handled(struct kit_call *call, struct op *op)
{
    enum err result = work_result(&call->round->work, op);

    if (result != WAIT && result != OK)
        round_refuse(call->round, RPC_INTERNAL_ERROR, S("The server is ending"));
    return result == WAIT ? WAIT : OK;
}

static enum err call_run(struct op *op)
{
    struct kit_call *call = container_of(op, struct kit_call, op);

    switch (call->state) {
    case CALL_HANDLING:
        TRY(handled(call, op));
        tell_outcome(call, &call->round->outcome);
        return OK;
    case CALL_ANSWERED:
        tell_outcome(call, &call->outcome);
        return OK;
    }
    UNREACHABLE();
}

static void call_free(struct kit_call *call)
{
    atomic_fetch_sub(&call->kit->n_users, 1);
    outcome_done(&call->outcome);
    free(call);
}

static void call_release(struct op *op)
{
    struct kit_call *call = container_of(op, struct kit_call, op);

    if (call->line != NULL)
        line_cut(call->line);
    line_free(TAKE(call->line));
    if (call->round != NULL)
        work_drop(&TAKE(call->round)->work);
    if (call->let_go)
        call_free(call);
}

struct kit_call *kit_call_start(struct kit *kit, struct loop *loop, const struct kit_request *request, kit_event_fn fn,
                                void *context)
{
    struct kit_call *call = mem_zalloc(1, sizeof(*call));

    atomic_fetch_add(&kit->n_users, 1);
    call->op = (struct op){ .run = call_run, .release = call_release };
    call->kit = kit;
    call->loop = loop;
    call->fn = fn;
    call->context = context;
    outcome_init(&call->outcome, MAX_LIST_BYTES);
    start(call, request);
    op_start(&call->op, loop, NULL);
    return call;
}

void kit_call_cancel(struct kit_call *call)
{
    if (call == NULL || call->let_go)
        return;
    call->let_go = true;
    if (op_is_active(&call->op))
        op_cancel(&call->op); /* release() frees, now or when the run that is under way has returned */
    else
        call_free(call);
}
