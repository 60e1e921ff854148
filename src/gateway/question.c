#include "gateway/question.h"

#include <stdlib.h>

#include "base/mem.h"
#include "gateway/session.h"
#include "json/json_write.h"

#define ID_PREFIX  S("\"q-") /* as JSON: the id is a string */
#define ANSWER_MAX (4u * 1024 * 1024)

#define DECLINED         S("{\"action\":\"cancel\"}")
#define SAMPLING_REFUSED S("{\"code\":-1,\"message\":\"The client cannot be asked to sample\"}")
#define ROOTS_REFUSED    S("{\"code\":-32603,\"message\":\"The client cannot be asked for its roots\"}")

static struct slice key_of(const struct question *q)
{
    return MAP_KEY(q->number);
}

enum err question_begin(struct question *q, struct session *session, struct slice method)
{
    uint64_t number = session->n_questions + 1;

    TRY(map_add(&session->questions, MAP_KEY(number), q));
    session->n_questions = number;
    q->session = session;
    q->number = number;
    q->method = mem_dup(method); /* the event it came with goes before the answer comes */
    return OK;
}

static void free_slice(struct slice *s)
{
    free((void *)(uintptr_t)s->ptr);
    *s = NO_SLICE;
}

void question_done(struct question *q)
{
    if (q->session != NULL)
        (void)map_remove(&q->session->questions, key_of(q));
    q->session = NULL;
    slot_clear(&q->changed);
    upstream_release(TAKE(q->origin.upstream));
    free_slice(&q->origin.key);
    free_slice(&q->method);
    free_slice(&q->result);
    free_slice(&q->error);
}

/* A URL to open needs an id in the legacy era, which the modern one does not have: ours serves (eras 6.2). */
static void put_params(const struct question *q, const struct json_value *params, struct json_writer *w)
{
    bool needs_id = slice_eq(q->method, S("elicitation/create")) &&
                    json_string_is(json_get(params, S("mode")), S("url")) &&
                    json_get(params, S("elicitationId")) == NULL;
    struct json_edit id = { S("elicitationId"), NO_SLICE };
    auto_buf text = { 0 };

    if (params == NULL)
        return;
    buf_init(&text, 64);
    buf_put(&text, ID_PREFIX);
    buf_put_u64(&text, q->number);
    buf_putc(&text, '"');
    id.raw = buf_slice(&text);
    json_name(w, S("params"));
    json_put_edited(w->to, params, &id, needs_id ? 1 : 0);
    w->comma = true;
}

void question_put(const struct question *q, const struct json_value *params, struct buf *to)
{
    struct json_writer w = json_writer(to);

    json_begin_object(&w);
    json_set_string(&w, S("jsonrpc"), S("2.0"));
    json_name(&w, S("id"));
    buf_put(to, ID_PREFIX);
    buf_put_u64(to, q->number);
    buf_putc(to, '"');
    w.comma = true;
    json_set_string(&w, S("method"), q->method);
    put_params(q, params, &w);
    json_end_object(&w);
}

/* The number of one of our ids, as JSON text; 0 for anything else. */
static uint64_t number_of(struct slice id)
{
    uint64_t number;

    if (!slice_starts(id, ID_PREFIX) || !slice_ends(id, S("\"")) || id.len <= ID_PREFIX.len + 1)
        return 0;
    struct slice digits = { id.ptr + ID_PREFIX.len, id.len - ID_PREFIX.len - 1 };
    return digits.ptr[0] != '0' && slice_to_u64(digits, &number) == OK ? number : 0;
}

static struct slice text_of(const struct json_value *value)
{
    auto_buf text;

    buf_init(&text, ANSWER_MAX);
    json_put(&text, value);
    return mem_dup(buf_slice(&text));
}

bool question_answer(struct session *session, struct slice id, const struct json_value *result,
                     const struct json_value *error)
{
    uint64_t number = number_of(id);
    struct question *q = map_find(&session->questions, MAP_KEY(number));

    if (q == NULL || q->answered)
        return false;
    if (error != NULL)
        q->error = text_of(error);
    else
        q->result = text_of(result);
    q->answered = true;
    if (q->origin.upstream != NULL)
        upstream_answer(q->origin.upstream, q->origin.number, q->result, q->error);
    slot_wake(&q->changed);
    return true;
}

bool question_is_allowed(const struct session *session, struct slice method, const struct json_value *params)
{
    const struct envelope *client = &session->envelope;

    if (slice_eq(method, S("roots/list")))
        return envelope_can(client, ENVELOPE_CAN_LIST_ROOTS);
    if (slice_eq(method, S("sampling/createMessage")))
        return envelope_can(client, json_get(params, S("tools")) != NULL ? ENVELOPE_CAN_SAMPLE_WITH_TOOLS
                                                                         : ENVELOPE_CAN_SAMPLE);
    if (slice_eq(method, S("elicitation/create")))
        return envelope_can(client, json_string_is(json_get(params, S("mode")), S("url")) ? ENVELOPE_CAN_ELICIT_URL
                                                                                          : ENVELOPE_CAN_ELICIT_FORM);
    return false;
}

/* ---- Lists of questions ---- */

static void forget(struct question *q)
{
    list_remove(&q->link);
    if (!q->answered)
        question_decline(&q->origin, q->method);
    question_done(q);
    free(q);
}

enum err question_add(struct list *questions, struct session *session, const struct question_origin *origin,
                      struct slice method, const struct json_value *params, struct buf *to)
{
    struct question *q = mem_zalloc(1, sizeof(*q));

    if (session == NULL || !question_is_allowed(session, method, params) || question_begin(q, session, method) != OK) {
        question_decline(origin, method);
        free(q);
        return ERR_UNSUPPORTED;
    }
    q->origin = (struct question_origin){ origin->upstream, origin->number, mem_dup(origin->key) };
    if (origin->upstream != NULL)
        upstream_hold(origin->upstream);
    list_append(questions, &q->link);
    question_put(q, params, to);
    if (buf_ok(to) != OK) {
        forget(q);
        return ERR_UNSUPPORTED;
    }
    return OK;
}

void question_forget_answered(struct list *questions)
{
    list_each(entry, following, questions) {
        struct question *q = container_of(entry, struct question, link);
        if (q->answered)
            forget(q);
    }
}

void question_forget_last(struct list *questions)
{
    forget(container_of(questions->prev, struct question, link));
}

void question_forget_all(struct list *questions)
{
    list_each(entry, following, questions)
        forget(container_of(entry, struct question, link));
}

void question_decline(const struct question_origin *origin, struct slice method)
{
    if (origin->upstream == NULL)
        return;
    if (slice_eq(method, S("elicitation/create")))
        upstream_answer(origin->upstream, origin->number, DECLINED, NO_SLICE);
    else
        upstream_answer(origin->upstream, origin->number, NO_SLICE,
                        slice_eq(method, S("roots/list")) ? ROOTS_REFUSED : SAMPLING_REFUSED);
}
