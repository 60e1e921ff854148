/*
 * Any bytes as a configuration file: they give a configuration or problems, never both, and never more than one line
 * each. The first line may begin with "#!" and then is a flag, PATH=VALUE, so that these are tried as well.
 */
#include "base/check.h"
#include "config/config.h"
#include "support/fuzz.h"

/* Every problem is one line of printable characters. */
static void check_problems(const struct problems *problems)
{
    auto_buf out = { 0 };
    size_t n_lines = 0;

    buf_init(&out, 2u << 20);
    problems_print(problems, &out);
    CHECK(buf_ok(&out) == OK);
    for (size_t i = 0; i < out.len; i++) {
        n_lines += out.ptr[i] == '\n';
        CHECK(out.ptr[i] == '\n' || (unsigned char)out.ptr[i] >= ' ');
    }
    CHECK(n_lines == problems->n + (problems->n_more > 0));
}

int fuzz_one(const uint8_t *data, size_t size)
{
    static const char *const environment[] = { "HOME=/h", "A=1", "B=${A}", "EMPTY=", NULL };
    struct slice text = { (const char *)data, size };
    struct config_flag flag = { .origin = "--set" };
    struct problems problems = { 0 };
    auto_free(config) config = NULL;

    if (slice_starts(text, S("#!"))) {
        struct slice line = slice_first(slice_from(text, 2), slice_find(slice_from(text, 2), '\n'));
        flag.path = slice_first(line, slice_find(line, '='));
        flag.value = slice_from(line, flag.path.len + 1);
    }
    enum err result = config_load(
        &(struct config_source){
            .file = "f.yaml", .text = text, .environment = environment, .flags = &flag, .n_flags = flag.path.len > 0 },
        &problems, &config);
    CHECK((result == OK) == (config != NULL) && (result == OK) == (problems.n == 0));
    check_problems(&problems);
    problems_done(&problems);
    return 0;
}
