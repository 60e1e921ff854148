#include "http/host.h"

#include <arpa/inet.h>

#include "base/num.h"

#define MAX_HOST_BYTES 253u

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_ipv6_text(struct slice host)
{
    char text[INET6_ADDRSTRLEN] = { 0 };
    struct in6_addr address;

    if (host.len == 0 || host.len >= sizeof(text) || memchr(host.ptr, '\0', host.len) != NULL)
        return false;
    memcpy(text, host.ptr, host.len);
    return inet_pton(AF_INET6, text, &address) == 1;
}

static bool is_name(struct slice host)
{
    if (!in_range(host.len, 1, MAX_HOST_BYTES))
        return false;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        bool starts_label = i == 0 || host.ptr[i - 1] == '.';
        if (!is_alnum(c) && c != '-' && c != '_' && (c != '.' || starts_label))
            return false;
    }
    return true;
}

static enum err parse_port(struct slice text, uint16_t *ret)
{
    uint64_t port;

    if (text.len > 5)
        return ERR_SYNTAX;
    TRY(slice_to_u64(text, &port));
    if (!in_range(port, 1, UINT16_MAX))
        return ERR_SYNTAX;
    *ret = (uint16_t)port;
    return OK;
}

enum err authority_parse(struct slice text, struct authority *ret)
{
    struct authority a = { .is_ipv6 = slice_starts(text, S("[")) };
    struct slice rest;

    if (a.is_ipv6) {
        size_t end = slice_find(text, ']');
        if (end == SIZE_MAX)
            return ERR_SYNTAX;
        a.host = slice_from(slice_first(text, end), 1);
        rest = slice_from(text, end + 1);
    } else {
        size_t end = slice_find(text, ':');
        a.host = slice_first(text, end);
        rest = end == SIZE_MAX ? S("") : slice_from(text, end);
    }
    if (a.is_ipv6 ? !is_ipv6_text(a.host) : !is_name(a.host))
        return ERR_SYNTAX;
    if (rest.len > 0) {
        if (rest.ptr[0] != ':')
            return ERR_SYNTAX;
        TRY(parse_port(slice_from(rest, 1), &a.port));
    }
    *ret = a;
    return OK;
}

bool host_is_loopback(struct slice host)
{
    char text[INET6_ADDRSTRLEN] = { 0 };
    unsigned char bytes[sizeof(struct in6_addr)];

    if (slice_eq_nocase(host, S("localhost")))
        return true;
    if (host.len >= sizeof(text) || slice_find(host, '\0') != SIZE_MAX)
        return false;
    if (host.len > 0)
        memcpy(text, host.ptr, host.len);
    if (inet_pton(AF_INET, text, bytes) == 1)
        return bytes[0] == 127;
    if (inet_pton(AF_INET6, text, bytes) == 1)
        return memcmp(bytes, &in6addr_loopback, sizeof(bytes)) == 0;
    return false;
}

static bool is_ours(const struct host_rules *rules, bool is_local, const struct authority *asked)
{
    if (is_local && host_is_loopback(asked->host))
        return true;
    for (size_t i = 0; i < rules->n_names; i++) {
        struct authority ours;
        if (authority_parse(rules->names[i], &ours) == OK && slice_eq_nocase(ours.host, asked->host) &&
            (ours.port == 0 || ours.port == asked->port))
            return true;
    }
    return false;
}

enum err host_check(const struct host_rules *rules, bool is_local, struct slice host)
{
    struct authority asked;

    if (authority_parse(host, &asked) != OK)
        return ERR_HTTP_HOST_SYNTAX;
    return is_ours(rules, is_local, &asked) ? OK : ERR_HTTP_HOST;
}

enum err host_check_origin(const struct host_rules *rules, bool is_local, struct slice origin)
{
    struct authority asked;
    struct slice rest;

    if (origin.ptr == NULL)
        return OK;
    for (size_t i = 0; i < rules->n_origins; i++)
        if (slice_eq_nocase(rules->origins[i], origin))
            return OK;

    if (slice_starts(origin, S("https://")))
        rest = slice_from(origin, 8);
    else if (slice_starts(origin, S("http://")))
        rest = slice_from(origin, 7);
    else
        return ERR_HTTP_ORIGIN;
    if (authority_parse(rest, &asked) != OK || !is_ours(rules, is_local, &asked))
        return ERR_HTTP_ORIGIN;
    return OK;
}
