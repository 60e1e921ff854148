#include "http/headers.h"

#define FIRST_SIZE 16u

void http_headers_init(struct http_headers *headers, struct arena *arena)
{
    *headers = (struct http_headers){ .arena = arena };
}

static enum err grow(struct http_headers *headers)
{
    size_t size = headers->size == 0 ? FIRST_SIZE : headers->size * 2;
    struct http_header *fields = arena_alloc(headers->arena, size * sizeof(*fields));

    if (fields == NULL)
        return ERR_LIMIT;
    for (size_t i = 0; i < headers->n_fields; i++)
        fields[i] = headers->fields[i];
    headers->fields = fields;
    headers->size = size;
    return OK;
}

enum err http_headers_add(struct http_headers *headers, struct slice name, struct slice value)
{
    if (slice_find(name, '_') != SIZE_MAX)
        return OK;
    if (headers->n_fields == headers->size)
        TRY(grow(headers));
    headers->fields[headers->n_fields++] = (struct http_header){ name, value };
    return OK;
}

bool http_headers_next(const struct http_headers *headers, struct slice name, size_t *at, struct slice *ret_value)
{
    for (; *at < headers->n_fields; ++*at) {
        const struct http_header *field = &headers->fields[*at];
        if (slice_eq_nocase(field->name, name)) {
            *ret_value = field->value;
            ++*at;
            return true;
        }
    }
    return false;
}

struct slice http_headers_find(const struct http_headers *headers, struct slice name)
{
    struct slice value = NO_SLICE;
    size_t at = 0;

    (void)http_headers_next(headers, name, &at, &value); /* absent: stays NO_SLICE */
    return value;
}

size_t http_headers_count(const struct http_headers *headers, struct slice name)
{
    struct slice value;
    size_t at = 0;
    size_t n = 0;

    while (http_headers_next(headers, name, &at, &value))
        n++;
    return n;
}

bool http_headers_has_token(const struct http_headers *headers, struct slice name, struct slice token)
{
    struct slice value;
    size_t at = 0;

    while (http_headers_next(headers, name, &at, &value)) {
        struct slice member;
        while (slice_next(&value, ',', &member))
            if (slice_eq_nocase(slice_trim(member), token))
                return true;
    }
    return false;
}
