#include "net/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "base/num.h"

_Static_assert(sizeof(((struct sockaddr_un *)NULL)->sun_path) == ADDRESS_PATH_SIZE, "as the system has it");

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }; /* RFC 4291 s2.5.5.2 */

static void set_ipv6(struct address *a, const uint8_t ip[16])
{
    if (memcmp(ip, mapped_prefix, sizeof(mapped_prefix)) == 0) {
        a->kind = ADDRESS_IPV4;
        memcpy(a->ip, ip + sizeof(mapped_prefix), 4);
    } else {
        a->kind = ADDRESS_IPV6;
        memcpy(a->ip, ip, 16);
    }
}

/* `%lo` or `%1` behind a link-local address names its interface (RFC 4007 s11). */
static enum err parse_scope(struct slice text, uint32_t *ret)
{
    char name[IF_NAMESIZE] = "";
    uint64_t number = 0;

    if (slice_to_u64(text, &number) == OK && number <= UINT32_MAX) {
        *ret = (uint32_t)number;
        return OK;
    }
    if (text.len == 0 || text.len >= sizeof(name))
        return ERR_SYNTAX;
    memcpy(name, text.ptr, text.len);
    *ret = if_nametoindex(name);
    return *ret != 0 ? OK : ERR_SYNTAX;
}

enum err address_parse_ip(struct slice text, uint16_t port, struct address *ret)
{
    struct address a = { .port = port };
    struct slice ip = slice_eq_nocase(text, S("localhost")) ? S("127.0.0.1") : text;
    size_t percent = slice_find(ip, '%');
    char literal[INET6_ADDRSTRLEN] = "";
    uint8_t bytes[16];

    if (percent != SIZE_MAX) {
        TRY(parse_scope(slice_from(ip, percent + 1), &a.scope));
        ip = slice_first(ip, percent);
    }
    if (ip.len == 0 || ip.len >= sizeof(literal) || memchr(ip.ptr, '\0', ip.len) != NULL)
        return ERR_SYNTAX;
    memcpy(literal, ip.ptr, ip.len);

    if (percent == SIZE_MAX && inet_pton(AF_INET, literal, a.ip) == 1)
        a.kind = ADDRESS_IPV4;
    else if (inet_pton(AF_INET6, literal, bytes) == 1)
        set_ipv6(&a, bytes);
    else
        return ERR_SYNTAX;
    *ret = a;
    return OK;
}

static enum err parse_unix(struct slice path, struct address *ret)
{
    struct address a = { .kind = ADDRESS_UNIX };

    if (path.len == 0 || memchr(path.ptr, '\0', path.len) != NULL)
        return ERR_SYNTAX;
    if (path.len >= sizeof(a.path))
        return ERR_LIMIT;
    memcpy(a.path, path.ptr, path.len);
    *ret = a;
    return OK;
}

enum err address_parse(struct slice text, struct address *ret)
{
    uint64_t port = 0;

    if (slice_starts(text, S("unix:")))
        return parse_unix(slice_from(text, 5), ret);

    size_t colon = text.len;
    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (colon == 0 || slice_to_u64(slice_from(text, colon), &port) != OK || port > UINT16_MAX)
        return ERR_SYNTAX;

    struct slice host = slice_first(text, colon - 1);
    bool bracketed = slice_starts(host, S("[")) && slice_ends(host, S("]"));
    if (bracketed)
        host = slice_from(slice_first(host, host.len - 1), 1);
    if (bracketed != (slice_find(host, ':') != SIZE_MAX)) /* `::1:80` could be read in two ways */
        return ERR_SYNTAX;
    return address_parse_ip(host, (uint16_t)port, ret);
}

