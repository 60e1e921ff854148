#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

void *mem_zalloc(size_t n, size_t size)
{
    void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1); /* calloc checks the product */

    CHECK(p != NULL);
    return p;
}

char *mem_strdup(struct slice text)
{
    char *copy = mem_zalloc(text.len + 1, 1);

    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

struct slice mem_dup(struct slice bytes)
{
    return (struct slice){ mem_strdup(bytes), bytes.len };
}
