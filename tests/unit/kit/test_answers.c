#include "kit/answers.h"

#include "support/test.h"
#include "json/json.h"

TEST(answers_of_this_round_stand_before_those_that_travelled)
{
    struct answers a;

    CHECK_OK(answers_init(&a, S("{\"one\":1}"), S("{\"a\":{\"one\":-1,\"two\":2}}")));
    CHECK_SLICE(json_number_text(answers_find(&a, S("one"))), "1");
    CHECK_SLICE(json_number_text(answers_find(&a, S("two"))), "2");
    CHECK(answers_find(&a, S("three")) == NULL);
    CHECK(!a.has_bytes);
    answers_done(&a);
}

TEST(the_first_round_has_neither_answers_nor_state)
{
    struct answers a;

    CHECK_OK(answers_init(&a, NO_SLICE, NO_SLICE));
    CHECK(answers_find(&a, S("one")) == NULL && !a.has_bytes);
    answers_done(&a);
}

TEST(what_is_no_state_of_ours_is_refused)
{
    const char *const bad[] = { "x", "[]", "{\"s\":7}", "{\"s\":\"?\"}" };
    struct answers a;

    for (size_t i = 0; i < N_ELEMENTS(bad); i++) {
        CHECK_ERR(answers_init(&a, NO_SLICE, slice_of(bad[i])), ERR_INVALID);
        answers_done(&a);
    }
    CHECK_ERR(answers_init(&a, S("[]"), NO_SLICE), ERR_INVALID);
    answers_done(&a);
}

static void check_round_trip(struct slice kept, bool has_bytes, struct slice bytes, const char *state)
{
    struct answers a;
    auto_buf text;

    buf_init(&text, 1000);
    answers_put_state(&text, kept, has_bytes, bytes);
    CHECK_SLICE(buf_slice(&text), state);
    CHECK_OK(answers_init(&a, NO_SLICE, buf_slice(&text)));
    CHECK_EQ(a.has_bytes, has_bytes);
    CHECK(slice_eq(buf_slice(&a.bytes), bytes));
    answers_done(&a);
}

TEST(state_comes_back_as_it_was_put)
{
    check_round_trip(NO_SLICE, false, NO_SLICE, "");
    check_round_trip(NO_SLICE, true, NO_SLICE, "{\"s\":\"\"}");
    check_round_trip(NO_SLICE, true, S("\0\xff"), "{\"s\":\"AP8=\"}");
    check_round_trip(S("\"k\":{\"x\":1}"), true, S("a"), "{\"s\":\"YQ==\",\"a\":{\"k\":{\"x\":1}}}");
}

static void check_at(const char *pointer, const char *expected)
{
    auto_free(json) json = NULL;
    struct err_at at;

    CHECK_OK(json_parse(S("{\"a\":[\"zero\",{\"b/c\":\"slash\",\"d~e\":\"tilde\"}],\"\":\"empty\"}"), &JSON_LIMITS_MCP,
                        &json, &at));
    CHECK_SLICE(json_string(answers_at(json_root(json), slice_of(pointer))), expected);
}

TEST(a_pointer_leads_to_a_part)
{
    check_at("/a/0", "zero");
    check_at("/a/1/b~1c", "slash");
    check_at("/a/1/d~0e", "tilde");
    check_at("/", "empty");
    check_at("/a/2", "");
    check_at("/a/-1", "");
    check_at("/a/0/0", "");
    check_at("/x/y", "");
    check_at("/a/1/d~", "");
    check_at("/a/1/d~2e", "");
    check_at("a/0", "");
}
