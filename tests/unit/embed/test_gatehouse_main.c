#include <fcntl.h>
#include <gatehouse/server.h>
#include <unistd.h>

#include "support/test.h"

static int run(int argc, const char *const *argv)
{
    struct gatehouse_server *server =
        gatehouse_server_new(&(struct gatehouse_server_options){ .name = "tests", .version = "1" });
    char *copies[4];

    for (int i = 0; i < argc; i++)
        copies[i] = (char *)(uintptr_t)argv[i];
    return gatehouse_main(server, argc, copies);
}

TEST(closed_standard_streams_are_as_good_as_dev_null)
{
    CHECK(close(STDIN_FILENO) == 0 && close(STDOUT_FILENO) == 0);
    CHECK_EQ(run(1, (const char *const[]){ "tests" }), 0);
}

TEST(words_that_make_no_sense_end_with_usage)
{
    CHECK(dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO) == STDERR_FILENO);
    CHECK_EQ(run(2, (const char *const[]){ "tests", "--no" }), 2);
    CHECK_EQ(run(2, (const char *const[]){ "tests", "--listen" }), 2);
    CHECK_EQ(run(3, (const char *const[]){ "tests", "--listen", "nowhere:x" }), 2);
    CHECK_EQ(run(4, (const char *const[]){ "tests", "--http", "--listen", "0.0.0.0:0" }), 2);
    CHECK_EQ(run(2, (const char *const[]){ "tests", "--help" }), 0);
}

TEST(a_server_with_a_mistake_in_it_does_not_start)
{
    struct gatehouse_server *server =
        gatehouse_server_new(&(struct gatehouse_server_options){ .name = "tests", .version = "1" });
    char name[] = "tests";

    CHECK(dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO) == STDERR_FILENO);
    CHECK(gatehouse_add_tool(server, &(struct gatehouse_tool){ .name = "no handler" }) != GATEHOUSE_OK);
    CHECK_EQ(gatehouse_main(server, 1, (char *[]){ name }), 1);
}
