#include "gateway/session_event.h"

#include "gateway/question.h"
#include "rig.h"

static struct rig rig;
static struct session *session;
static struct list questions;

static void begin(void)
{
    static const struct gateway_options options = { GATEWAY_DEFAULTS };
    struct upstream_session *upstream;

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

static struct event *new_event(enum event_kind kind, const char *method, const char *params)
{
    struct json *json = fake_json(params);
    struct event *e = event_new(kind, json, json_root(json), 10);

    e->method = slice_of(method);
    e->question = 7;
    return e;
}

static enum err put(struct event *e, struct buf *to)
{
    buf_init(to, 1000);
    return session_event_put(session, &questions, e, to);
}

TEST(changes_and_log_lines_become_notifications)
{
    auto_buf change = { 0 };
    auto_buf line = { 0 };

    begin();
    CHECK_OK(put(new_event(EVENT_NOTIFICATION, "notifications/resources/updated", "{\"uri\":\"a:b\"}"), &change));
    CHECK_SLICE(buf_slice(&change),
                "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/resources/updated\",\"params\":{\"uri\":\"a:b\"}}");
    CHECK_OK(put(new_event(EVENT_LOG, "", "{\"level\":\"info\",\"data\":1}"), &line));
    CHECK_SLICE(
        buf_slice(&line),
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{\"level\":\"info\",\"data\":1}}");
    end();
}

TEST(a_question_is_put_to_a_client_that_can_be_asked_and_to_no_other)
{
    auto_buf asked = { 0 };
    auto_buf refused = { 0 };

    begin();
    session->envelope.abilities = 1u << ENVELOPE_CAN_LIST_ROOTS;
    CHECK_OK(put(new_event(EVENT_QUESTION, "roots/list", "{}"), &asked));
    CHECK(slice_search(buf_slice(&asked), S("\"method\":\"roots/list\"")) != SIZE_MAX);
    CHECK_EQ(session->questions.n, 1);

    session->envelope.abilities = 0;
    CHECK_ERR(put(new_event(EVENT_QUESTION, "roots/list", "{}"), &refused), ERR_UNSUPPORTED);
    CHECK_EQ(session->questions.n, 1);
    end();
}

TEST(a_message_that_does_not_fit_is_not_cut)
{
    auto_buf small = { 0 };

    begin();
    buf_init(&small, 20);
    CHECK_ERR(
        session_event_put(session, &questions, new_event(EVENT_LOG, "", "{\"level\":\"info\",\"data\":1}"), &small),
        ERR_LIMIT);
    end();
}
