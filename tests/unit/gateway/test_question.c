#include "gateway/question.h"

#include "rig.h"

static struct rig rig;
static struct session *session;
static struct upstream_session *upstream;
static struct list questions;

static void begin(void)
{
    static const struct gateway_options options = { GATEWAY_DEFAULTS };

    rig_begin(&rig, &options);
    rig_be_legacy(&rig);
    CHECK_OK(session_alone(rig.endpoint, &rig.envelope, &session));
    CHECK_OK(session_upstream(session, &upstream));
    list_init(&questions);
}

static void end(void)
{
    question_forget_all(&questions);
    session_release(session);
    rig_end(&rig);
}

static bool can(unsigned abilities, struct slice method, const char *text)
{
    auto_free(json) params = fake_json(text);

    session->envelope.abilities = abilities;
    return question_is_allowed(session, method, json_root(params));
}

TEST(a_client_is_asked_what_it_said_it_can)
{
    static const struct slice elicit = S("elicitation/create"), sample = S("sampling/createMessage");

    begin();
    CHECK(can(1u << ENVELOPE_CAN_ELICIT_FORM, elicit, "{}"));
    CHECK(can(1u << ENVELOPE_CAN_ELICIT_FORM, elicit, "{\"mode\":\"form\"}"));
    CHECK(!can(1u << ENVELOPE_CAN_ELICIT_FORM, elicit, "{\"mode\":\"url\"}"));
    CHECK(can(1u << ENVELOPE_CAN_ELICIT_URL, elicit, "{\"mode\":\"url\"}"));
    CHECK(!can(1u << ENVELOPE_CAN_ELICIT_URL, elicit, "{}"));
    CHECK(can(1u << ENVELOPE_CAN_SAMPLE, sample, "{}"));
    CHECK(!can(1u << ENVELOPE_CAN_SAMPLE, sample, "{\"tools\":[]}"));
    CHECK(can(1u << ENVELOPE_CAN_SAMPLE_WITH_TOOLS, sample, "{\"tools\":[]}"));
    CHECK(can(1u << ENVELOPE_CAN_LIST_ROOTS, S("roots/list"), "{}"));
    CHECK(!can(0, S("roots/list"), "{}"));
    CHECK(!can(~0u, S("ping"), "{}"));
    end();
}

/* Gives the id of the question, as JSON text in `to`. */
static enum err add(const struct question_origin *origin, struct buf *to)
{
    auto_free(json) params = fake_json("{\"message\":\"a\\u0000b\"}");
    auto_buf request;

    buf_init(&request, 1000);
    TRY(question_add(&questions, session, origin, S("elicitation/create"), json_root(params), &request));
    CHECK(slice_starts(buf_slice(&request), S("{\"jsonrpc\":\"2.0\",\"id\":\"q-")));
    CHECK(slice_ends(buf_slice(&request),
                     S(",\"method\":\"elicitation/create\",\"params\":{\"message\":\"a\\u0000b\"}}")));
    struct slice id = slice_from(buf_slice(&request), 22);
    buf_init(to, 100);
    buf_put(to, slice_first(id, slice_search(id, S(","))));
    return OK;
}

TEST(an_answer_finds_its_question_once)
{
    auto_free(json) answer = fake_json("{\"action\":\"accept\"}");
    auto_buf id;

    begin();
    CHECK_OK(add(&(struct question_origin){ upstream, 9, NO_SLICE }, &id));
    CHECK(question_answer(session, buf_slice(&id), json_root(answer), NULL));
    CHECK(!question_answer(session, buf_slice(&id), json_root(answer), NULL));
    CHECK_EQ(fake_heard(rig.fake, "answer 9 {\"action\":\"accept\"}"), 1);
    question_forget_answered(&questions);
    CHECK(list_is_empty(&questions));
    CHECK_EQ(fake_heard(rig.fake, "answer"), 1);
    CHECK(!question_answer(session, buf_slice(&id), json_root(answer), NULL));
    end();
}

TEST(ids_that_are_not_ours_find_nothing)
{
    static const struct slice ids[] = {
        S(""),
        S("1"),
        S("\"\""),
        S("\"q-\""),
        S("\"q-x\""),
        S("\"q-1"),
        S("q-1"),
        S("\"Q-1\""),
        S("null"),
        S("\"q--1\""),
        S("\"q-18446744073709551616\""),
        S("\"q-0\""),
        S("\"q- 1\""),
    };
    auto_buf id;

    begin();
    CHECK_OK(add(&(struct question_origin){ upstream, 9, NO_SLICE }, &id));
    for (size_t i = 0; i < N_ELEMENTS(ids); i++)
        CHECK(!question_answer(session, ids[i], NULL, NULL));
    end();
}

TEST(the_same_number_in_another_session_is_another_question)
{
    struct session *other;
    auto_buf id;

    begin();
    CHECK_OK(session_alone(rig.endpoint, &rig.envelope, &other));
    CHECK_OK(add(&(struct question_origin){ upstream, 9, NO_SLICE }, &id));
    CHECK(!question_answer(other, buf_slice(&id), NULL, NULL));
    CHECK(session->n_questions != other->n_questions); /* nor does it begin anew after a restart */
    session_release(other);
    end();
}

TEST(an_upstream_that_waits_is_told_when_its_question_is_forgotten)
{
    auto_buf id, round;

    begin();
    CHECK_OK(add(&(struct question_origin){ upstream, 9, NO_SLICE }, &id));
    CHECK_OK(add(&(struct question_origin){ .key = S("k") }, &round));
    question_forget_answered(&questions); /* neither is */
    CHECK_EQ(session->questions.n, 2);
    question_forget_last(&questions);
    CHECK_EQ(fake_heard(rig.fake, "answer"), 0);
    question_forget_all(&questions);
    CHECK_EQ(fake_heard(rig.fake, "answer 9 {\"action\":\"cancel\"}"), 1);
    end();
}

TEST(nobody_is_asked_without_a_session_or_an_ability)
{
    auto_buf to;
    struct question_origin origin = { upstream, 3, NO_SLICE };

    begin();
    origin.upstream = upstream;
    buf_init(&to, 1000);
    CHECK_ERR(question_add(&questions, NULL, &origin, S("roots/list"), NULL, &to), ERR_UNSUPPORTED);
    CHECK_ERR(question_add(&questions, session, &origin, S("no/such"), NULL, &to), ERR_UNSUPPORTED);
    CHECK_EQ(fake_heard(rig.fake, "answer 3 error {\"code\":-32603"), 1);
    CHECK_EQ(fake_heard(rig.fake, "answer 3 error {\"code\":-1"), 1);
    CHECK_EQ(to.len, 0);
    CHECK(list_is_empty(&questions));
    end();
}

TEST(a_question_that_does_not_fit_is_declined)
{
    auto_buf to;

    begin();
    buf_init(&to, 10);
    CHECK_ERR(question_add(&questions, session, &(struct question_origin){ upstream, 3, NO_SLICE },
                           S("elicitation/create"), NULL, &to),
              ERR_UNSUPPORTED);
    CHECK_EQ(fake_heard(rig.fake, "answer 3 {\"action\":\"cancel\"}"), 1);
    CHECK_EQ(session->questions.n, 0);
    end();
}

TEST(a_question_of_its_own_is_harmless_to_forget_twice)
{
    struct question q = { 0 };

    begin();
    CHECK_OK(question_begin(&q, session, S("roots/list")));
    CHECK_EQ(session->questions.n, 1);
    question_done(&q);
    question_done(&q);
    CHECK_EQ(session->questions.n, 0);
    end();
}
