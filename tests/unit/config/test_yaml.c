#include "config/yaml.h"

#include "support/test.h"

static struct arena arena;
static struct problems problems;

static enum err parse(const char *text, struct yaml **ret)
{
    arena_init(&arena, 8u << 20);
    return yaml_parse(slice_of(text), "f", &arena, &problems, ret);
}

static void finish(void)
{
    arena_done(&arena);
    problems_done(&problems);
}

#define CHECK_PLACE(place_, line_, column_)                                                                            \
    do {                                                                                                               \
        CHECK_EQ((place_).line, line_);                                                                                \
        CHECK_EQ((place_).column, column_);                                                                            \
    } while (0)

TEST(everything_knows_its_line_and_column)
{
    struct yaml *root = NULL;
    CHECK_OK(parse("listen: [\"a\", b]\nlimits:\n  x: 'y' # why\n  z: |\n    text\n", &root));

    struct yaml *listen = yaml_member(root, S("listen"));
    CHECK(listen->kind == YAML_LIST);
    CHECK_PLACE(listen->key_place, 1, 1);
    CHECK_PLACE(listen->place, 1, 9);
    CHECK_PLACE(listen->first->place, 1, 10);
    CHECK_PLACE(listen->first->next->place, 1, 15);
    CHECK_EQ(listen->n, 2);

    struct yaml *limits = yaml_member(root, S("limits"));
    struct yaml *x = yaml_member(limits, S("x"));
    CHECK_SLICE(x->text, "y");
    CHECK(x->is_quoted);
    CHECK_PLACE(x->key_place, 3, 3);
    CHECK_PLACE(x->place, 3, 6);
    CHECK_SLICE(yaml_member(limits, S("z"))->text, "text\n");
    finish();
}

TEST(scalars_stay_texts)
{
    struct yaml *root = NULL;
    CHECK_OK(parse("a: yes\nb: 010\nc:\nd: ~\n", &root));
    CHECK_SLICE(yaml_member(root, S("a"))->text, "yes");
    CHECK_SLICE(yaml_member(root, S("b"))->text, "010");
    CHECK_SLICE(yaml_member(root, S("c"))->text, "");
    CHECK(!yaml_member(root, S("c"))->is_quoted);
    CHECK_SLICE(yaml_member(root, S("d"))->text, "~");
    finish();
}

TEST(an_empty_text_has_no_tree)
{
    struct yaml *root = NULL;
    CHECK_OK(parse("", &root));
    CHECK(root == NULL);
    finish();
    CHECK_OK(parse("# nothing\n", &root));
    CHECK(root == NULL);
    finish();
}

TEST(a_double_key_is_told_and_the_first_one_stays)
{
    struct yaml *root = NULL;
    auto_buf out = { 0 };
    CHECK_OK(parse("a: 1\nb: {x: 1, x: {y: 2}, z: 3}\na: [2]\n", &root));
    CHECK_SLICE(yaml_member(root, S("a"))->text, "1");
    CHECK_SLICE(yaml_member(yaml_member(root, S("b")), S("z"))->text, "3");
    buf_init(&out, 1000);
    problems_print(&problems, &out);
    CHECK_SLICE(buf_slice(&out),
                "f:2:11: the key \"x\" is already in line 2\nf:3:1: the key \"a\" is already in line 1\n");
    finish();
}

TEST(what_a_configuration_does_not_need_is_refused_with_its_place)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        { "a: &x 1\n", "f:1:7: anchors are not used here\n" },
        { "a: *x\n", "f:1:4: aliases are not used here\n" },
        { "a: !!int 1\n", "f:1:10: tags are not used here\n" },
        { "a: 1\n---\nb: 2\n", "f:2:1: there is a second document in the file\n" },
        { "? [a]\n: 1\n", "f:1:3: a key is a plain text\n" },
        { "a: \"\\0\"\n", "f:1:4: a text cannot hold a NUL\n" },
        { "a: 1\nb: \x01\n", "f:2:4: there is a control character in the text\n" },
        { "a: \xff\n", "f:1:1: the text is not valid UTF-8\n" },
        { "a: [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]\n", "f:1:19: this is nested too deeply\n" },
        { "a: b\n  c: [1, 2\nd: \"x\n", "f:1:4: this is not YAML: invalid multiline plain key\n" },
        { "a:\n\tb: 1\n", "f:2:1: this is not YAML: tab character may not be used as indentation\n" },
        { "a: @b\n", "f:1:4: this is not YAML: plain scalar cannot start with '@'\n" },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct yaml *root = NULL;
        auto_buf out = { 0 };
        CHECK_ERR(parse(rows[i].text, &root), ERR_INVALID);
        CHECK(root == NULL);
        buf_init(&out, 1000);
        problems_print(&problems, &out);
        CHECK_SLICE(buf_slice(&out), rows[i].message);
        finish();
    }
}

TEST(a_text_of_countless_parts_is_refused)
{
    auto_buf text = { 0 };
    struct yaml *root = NULL;

    buf_init(&text, 1u << 20);
    buf_put(&text, S("a: ["));
    for (unsigned i = 0; i < YAML_MAX_NODES; i++)
        buf_put(&text, S("1,"));
    buf_put(&text, (struct slice){ "]", 2 });
    CHECK_ERR(parse(text.ptr, &root), ERR_INVALID);
    CHECK(slice_eq(slice_of(problems.items[0].text), S("there is too much in here")));
    finish();
}
