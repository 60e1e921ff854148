/*
 * Runs the registered tests, each in its own process, and says what was wrong with those that failed.
 */
#include "support/test.h"

#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_S 60

/* Constructors have nothing but a global to speak to. */
static struct test *first;
static struct test **last = &first;

void test_register(struct test *test)
{
    *last = test;
    last = &test->next;
}

static void print_number(__int128 n)
{
    if (n < 0)
        fprintf(stderr, "%" PRId64, (int64_t)n);
    else
        fprintf(stderr, "%" PRIu64, (uint64_t)n);
}

static void print_text(const char *ptr, size_t len)
{
    fputc('"', stderr);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)ptr[i];
        if (c < 0x20 || c >= 0x7f)
            fprintf(stderr, "\\x%02x", (unsigned)c);
        else
            fputc(c, stderr);
    }
    fputc('"', stderr);
}

void test_check_err(const char *file, int line, const char *what, enum err is, enum err expected)
{
    if (is == expected)
        return;
    fprintf(stderr, "%s:%d: %s is %s, not %s\n", file, line, what, err_name(is), err_name(expected));
    abort();
}

void test_check_eq(const char *file, int line, const char *what_a, const char *what_b, __int128 a, __int128 b)
{
    if (a == b)
        return;
    fprintf(stderr, "%s:%d: %s is ", file, line, what_a);
    print_number(a);
    fprintf(stderr, ", %s is ", what_b);
    print_number(b);
    fputc('\n', stderr);
    abort();
}

void test_check_slice(const char *file, int line, const char *what, struct slice is, const char *expected)
{
    size_t len = strlen(expected);
    if (is.len == len && (len == 0 || memcmp(is.ptr, expected, len) == 0))
        return;
    fprintf(stderr, "%s:%d: %s is ", file, line, what);
    print_text(is.ptr, is.len);
    fputs(", not ", stderr);
    print_text(expected, len);
    fputc('\n', stderr);
    abort();
}

/* Waits for the child to end, or ends it. `sigchld` is blocked, so its end cannot slip by unseen. */
static bool wait_for(pid_t pid, const sigset_t *sigchld, int *ret_status)
{
    struct timespec start, now;
    clock_gettime(CLOCK_MONOTONIC, &start);

    while (waitpid(pid, ret_status, WNOHANG) == 0) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec - start.tv_sec >= TIMEOUT_S) {
            kill(-pid, SIGKILL);
            waitpid(pid, ret_status, 0);
            return false;
        }
        sigtimedwait(sigchld, NULL, &(struct timespec){ .tv_sec = 1 });
    }
    kill(-pid, SIGKILL); /* whatever the test left behind in its group */
    return true;
}

static bool run_one(const struct test *test)
{
    sigset_t sigchld, before;
    sigemptyset(&sigchld);
    sigaddset(&sigchld, SIGCHLD);
    sigprocmask(SIG_BLOCK, &sigchld, &before);
    fflush(NULL);

    pid_t pid = fork();
    if (pid < 0) {
        perror("fork");
        exit(EXIT_FAILURE);
    }
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        setpgid(0, 0);
        test->run();
        exit(EXIT_SUCCESS); /* not _exit: the leak check runs at exit */
    }
    setpgid(pid, pid);

    int status = 0;
    bool in_time = wait_for(pid, &sigchld, &status);
    sigprocmask(SIG_SETMASK, &before, NULL);

    if (in_time && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
        return true;
    if (!in_time)
        fprintf(stderr, "FAILED %s: took more than %d seconds\n", test->name, TIMEOUT_S);
    else if (WIFSIGNALED(status))
        fprintf(stderr, "FAILED %s: %s\n", test->name, strsignal(WTERMSIG(status)));
    else
        fprintf(stderr, "FAILED %s: exit status %d\n", test->name, WEXITSTATUS(status));
    return false;
}

int main(int argc, char **argv)
{
    const char *filter = argc > 1 ? argv[1] : "";
    unsigned n_passed = 0;
    unsigned n_failed = 0;

    for (const struct test *test = first; test != NULL; test = test->next) {
        if (strstr(test->name, filter) == NULL)
            continue;
        if (run_one(test))
            n_passed++;
        else
            n_failed++;
    }
    printf("%u passed, %u failed\n", n_passed, n_failed);
    return n_failed == 0 && n_passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
