#include "kit/outcome.h"

#include "support/test.h"

TEST(a_refusal_throws_away_what_was_there)
{
    struct outcome o;

    outcome_init(&o, 100);
    buf_put(&o.json, S("{\"half\":"));
    buf_put(&o.state, S("state"));
    outcome_refuse(&o, RPC_INVALID_PARAMS, S("no"));
    struct kit_event event = outcome_event(&o);
    CHECK_EQ(event.kind, KIT_ERROR);
    CHECK_EQ(event.code, -32602);
    CHECK_SLICE(event.message, "no");
    CHECK_SLICE(event.json, "");
    CHECK_SLICE(event.state, "");
    outcome_name_uri(&o, S("a:b"));
    CHECK_SLICE(outcome_event(&o).json, "{\"uri\":\"a:b\"}");
    outcome_done(&o);
}

TEST(a_message_too_long_is_cut_between_characters)
{
    struct outcome o;
    auto_buf text;

    buf_init(&text, OUTCOME_MAX_MESSAGE + 10);
    outcome_init(&o, 100);
    while (text.len < OUTCOME_MAX_MESSAGE - 1)
        buf_putc(&text, 'x');
    buf_put(&text, S("\xC3\xA4\xC3\xA4"));
    outcome_refuse(&o, 1, buf_slice(&text));
    CHECK_EQ(outcome_event(&o).message.len, OUTCOME_MAX_MESSAGE - 1);
    outcome_done(&o);
}
