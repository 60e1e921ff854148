#include "base/mem.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"

TEST(memory_is_zeroed_and_copies_end_with_a_nul)
{
    char *zeroed = mem_zalloc(10, 10);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(zeroed[i], 0);
    free(zeroed);

    char *text = mem_strdup(slice_first(S("gatehouse"), 4));
    CHECK_SLICE(slice_of(text), "gate");
    free(text);

    struct slice copy = mem_dup(S(""));
    CHECK(copy.ptr != NULL && copy.len == 0);
    free((void *)(uintptr_t)copy.ptr);
}

TEST(a_product_that_overflows_ends_the_program_instead_of_giving_less)
{
    volatile size_t huge = SIZE_MAX / 2; /* not for the compiler to see through */
    pid_t child = fork();

    if (child == 0) {
        (void)!freopen("/dev/null", "w", stderr);
        free(mem_zalloc(huge, 4));
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) != 0); /* a sanitizer ends it in its own way */
}
