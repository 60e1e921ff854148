/*
 * The unit test harness: tests are sentences, checks abort, and one test's end is not another's.
 *
 *     TEST(a_burst_is_spent_at_once)
 *     {
 *         CHECK_OK(ratelimit_take(rl, S("ada"), 3, &wait_ns));
 *         CHECK_EQ(wait_ns, 0);
 *     }
 *
 * Every test runs in a child process of its own, in the order of the file, and may take 60 seconds. A failed check
 * aborts the child; the others still run. The program ends with "N passed, N failed"; its first argument, if any,
 * selects the tests whose name contains it.
 */
#pragma once

#include "base/check.h"
#include "base/err.h"
#include "base/slice.h"

struct test {
    const char *name;
    void (*run)(void);
    struct test *next;
};

/* Takes `test` for the life of the program: what TEST does before main. */
void test_register(struct test *test);

#define TEST(sentence)                                                                                                 \
    static void test_##sentence(void);                                                                                 \
    __attribute__((constructor)) static void test_register_##sentence(void)                                            \
    {                                                                                                                  \
        static struct test self = { .name = #sentence, .run = test_##sentence };                                       \
        test_register(&self);                                                                                          \
    }                                                                                                                  \
    static void test_##sentence(void)

/* The call gives OK, or the error's name is printed. */
#define CHECK_OK(call) test_check_err(__FILE__, __LINE__, #call, (call), OK)

/* The call gives just this error (or WAIT, or OK), or both names are printed. */
#define CHECK_ERR(call, expected) test_check_err(__FILE__, __LINE__, #call, (call), (expected))

/* Two integers, of any type and sign, are the same number, or both are printed. */
#define CHECK_EQ(a, b) test_check_eq(__FILE__, __LINE__, #a, #b, (__int128)(a), (__int128)(b))

/* The slice holds just this text (a NUL-terminated string), or both are printed. */
#define CHECK_SLICE(slice, text) test_check_slice(__FILE__, __LINE__, #slice, (slice), (text))

void test_check_err(const char *file, int line, const char *what, enum err is, enum err expected);
void test_check_eq(const char *file, int line, const char *what_a, const char *what_b, __int128 a, __int128 b);
void test_check_slice(const char *file, int line, const char *what, struct slice is, const char *expected);
