#include "config/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/config.h"
#include "support/test.h"

static char path[] = "/tmp/gatehouse-test-XXXXXX";

static void write_file(size_t n)
{
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    for (size_t i = 0; i < n; i++)
        CHECK(write(fd, "x", 1) == 1);
    close(fd);
}

TEST(a_file_is_read_whole)
{
    auto_buf b = { 0 };
    write_file(10000);
    buf_init(&b, 10000);
    CHECK_OK(file_read(path, &b));
    CHECK_EQ(b.len, 10000);
    unlink(path);
}

TEST(a_file_beyond_the_ceiling_is_refused)
{
    auto_buf b = { 0 };
    write_file(10001);
    buf_init(&b, 10000);
    CHECK_ERR(file_read(path, &b), ERR_LIMIT);
    unlink(path);
}

TEST(what_is_no_file_says_so)
{
    auto_buf b = { 0 };
    buf_init(&b, 100);
    CHECK_ERR(file_read("/nowhere/at/all", &b), ERR_NOT_FOUND);
    CHECK_ERR(file_read("/", &b), ERR_INVALID);
}

TEST(a_missing_configuration_is_a_problem_with_its_name)
{
    struct problems problems = { 0 };
    struct buf b;
    auto_buf out = { 0 };

    CHECK_ERR(config_read_file("nowhere.yaml", &problems, &b), ERR_INVALID);
    buf_init(&out, 1000);
    problems_print(&problems, &out);
    CHECK_SLICE(buf_slice(&out), "nowhere.yaml: there is no such file\n");
    problems_done(&problems);
}
