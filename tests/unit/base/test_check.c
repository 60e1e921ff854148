#include "base/check.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"

static int status_of_check(int value)
{
    pid_t child = fork();

    if (child == 0) {
        (void)!freopen("/dev/null", "w", stderr);
        CHECK(value == 1);
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return status;
}

TEST(what_holds_goes_on)
{
    CHECK_EQ(status_of_check(1), 0);
}

TEST(what_does_not_hold_ends_the_program)
{
    CHECK_EQ(WTERMSIG(status_of_check(2)), SIGABRT);
}
