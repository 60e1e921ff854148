/*
 * The public JSON parsing suite (nst/JSONTestSuite): y_ must pass, n_ must fail, i_ may do either. It is not part of the
 * project: GATEHOUSE_TEST_DATA names the folder that has it, or it lies beside the project.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "support/test.h"
#include "json/json.h"
#include "json/json_write.h"

/* One file has a number of 80 characters, which is more than we take and no mistake. */
#define LIMITS ((struct json_limits){ .max_depth = 128, .max_nodes = 200000, .max_number_len = 128 })

static void read_file(const char *folder, const char *name, struct buf *to)
{
    auto_buf path;
    char block[4096];
    size_t n;

    buf_init(&path, 4096);
    buf_printf(&path, "%s/%s", folder, name);
    buf_putc(&path, '\0');
    FILE *file = fopen(path.ptr, "rb");
    CHECK(file != NULL);
    while ((n = fread(block, 1, sizeof(block), file)) > 0)
        buf_put(to, (struct slice){ block, n });
    CHECK(fclose(file) == 0);
    CHECK_OK(buf_ok(to));
}

/* What was parsed is written and parsed again: the second writing must be the first. */
static void check_round_trip(const struct json *json)
{
    auto_free(json) again = NULL;
    struct err_at at;
    auto_buf first, second;

    buf_init(&first, 1u << 20);
    buf_init(&second, 1u << 20);
    json_put(&first, json_root(json));
    CHECK_OK(json_parse(buf_slice(&first), &LIMITS, &again, &at));
    json_put(&second, json_root(again));
    CHECK(slice_eq(buf_slice(&first), buf_slice(&second)));
}

static void check_file(const char *folder, const char *name)
{
    auto_free(json) json = NULL;
    struct err_at at;
    auto_buf text;

    buf_init(&text, 4u << 20);
    read_file(folder, name, &text);
    enum err e = json_parse(buf_slice(&text), &LIMITS, &json, &at);
    if ((name[0] == 'y' && e != OK) || (name[0] == 'n' && e == OK)) {
        fprintf(stderr, "%s: %s\n", name, err_name(e));
        abort();
    }
    if (e == OK)
        check_round_trip(json);
}

TEST(the_json_test_suite_passes)
{
    auto_buf folder;
    const char *data = getenv("GATEHOUSE_TEST_DATA");
    const struct dirent *entry;
    int n_files = 0;

    buf_init(&folder, 4096);
    buf_printf(&folder, "%s/json-test-suite", data != NULL ? data : "../shared/data");
    buf_putc(&folder, '\0');
    DIR *dir = opendir(folder.ptr);
    if (dir == NULL) {
        printf("skipped: there is no folder %s\n", folder.ptr);
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (!slice_ends(slice_of(entry->d_name), S(".json")))
            continue;
        check_file(folder.ptr, entry->d_name);
        n_files++;
    }
    closedir(dir);
    printf("%d files of the JSON test suite\n", n_files);
    CHECK(n_files > 300);
}
