#include "cli/data_dir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"

#define MODE 0700

/* Something of this name is there, folder or not: what stands in it will tell. */
static enum err make_one(const char *path)
{
    return mkdir(path, MODE) == 0 || errno == EEXIST ? OK : ERR_SYSTEM;
}

enum err data_dir_make(const char *path)
{
    char *part = mem_strdup(slice_of(path));
    enum err result = OK;

    for (char *slash = strchr(part + 1, '/'); slash != NULL && result == OK; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        result = make_one(part);
        *slash = '/';
    }
    if (result == OK)
        result = make_one(part);
    int why = errno;
    free(part);
    errno = why;
    return result;
}
