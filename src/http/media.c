#include "http/media.h"

#define JSON S("application/json")
#define SSE  S("text/event-stream")

/* The type without its parameters. */
static struct slice essence(struct slice value)
{
    return slice_trim(slice_first(value, slice_find(value, ';')));
}

bool media_is(struct slice value, struct slice type)
{
    return slice_eq_nocase(essence(value), type);
}

/* A weight is "0", "0.000", "1" or "0.5"; all that matters is whether any digit of it is not zero. */
static bool has_weight(struct slice range)
{
    struct slice parameter;

    (void)slice_next(&range, ';', &parameter); /* the type itself */
    while (slice_next(&range, ';', &parameter)) {
        parameter = slice_trim(parameter);
        if (parameter.len < 2 || !slice_eq_nocase(slice_first(parameter, 2), S("q=")))
            continue;
        for (size_t i = 2; i < parameter.len; i++)
            if (parameter.ptr[i] >= '1' && parameter.ptr[i] <= '9')
                return true;
        return false;
    }
    return true;
}

enum match { MATCH_NONE, MATCH_ANY, MATCH_FAMILY, MATCH_TYPE };

static enum match match(struct slice range, struct slice type)
{
    struct slice name = essence(range);

    if (slice_eq_nocase(name, type))
        return MATCH_TYPE;
    if (slice_eq(name, S("*/*")))
        return MATCH_ANY;
    if (slice_ends(name, S("/*")) && slice_eq_nocase(slice_first(type, name.len - 1), slice_first(name, name.len - 1)))
        return MATCH_FAMILY;
    return MATCH_NONE;
}

/* How closely Accept names the type, and in *ret_wanted whether the closest range has a weight (RFC 9110 s12.5.1). */
static enum match best_match(const struct http_headers *headers, struct slice type, bool *ret_wanted)
{
    enum match best = MATCH_NONE;
    struct slice value;
    size_t at = 0;

    *ret_wanted = false;
    while (http_headers_next(headers, S("accept"), &at, &value)) {
        struct slice range;
        while (slice_next(&value, ',', &range)) {
            enum match m = match(range, type);
            if (m == MATCH_NONE || m < best)
                continue;
            *ret_wanted = has_weight(range);
            best = m;
        }
    }
    return best;
}

struct media_accept media_accept(const struct http_headers *headers)
{
    struct media_accept accept = { .json = true, .sse = true };
    size_t at = 0;
    struct slice value;
    bool says_something = false;

    while (http_headers_next(headers, S("accept"), &at, &value))
        says_something = says_something || value.len > 0;
    if (!says_something)
        return accept;
    (void)best_match(headers, JSON, &accept.json); /* no match leaves "not wanted" */
    (void)best_match(headers, SSE, &accept.sse);
    return accept;
}
