#include "cli/data_dir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/test.h"

TEST(missing_folders_are_made_for_us_alone)
{
    char root[] = "/tmp/gatehouse-test-XXXXXX";
    char middle[64];
    char path[64];
    struct stat st;

    CHECK(mkdtemp(root) != NULL);
    CHECK(snprintf(middle, sizeof(middle), "%s/a", root) > 0);
    CHECK(snprintf(path, sizeof(path), "%s/a/b", root) > 0);
    CHECK_OK(data_dir_make(path));
    CHECK(stat(path, &st) == 0 && S_ISDIR(st.st_mode));
    CHECK_EQ(st.st_mode & 0777, 0700);
    CHECK_OK(data_dir_make(path)); /* again: nothing to do */
    rmdir(path);
    rmdir(middle);
    rmdir(root);
}

TEST(where_no_folder_can_be_errno_says_why)
{
    CHECK_ERR(data_dir_make("/dev/null/x"), ERR_SYSTEM);
    CHECK_EQ(errno, ENOTDIR);
}
