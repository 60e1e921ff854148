/*
 * The table of routes: which one serves a path, and by which methods.
 */
#include "base/attr.h"
#include "server/server_internal.h"

static const struct {
    unsigned flag;
    struct slice name;
} methods[] = {
    { ROUTE_GET, S("GET") }, { ROUTE_GET, S("HEAD") },      { ROUTE_POST, S("POST") },
    { ROUTE_PUT, S("PUT") }, { ROUTE_DELETE, S("DELETE") },
};

const struct route *route_find(const struct server_options *options, struct slice path, struct slice *ret_rest)
{
    const struct route *best = NULL;

    *ret_rest = S("");
    for (const struct route *r = options->routes; r < options->routes + options->n_routes; r++) {
        if (slice_eq(r->path, path) && (r->flags & ROUTE_PREFIX) == 0) {
            *ret_rest = S("");
            return r;
        }
        if ((r->flags & ROUTE_PREFIX) == 0 || !slice_starts(path, r->path))
            continue;
        if (best == NULL || r->path.len > best->path.len) {
            best = r;
            *ret_rest = slice_from(path, r->path.len);
        }
    }
    return best;
}

enum err route_check_all(const struct server_options *options)
{
    for (size_t i = 0; i < options->n_routes; i++) {
        const struct route *r = &options->routes[i];
        bool is_prefix = (r->flags & ROUTE_PREFIX) != 0;
        if (!slice_starts(r->path, S("/")) || (is_prefix && !slice_ends(r->path, S("/"))) || r->start == NULL)
            return ERR_INVALID;
        for (size_t j = 0; j < i; j++)
            if (slice_eq(options->routes[j].path, r->path) &&
                ((options->routes[j].flags ^ r->flags) & ROUTE_PREFIX) == 0)
                return ERR_INVALID;
    }
    return OK;
}

bool route_allows(const struct route *route, struct slice method)
{
    for (size_t i = 0; i < N_ELEMENTS(methods); i++)
        if (slice_eq(methods[i].name, method))
            return (route->flags & methods[i].flag) != 0;
    return false;
}

void route_put_methods(const struct route *route, struct buf *to)
{
    bool is_first = true;

    for (size_t i = 0; i < N_ELEMENTS(methods); i++) {
        if ((route->flags & methods[i].flag) == 0)
            continue;
        if (!is_first)
            buf_put(to, S(", "));
        buf_put(to, methods[i].name);
        is_first = false;
    }
}
