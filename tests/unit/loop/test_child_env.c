#include "loop/child_env.h"

#include <stdlib.h>

#include "base/mem.h"
#include "support/test.h"

static struct slice entry(const struct child_env *env, const char *start)
{
    size_t n;
    const struct slice *entries = child_env_entries(env, &n);

    for (size_t i = 0; i < n; i++)
        if (slice_starts(entries[i], slice_of(start)))
            return entries[i];
    return NO_SLICE;
}

TEST(a_child_gets_the_few_that_every_program_needs_and_no_secret)
{
    setenv("PATH", "/usr/bin", 1);
    setenv("TZ", "UTC", 1);
    setenv("API_KEY", "s3cret", 1);
    unsetenv("LANG");
    auto_free(child_env) env = child_env_new();

    CHECK_SLICE(entry(env, "PATH="), "PATH=/usr/bin");
    CHECK_SLICE(entry(env, "TZ="), "TZ=UTC");
    CHECK(entry(env, "LANG").ptr == NULL);
    CHECK(entry(env, "API_KEY").ptr == NULL);
}

TEST(named_ones_are_handed_on_and_set_ones_replace_what_was_there)
{
    setenv("API_KEY", "s3cret", 1);
    setenv("TZ", "UTC", 1);
    auto_free(child_env) env = child_env_new();
    size_t n, n_before;

    child_env_entries(env, &n_before);
    CHECK_OK(child_env_inherit(env, S("API_KEY")));
    CHECK_SLICE(entry(env, "API_KEY="), "API_KEY=s3cret");
    CHECK_OK(child_env_set(env, S("API_KEY"), S("")));
    CHECK_SLICE(entry(env, "API_KEY="), "API_KEY=");
    CHECK_OK(child_env_set(env, S("TZ"), S("Europe/Oslo")));
    CHECK_OK(child_env_set(env, S("T"), S("a=b"))); /* a prefix of another name is a name of its own */
    CHECK_SLICE(entry(env, "TZ="), "TZ=Europe/Oslo");
    CHECK_SLICE(entry(env, "T="), "T=a=b");
    child_env_entries(env, &n);
    CHECK_EQ(n, n_before + 2);
    CHECK_ERR(child_env_inherit(env, S("NO_SUCH_NAME")), ERR_NOT_FOUND);
}

TEST(names_and_values_that_could_smuggle_something_are_refused)
{
    auto_free(child_env) env = child_env_new();
    char value[CHILD_ENV_VALUE_BYTES + 1];

    memset(value, 'v', sizeof(value));
    CHECK_ERR(child_env_set(env, S(""), S("v")), ERR_INVALID);
    CHECK_ERR(child_env_set(env, S("1A"), S("v")), ERR_INVALID);
    CHECK_ERR(child_env_set(env, S("A=B"), S("v")), ERR_INVALID);
    CHECK_ERR(child_env_set(env, S("A B"), S("v")), ERR_INVALID);
    CHECK_ERR(child_env_set(env, S("A"), S("v\nB=w")), ERR_INVALID);
    CHECK_ERR(child_env_set(env, S("A"), S("v\rB=w")), ERR_INVALID);
    CHECK_ERR(child_env_set(env, S("A"), S("v\0B=w")), ERR_INVALID);
    CHECK_OK(child_env_set(env, S("A"), (struct slice){ value, CHILD_ENV_VALUE_BYTES }));
    CHECK_ERR(child_env_set(env, S("A"), (struct slice){ value, CHILD_ENV_VALUE_BYTES + 1 }), ERR_LIMIT);
    CHECK(entry(env, "A=").len == 2 + CHILD_ENV_VALUE_BYTES);
}

TEST(there_is_room_for_so_many_and_no_more)
{
    auto_free(child_env) env = child_env_new();
    size_t n;
    char name[] = "X_aa";

    child_env_entries(env, &n);
    for (unsigned i = 0; n + i < CHILD_ENV_MAX; i++) {
        name[2] = (char)('a' + i / 26);
        name[3] = (char)('a' + i % 26);
        CHECK_OK(child_env_set(env, slice_of(name), S("v")));
    }
    CHECK_ERR(child_env_set(env, S("ONE_MORE"), S("v")), ERR_LIMIT);
    CHECK_OK(child_env_set(env, slice_of(name), S("w"))); /* replacing needs no room */
}