void address_format(const struct address *a, struct buf *to)
{
    char text[INET6_ADDRSTRLEN] = "";

    switch (a->kind) {
    case ADDRESS_NONE:
        buf_put(to, S("none"));
        return;
    case ADDRESS_IPV4:
        (void)inet_ntop(AF_INET, a->ip, text, sizeof(text)); /* the text always fits */
        buf_printf(to, "%s:%u", text, (unsigned)a->port);
        return;
    case ADDRESS_IPV6:
        (void)inet_ntop(AF_INET6, a->ip, text, sizeof(text));
        if (a->scope != 0)
            buf_printf(to, "[%s%%%u]:%u", text, (unsigned)a->scope, (unsigned)a->port);
        else
            buf_printf(to, "[%s]:%u", text, (unsigned)a->port);
        return;
    case ADDRESS_UNIX:
        buf_printf(to, "unix:%s", a->path);
        return;
    }
    UNREACHABLE();
}

bool address_is_loopback(const struct address *a)
{
    static const uint8_t one[16] = { [15] = 1 };

    switch (a->kind) {
    case ADDRESS_NONE:
        return false;
    case ADDRESS_IPV4:
        return a->ip[0] == 127;
    case ADDRESS_IPV6:
        return memcmp(a->ip, one, sizeof(one)) == 0;
    case ADDRESS_UNIX:
        return true;
    }
    UNREACHABLE();
}

struct slice address_ip(const struct address *a)
{
    switch (a->kind) {
    case ADDRESS_IPV4:
        return (struct slice){ (const char *)a->ip, 4 };
    case ADDRESS_IPV6:
        return (struct slice){ (const char *)a->ip, 16 };
    case ADDRESS_NONE:
    case ADDRESS_UNIX:
        return NO_SLICE;
    }
    UNREACHABLE();
}

bool address_eq(const struct address *a, const struct address *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == ADDRESS_UNIX)
        return slice_eq(slice_of(a->path), slice_of(b->path));
    return a->port == b->port && a->scope == b->scope && slice_eq(address_ip(a), address_ip(b));
}

struct address address_of_sockaddr(const struct sockaddr *from, socklen_t len)
{
    struct address a = { .kind = ADDRESS_NONE };
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;
    struct sockaddr_un un = { .sun_family = AF_UNIX };

    if (from->sa_family == AF_INET && len >= sizeof(in4)) {
        memcpy(&in4, from, sizeof(in4));
        a.kind = ADDRESS_IPV4;
        a.port = ntohs(in4.sin_port);
        memcpy(a.ip, &in4.sin_addr, 4);
    } else if (from->sa_family == AF_INET6 && len >= sizeof(in6)) {
        memcpy(&in6, from, sizeof(in6));
        a.port = ntohs(in6.sin6_port);
        a.scope = in6.sin6_scope_id;
        set_ipv6(&a, in6.sin6_addr.s6_addr);
    } else if (from->sa_family == AF_UNIX) {
        memcpy(&un, from, min_u64(len, sizeof(un)));
        a.kind = ADDRESS_UNIX;
        memcpy(a.path, un.sun_path, sizeof(a.path) - 1); /* an abstract name begins with a NUL and reads as empty */
    }
    return a;
}

socklen_t address_to_sockaddr(const struct address *a, struct sockaddr_storage *to)
{
    struct sockaddr_in in4 = { .sin_family = AF_INET, .sin_port = htons(a->port) };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(a->port), .sin6_scope_id = a->scope };
    struct sockaddr_un un = { .sun_family = AF_UNIX };

    memset(to, 0, sizeof(*to));
    switch (a->kind) {
    case ADDRESS_NONE:
        return sizeof(to->ss_family);
    case ADDRESS_IPV4:
        memcpy(&in4.sin_addr, a->ip, 4);
        memcpy(to, &in4, sizeof(in4));
        return sizeof(in4);
    case ADDRESS_IPV6:
        memcpy(&in6.sin6_addr, a->ip, 16);
        memcpy(to, &in6, sizeof(in6));
        return sizeof(in6);
    case ADDRESS_UNIX:
        memcpy(un.sun_path, a->path, sizeof(un.sun_path));
        memcpy(to, &un, sizeof(un));
        return sizeof(un);
    }
    UNREACHABLE();
}
