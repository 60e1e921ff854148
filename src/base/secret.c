#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/random.h"

struct secret secret_copy(struct slice bytes)
{
    return (struct secret){ mem_strdup(bytes), bytes.len };
}

struct secret secret_random(size_t n)
{
    struct secret s = { mem_zalloc(n, 1), n };

    random_bytes(s.ptr, n);
    return s;
}

void secret_done(struct secret *s)
{
    if (s->ptr != NULL)
        explicit_bzero(s->ptr, s->len);
    free(s->ptr);
    *s = (struct secret){ 0 };
}

bool secret_eq(struct slice a, struct slice b)
{
    unsigned char differs = a.len != b.len;

    for (size_t i = 0; i < a.len && i < b.len; i++)
        differs |= (unsigned char)(a.ptr[i] ^ b.ptr[i]);
    return differs == 0;
}
