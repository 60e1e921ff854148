/*
 * Addresses of sockets, as values: an IPv4 or IPv6 address with its port, or the path of a unix socket.
 *
 * Written `127.0.0.1:8080`, `[::1]:0`, `unix:/run/gatehouse.sock`. Only literals, no names, but for `localhost`, which
 * is 127.0.0.1: what we listen on must not depend on a name server. An IPv4 address mapped into IPv6 is kept as IPv4.
 * Memory: a value. Threads: pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

#define ADDRESS_PATH_SIZE 108u /* of sun_path, with its NUL */

struct address {
    enum { ADDRESS_NONE, ADDRESS_IPV4, ADDRESS_IPV6, ADDRESS_UNIX } kind;
    uint16_t port;
    uint32_t scope;               /* the interface of a link-local IPv6 address */
    uint8_t ip[16];               /* in network order; IPv4 uses the first four bytes */
    char path[ADDRESS_PATH_SIZE]; /* NUL-terminated; empty for the nameless end of a unix connection */
};

/* ERR_SYNTAX: not an address of one of the forms above; ERR_LIMIT: the path is too long. */
must_use enum err address_parse(struct slice text, struct address *ret);

/* The same without port or brackets: `127.0.0.1`, `::1`, `localhost`. ERR_SYNTAX: not such an address. */
must_use enum err address_parse_ip(struct slice text, uint16_t port, struct address *ret);

void address_format(const struct address *a, struct buf *to); /* appends the form that address_parse reads */

bool address_is_loopback(const struct address *a); /* 127.0.0.0/8, ::1, and every unix socket */
bool address_eq(const struct address *a, const struct address *b);

/* The bytes of the IP without the port, borrowed: a key for limits per address. Empty for a unix socket. */
struct slice address_ip(const struct address *a);

/* Between ours and the system's. A family we do not know becomes ADDRESS_NONE; gives the length of *to. */
struct address address_of_sockaddr(const struct sockaddr *from, socklen_t len);
socklen_t address_to_sockaddr(const struct address *a, struct sockaddr_storage *to);
