#include "embed/pump.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/test.h"

#define LARGE (3u << 20) /* more than a socket and a pump hold */

/* A file without a name. */
static int new_file(void)
{
    FILE *file = tmpfile();

    CHECK(file != NULL);
    return fileno(file);
}

static char *pattern(void)
{
    char *bytes = malloc(LARGE);

    CHECK(bytes != NULL);
    for (unsigned i = 0; i < LARGE; i++)
        bytes[i] = (char)(i * 31 >> 3);
    return bytes;
}

static void put(int fd, const char *bytes, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t written = write(fd, bytes + done, n - done);
        CHECK(written > 0);
        done += (size_t)written;
    }
}

/* Reads to the end and compares. */
static void check_bytes(int fd, const char *bytes, size_t n)
{
    static char part[5000];
    size_t done = 0;

    for (ssize_t got; (got = read(fd, part, sizeof(part))) > 0; done += (size_t)got)
        CHECK(done + (size_t)got <= n && memcmp(part, bytes + done, (size_t)got) == 0);
    CHECK_EQ(done, n);
}

TEST(a_file_comes_out_whole_and_then_ends)
{
    struct pump *p;
    int from;
    int file = new_file();
    char *bytes = pattern();

    put(file, bytes, LARGE);
    CHECK(lseek(file, 0, SEEK_SET) == 0);
    CHECK_OK(pump_from(file, &p, &from));
    check_bytes(from, bytes, LARGE);
    CHECK(close(from) == 0);
    pump_free(p);
    free(bytes);
}

TEST(what_goes_in_is_in_the_file_when_the_pump_is_freed)
{
    struct pump *p;
    int into;
    int file = new_file();
    char *bytes = pattern();

    CHECK_OK(pump_into(file, &p, &into));
    put(into, bytes, LARGE);
    CHECK(close(into) == 0);
    pump_free(p);
    CHECK(lseek(file, 0, SEEK_SET) == 0);
    check_bytes(file, bytes, LARGE);
    free(bytes);
}

TEST(nothing_is_nothing)
{
    struct pump *p;
    int from;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    CHECK_OK(pump_from(null, &p, &from));
    check_bytes(from, "", 0);
    CHECK(close(from) == 0);
    pump_free(p);
    pump_free(NULL);
}

TEST(a_pump_whose_reader_has_gone_ends)
{
    struct pump *p;
    int from;
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC); /* has no end of its own */

    (void)signal(SIGPIPE, SIG_IGN); /* as the program does */
    CHECK_OK(pump_from(zero, &p, &from));
    CHECK(close(from) == 0);
    pump_free(p);
}

TEST(a_file_that_takes_no_more_is_seen_at_the_other_end)
{
    struct pump *p;
    int into;
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    char c;

    (void)signal(SIGPIPE, SIG_IGN);
    CHECK_OK(pump_into(full, &p, &into));
    put(into, "x", 1);
    CHECK_EQ(read(into, &c, 1), 0); /* the pump has ended */
    CHECK(write(into, "x", 1) < 0);
    CHECK(close(into) == 0);
    pump_free(p);
}
