#include "cli/help.h"

#include "config/file.h"
#include "config/options.h"
#include "support/test.h"

static const enum args_verb pages[] = { ARGS_NONE, ARGS_SERVE_ONE, ARGS_SERVE, ARGS_CHECK, ARGS_CONFIG, ARGS_VERSION };

TEST(every_verb_has_a_page_that_fits_a_terminal)
{
    for (size_t i = 0; i < N_ELEMENTS(pages); i++) {
        auto_buf page = { 0 };
        struct slice line;
        buf_init(&page, 1u << 16);
        help_print(pages[i], &page);
        CHECK_OK(buf_ok(&page));
        struct slice rest = buf_slice(&page);
        CHECK(slice_search(rest, S("Usage:")) != SIZE_MAX && slice_ends(rest, S("\n")));
        while (slice_next(&rest, '\n', &line))
            CHECK(line.len <= 120);
    }
}

TEST(every_option_stands_for_a_setting_and_is_in_the_help_and_the_manual)
{
    auto_buf page = { 0 };
    auto_buf manual = { 0 };
    size_t n;
    const struct args_option *options = args_options(&n);

    buf_init(&page, 1u << 16);
    buf_init(&manual, 1u << 20);
    help_print(ARGS_NONE, &page);
    CHECK_OK(file_read("docs/gatehouse.1", &manual));
    for (size_t i = 0; i < n; i++) {
        auto_buf written = { 0 }; /* a dash is "\-" in the manual's source */
        struct slice server;
        buf_init(&written, 256);
        for (const char *c = options[i].name; *c != '\0'; c++)
            buf_printf(&written, *c == '-' ? "\\%c" : "%c", *c);
        CHECK(slice_search(buf_slice(&page), slice_of(options[i].name)) != SIZE_MAX);
        CHECK(slice_search(buf_slice(&manual), buf_slice(&written)) != SIZE_MAX);
        CHECK(options[i].setting == NULL || options_find(slice_of(options[i].setting), &server) != NULL);
    }
}
