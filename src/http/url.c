#include "http/url.h"

#include "base/buf.h"
#include "http/host.h"

#define HTTP_PORT     80
#define HTTPS_PORT    443
#define MAX_URL_BYTES 8192u

static bool is_url_text(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= 0x20 || text.ptr[i] > 0x7e || strchr("\\#\"<>^`{|}", text.ptr[i]) != NULL)
            return false;
    return text.len <= MAX_URL_BYTES;
}

static enum err take_scheme(struct slice *text, struct url *url)
{
    if (slice_eq_nocase(slice_first(*text, 8), S("https://"))) {
        url->is_https = true;
        *text = slice_from(*text, 8);
        return OK;
    }
    if (slice_eq_nocase(slice_first(*text, 7), S("http://"))) {
        *text = slice_from(*text, 7);
        return OK;
    }
    return ERR_SYNTAX;
}

static struct slice lower(struct arena *arena, struct slice text)
{
    char *to = arena_alloc(arena, text.len + 1);

    if (to == NULL)
        return NO_SLICE;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        to[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
    }
    return (struct slice){ to, text.len };
}

static enum err set_authority(struct slice text, struct arena *arena, struct url *url)
{
    uint16_t own_port = url->is_https ? HTTPS_PORT : HTTP_PORT;
    struct authority a;

    TRY(authority_parse(text, &a));
    url->is_ipv6 = a.is_ipv6;
    url->port = a.port == 0 ? own_port : a.port;
    if (a.port != 0 && a.port == own_port) /* not written where it says nothing */
        text = slice_first(text, (size_t)(a.host.ptr + a.host.len - text.ptr) + (a.is_ipv6 ? 1 : 0));
    url->authority = lower(arena, text);
    if (url->authority.ptr == NULL)
        return ERR_LIMIT;
    url->host = slice_first(slice_from(url->authority, a.is_ipv6 ? 1 : 0), a.host.len);
    return OK;
}

static enum err set_target(struct slice text, struct arena *arena, struct url *url)
{
    bool has_path = slice_starts(text, S("/"));
    auto_buf target;

    buf_init(&target, MAX_URL_BYTES + 1);
    if (!has_path)
        buf_putc(&target, '/');
    buf_put(&target, text);
    TRY(buf_ok(&target));
    url->target = arena_dup(arena, buf_slice(&target));
    if (url->target.ptr == NULL)
        return ERR_LIMIT;

    size_t end = slice_find(url->target, '?');
    url->path = slice_first(url->target, end);
    url->query = end == SIZE_MAX ? NO_SLICE : slice_from(url->target, end + 1);
    return OK;
}

enum err url_parse(struct slice text, struct arena *arena, struct url *ret)
{
    struct url url = { 0 };
    size_t end = 0;

    if (!is_url_text(text))
        return ERR_SYNTAX;
    TRY(take_scheme(&text, &url));
    while (end < text.len && text.ptr[end] != '/' && text.ptr[end] != '?')
        end++;
    TRY(set_authority(slice_first(text, end), arena, &url));
    TRY(set_target(slice_from(text, end), arena, &url));
    *ret = url;
    return OK;
}

bool url_same_origin(const struct url *a, const struct url *b)
{
    return a->is_https == b->is_https && a->port == b->port && slice_eq(a->host, b->host);
}
