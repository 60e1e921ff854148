#include "config/problems.h"

#include "support/test.h"

TEST(problems_are_printed_in_the_order_of_the_text)
{
    auto_buf out = { 0 };
    struct problems p = { 0 };

    problem_add(&p, (struct place){ "g.yaml", 9, 1 }, "late");
    problem_add(&p, (struct place){ "--set", 0, 0 }, "flag %d", 1);
    problem_add(&p, (struct place){ "g.yaml", 2, 7 }, "early, right");
    problem_add(&p, (struct place){ "g.yaml", 2, 3 }, "early, left");
    problem_add(&p, (struct place){ "g.yaml", 2, 3 }, "early, left, second");
    buf_init(&out, 4096);
    problems_print(&p, &out);
    CHECK_SLICE(buf_slice(&out), "g.yaml:2:3: early, left\n"
                                 "g.yaml:2:3: early, left, second\n"
                                 "g.yaml:2:7: early, right\n"
                                 "g.yaml:9:1: late\n"
                                 "--set: flag 1\n");
    problems_done(&p);
}

TEST(beyond_a_hundred_they_are_counted)
{
    auto_buf out = { 0 };
    struct problems p = { 0 };

    for (int i = 0; i < 103; i++)
        problem_add(&p, (struct place){ "f", 1, 1 }, "x");
    buf_init(&out, 1u << 16);
    problems_print(&p, &out);
    CHECK(slice_ends(buf_slice(&out), S("f:1:1: x\nand 3 more\n")));
    CHECK_EQ(p.n, 100);
    problems_done(&p);
}

TEST(quoted_text_stays_on_its_line_and_is_cut)
{
    char text[200];
    memset(text, 'x', sizeof(text));
    auto_buf nasty = problem_quote(S("a\n\x1b[2J\""
                                     "\xe2\x80\xae"));
    CHECK_SLICE(slice_of(nasty.ptr), "\"a\\n\\u001b[2J\\\"\\u202e\"");
    auto_buf cut = problem_quote((struct slice){ text, sizeof(text) });
    CHECK_EQ(strlen(cut.ptr), 80 + 2 + strlen("…"));
    auto_buf absent = problem_quote(NO_SLICE);
    CHECK_SLICE(slice_of(absent.ptr), "\"\"");
}
