#include "kit/registry.h"

#include <stdlib.h>

#include "base/mem.h"
#include "kit/template.h"
#include "support/test.h"

static enum err add(struct registry *r, enum entry_kind kind, const char *name)
{
    struct entry *e = entry_new(kind, slice_of(name));

    e->json = mem_strdup(slice_of(name));
    if (kind == ENTRY_TEMPLATE)
        CHECK_OK(template_parse(slice_of(name), &e->template));
    return registry_add(r, e);
}

static void check_page(struct registry *r, uint64_t after, size_t n, const char *expected, uint64_t next)
{
    auto_buf text;
    uint64_t ret_next = 77;

    buf_init(&text, 1000);
    CHECK_OK(registry_page(r, ENTRY_TOOL, after, n, &text, &ret_next));
    CHECK_SLICE(buf_slice(&text), expected);
    CHECK_EQ(ret_next, next);
}

TEST(entries_are_found_by_name_within_their_kind)
{
    struct registry *r = registry_new();

    CHECK_OK(add(r, ENTRY_TOOL, "a"));
    CHECK_OK(add(r, ENTRY_PROMPT, "a"));
    CHECK_ERR(add(r, ENTRY_TOOL, "a"), ERR_DUPLICATE);
    CHECK_EQ(registry_count(r, ENTRY_TOOL), 1);

    auto_free(entry) found = registry_find(r, ENTRY_TOOL, S("a"));
    CHECK(found != NULL && found->kind == ENTRY_TOOL);
    CHECK(registry_find(r, ENTRY_TOOL, S("b")) == NULL);
    CHECK(registry_find(r, ENTRY_RESOURCE, S("a")) == NULL);
    registry_free(r);
}

TEST(who_found_an_entry_keeps_it_beyond_its_removal)
{
    struct registry *r = registry_new();

    CHECK_OK(add(r, ENTRY_TOOL, "a"));
    auto_free(entry) found = registry_find(r, ENTRY_TOOL, S("a"));
    CHECK_OK(registry_remove(r, ENTRY_TOOL, S("a")));
    CHECK_ERR(registry_remove(r, ENTRY_TOOL, S("a")), ERR_NOT_FOUND);
    CHECK_EQ(registry_count(r, ENTRY_TOOL), 0);
    registry_free(r);
    CHECK_SLICE(slice_of(found->name), "a");
}

TEST(pages_follow_the_order_of_adding)
{
    struct registry *r = registry_new();

    check_page(r, 0, 2, "", 0);
    CHECK_OK(add(r, ENTRY_TOOL, "c"));
    CHECK_OK(add(r, ENTRY_TOOL, "a"));
    CHECK_OK(add(r, ENTRY_TOOL, "b"));
    check_page(r, 0, 2, "c,a", 2);
    check_page(r, 2, 2, "b", 0);
    check_page(r, 0, 3, "c,a,b", 0);
    check_page(r, 3, 3, "", 0);
    registry_free(r);
}

TEST(a_page_goes_on_where_it_was_though_entries_came_and_went)
{
    struct registry *r = registry_new();

    for (const char *name = "a\0b\0c\0d\0"; *name != '\0'; name += 2)
        CHECK_OK(add(r, ENTRY_TOOL, name));
    check_page(r, 0, 2, "a,b", 2);
    CHECK_OK(registry_remove(r, ENTRY_TOOL, S("b")));
    CHECK_OK(registry_remove(r, ENTRY_TOOL, S("c")));
    CHECK_OK(add(r, ENTRY_TOOL, "b")); /* the same name, another entry */
    check_page(r, 2, 2, "d,b", 0);
    registry_free(r);
}

TEST(a_number_that_no_entry_ever_had_is_no_place_to_go_on)
{
    struct registry *r = registry_new();
    auto_buf text;
    uint64_t next;

    buf_init(&text, 10);
    CHECK_OK(add(r, ENTRY_TOOL, "a"));
    CHECK_ERR(registry_page(r, ENTRY_TOOL, 2, 1, &text, &next), ERR_NOT_FOUND);
    registry_free(r);
}

TEST(the_first_template_that_fits_wins)
{
    struct registry *r = registry_new();
    auto_buf variables;

    buf_init(&variables, 100);
    CHECK_OK(add(r, ENTRY_TEMPLATE, "a:{x}/b"));
    CHECK_OK(add(r, ENTRY_TEMPLATE, "a:{+y}"));
    auto_free(entry) first = registry_match(r, S("a:1/b"), &variables);
    CHECK_SLICE(buf_slice(&variables), "{\"x\":\"1\"}");
    auto_free(entry) second = registry_match(r, S("a:1/c"), &variables);
    CHECK_SLICE(buf_slice(&variables), "{\"y\":\"1/c\"}");
    CHECK(first != second);
    CHECK(registry_match(r, S("b:1"), &variables) == NULL);
    registry_free(r);
}

TEST(completions_go_with_their_subject)
{
    struct registry *r = registry_new();

    CHECK_OK(add(r, ENTRY_COMPLETION, "prompt\np\na"));
    CHECK_OK(add(r, ENTRY_COMPLETION, "prompt\npp\na"));
    CHECK_OK(add(r, ENTRY_COMPLETION, "prompt\np\nb"));
    registry_remove_completions(r, S("prompt\np\n"));
    CHECK_EQ(registry_count(r, ENTRY_COMPLETION), 1);
    registry_free(r);
}

TEST(a_kind_has_room_for_so_many_and_no_more)
{
    struct registry *r = registry_new();
    auto_buf name;

    buf_init(&name, 100);
    for (unsigned i = 0; i <= REGISTRY_MAX; i++) {
        buf_clear(&name);
        buf_printf(&name, "t%u", i);
        buf_putc(&name, '\0');
        CHECK_ERR(add(r, ENTRY_TOOL, name.ptr), i < REGISTRY_MAX ? OK : ERR_LIMIT);
    }
    registry_free(r);
}
