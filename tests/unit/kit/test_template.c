#include "kit/template.h"

#include "support/test.h"

static void check_match(const char *template, const char *uri, const char *expected)
{
    auto_free(template) t = NULL;
    auto_buf variables;

    buf_init(&variables, 1000);
    CHECK_OK(template_parse(slice_of(template), &t));
    bool matches = template_match(t, slice_of(uri), &variables);
    CHECK_EQ(matches, expected != NULL);
    if (expected != NULL)
        CHECK_SLICE(buf_slice(&variables), expected);
}

TEST(a_variable_stands_for_what_is_between_the_literals)
{
    check_match("test://template/{id}/data", "test://template/123/data", "{\"id\":\"123\"}");
    check_match("a:{x}-{y}", "a:1-2", "{\"x\":\"1\",\"y\":\"2\"}");
    check_match("a:{x}", "a:all of it", "{\"x\":\"all of it\"}");
    check_match("a:{x}.txt", "a:b.txt.txt", "{\"x\":\"b.txt\"}");
    check_match("a:{x}-{y}", "a:1-2-3", "{\"x\":\"1\",\"y\":\"2-3\"}");
    check_match("a:{x}--{y}", "a:---b", "{\"x\":\"-\",\"y\":\"b\"}");
}

TEST(a_variable_is_never_empty_and_holds_no_slash)
{
    check_match("a:{x}/b", "a:/b", NULL);
    check_match("a:{x}/b", "a:c/d/b", NULL);
    check_match("a:{x}", "a:", NULL);
    check_match("a:{x}-{y}", "a:1", NULL);
    check_match("a:{x}-{y}", "a:1-", NULL);
    check_match("a:{x}/b", "a:c/bb", NULL);
    check_match("a:{x}/b", "b:c/b", NULL);
    check_match("a:{x}bb", "a:b", NULL); /* the end may not overlap the value */
}

TEST(a_variable_with_plus_takes_the_rest_with_its_slashes)
{
    check_match("file:///{+path}", "file:///a/b/c", "{\"path\":\"a/b/c\"}");
    check_match("file:///{root}/{+path}", "file:///a/b/c", "{\"root\":\"a\",\"path\":\"b/c\"}");
    check_match("file:///{+path}/info", "file:///a/b/info", "{\"path\":\"a/b\"}");
}

TEST(values_are_percent_decoded_or_do_not_fit)
{
    check_match("a:{x}", "a:%C3%A4%2f%22", "{\"x\":\"\xC3\xA4/\\\"\"}");
    check_match("a:{x}", "a:100%", NULL);
    check_match("a:{x}", "a:%4", NULL);
    check_match("a:{x}", "a:%zz", NULL);
    check_match("a:{x}", "a:b%00c", NULL);
    check_match("a:{x}", "a:%ff", NULL);
}

static enum err parse(const char *text)
{
    auto_free(template) t = NULL;

    return template_parse(slice_of(text), &t);
}

TEST(what_could_not_be_read_backwards_is_refused)
{
    CHECK_ERR(parse("a:b"), ERR_SYNTAX);
    CHECK_ERR(parse("a:{x"), ERR_SYNTAX);
    CHECK_ERR(parse("a:x}"), ERR_SYNTAX);
    CHECK_ERR(parse("a:{x}}"), ERR_SYNTAX);
    CHECK_ERR(parse("a:}{x}"), ERR_SYNTAX);
    CHECK_ERR(parse("a:{}"), ERR_SYNTAX);
    CHECK_ERR(parse("a:{x}{y}"), ERR_SYNTAX);
    CHECK_ERR(parse("a:{?x}"), ERR_SYNTAX);
    CHECK_ERR(parse("a:{x*}"), ERR_SYNTAX);
    CHECK_ERR(parse("a:{+x}/{y}"), ERR_SYNTAX);
    CHECK_ERR(parse("a:{x}/{x}"), ERR_DUPLICATE);
    CHECK_ERR(parse("{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}"), OK);
    CHECK_ERR(parse("{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q}"), ERR_SYNTAX);
}

TEST(a_template_knows_its_variables)
{
    auto_free(template) t = NULL;

    CHECK_OK(template_parse(S("a:{x}/{+rest}"), &t));
    CHECK(template_has_variable(t, S("x")) && template_has_variable(t, S("rest")));
    CHECK(!template_has_variable(t, S("+rest")) && !template_has_variable(t, S("")));
}
