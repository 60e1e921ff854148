#include "http/target.h"

#include "base/utf8.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Takes scheme and authority off an absolute form; they must say what Host says (RFC 9112 s3.2.2). */
static enum err take_authority(struct slice *raw, struct slice host)
{
    struct slice rest;

    if (slice_starts(*raw, S("/")))
        return OK;
    if (slice_eq_nocase(slice_first(*raw, 7), S("http://")))
        rest = slice_from(*raw, 7);
    else if (slice_eq_nocase(slice_first(*raw, 8), S("https://")))
        rest = slice_from(*raw, 8);
    else
        return ERR_HTTP_TARGET;

    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?')
        end++;
    if (!slice_eq_nocase(slice_first(rest, end), host))
        return ERR_HTTP_TARGET;
    *raw = slice_from(rest, end);
    return OK;
}

/* A byte of the path that was sent encoded, or -1 where it must not be. */
static int decode_byte(struct slice path, size_t at)
{
    if (path.len - at < 3)
        return -1;
    int high = hex_value(path.ptr[at + 1]);
    int low = hex_value(path.ptr[at + 2]);
    if (high < 0 || low < 0)
        return -1;
    int c = high << 4 | low;
    return c < 0x20 || c == 0x7f || c == '/' || c == '\\' ? -1 : c;
}

static enum err decode(struct slice path, struct arena *arena, struct slice *ret)
{
    char *to = arena_alloc(arena, path.len + 1);
    size_t n = 0;

    if (to == NULL)
        return ERR_LIMIT;
    for (size_t i = 0; i < path.len; i++) {
        int c = (unsigned char)path.ptr[i];
        if (c == '%') {
            c = decode_byte(path, i);
            i += 2;
        } else if (c <= 0x20 || c > 0x7e || c == '\\' || c == '#') {
            c = -1;
        }
        if (c < 0)
            return ERR_HTTP_TARGET;
        to[n++] = (char)c;
    }
    *ret = (struct slice){ to, n };
    return utf8_is_valid(*ret) ? OK : ERR_HTTP_TARGET;
}

static bool has_dot_segment(struct slice path)
{
    struct slice segment;

    while (slice_next(&path, '/', &segment))
        if (slice_eq(segment, S(".")) || slice_eq(segment, S("..")))
            return true;
    return false;
}

static bool is_query(struct slice query)
{
    for (size_t i = 0; i < query.len; i++)
        if (query.ptr[i] <= 0x20 || query.ptr[i] > 0x7e || query.ptr[i] == '#')
            return false;
    return true;
}

enum err target_parse(struct slice raw, struct slice host, struct arena *arena, struct target *ret)
{
    struct target target = { .query = NO_SLICE };

    TRY(take_authority(&raw, host));
    size_t end = slice_find(raw, '?');
    struct slice path = slice_first(raw, end);
    if (end != SIZE_MAX)
        target.query = slice_from(raw, end + 1);
    if (path.len == 0) /* "http://gate.example?x" */
        path = S("/");
    TRY(decode(path, arena, &target.path));
    if (has_dot_segment(target.path) || !is_query(target.query))
        return ERR_HTTP_TARGET;
    *ret = target;
    return OK;
}
