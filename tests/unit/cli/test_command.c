#include "cli/command.h"

#include "support/test.h"

static const char *const environment[] = {
    "PATH=/bin", "HOME=/h", "USER=", "SECRET=x", "WANTED=w=1", "PATHS=no", "LD_PRELOAD=evil.so", NULL,
};

static char words[][8] = { "prog", "a b", "", "WANTED", "ABSENT", "HOME" };
static char *args[] = { words[0], words[1], words[2], NULL };
static char *names[] = { words[3], words[4], words[5], NULL };

static const struct config_server server = { .command = { args, 3 }, .env = { names, 3 } };

TEST(the_environment_is_built_from_nothing)
{
    struct command c;

    command_build(&server, environment, S("/here"), &c);
    CHECK_EQ(c.child.n_env, 4);
    CHECK_SLICE(c.child.env[0], "PATH=/bin");
    CHECK_SLICE(c.child.env[1], "HOME=/h");
    CHECK_SLICE(c.child.env[2], "USER=");
    CHECK_SLICE(c.child.env[3], "WANTED=w=1");
    command_done(&c);
}

TEST(words_and_folder_are_handed_on_as_they_are)
{
    struct config_server elsewhere = server;
    struct command c;

    command_build(&server, environment, S("/here"), &c);
    CHECK_EQ(c.child.n_args, 3);
    CHECK_SLICE(c.child.args[1], "a b");
    CHECK_SLICE(c.child.args[2], "");
    CHECK_SLICE(c.child.cwd, "/here");
    command_done(&c);

    elsewhere.cwd = (char[]){ "/there" };
    command_build(&elsewhere, environment, S("/here"), &c);
    CHECK_SLICE(c.child.cwd, "/there");
    command_done(&c);
}

TEST(a_value_that_is_given_wins_over_ours)
{
    struct config_server given = server;
    struct config_value value = { (char[]){ "PATH" }, secret_copy(S("/opt/bin")) };
    struct command c;

    given.env_set = (struct config_values){ &value, 1 };
    command_build(&given, environment, S("/"), &c);
    CHECK_EQ(c.child.n_env, 4);
    CHECK_SLICE(c.child.env[0], "HOME=/h");
    CHECK_SLICE(c.child.env[3], "PATH=/opt/bin");
    command_done(&c);
    secret_done(&value.value);
}

TEST(variables_that_are_wanted_and_not_set_are_named)
{
    struct slice name;
    size_t at = 0;

    CHECK(command_lacks(&server, environment, &at, &name));
    CHECK_SLICE(name, "ABSENT");
    CHECK(!command_lacks(&server, environment, &at, &name));
}
