/*
 * A house that is open: the server in front of a gateway, from its listeners to its drained end.
 *
 * Prints where it listens on stdout, a line per endpoint and address, and serves until SIGTERM, SIGINT or SIGHUP: then
 * it stops accepting, finishes what runs or cuts it at a deadline, and returns. A second signal cuts at once.
 *
 * Threads: the one that made the loop; it runs the loop.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "net/address.h"
#include "server/server.h"

struct gateway;

struct house_options {
    struct loop *loop;       /* borrowed, as is everything here */
    struct log *log;         /* may be NULL */
    struct gateway *gateway; /* with all its endpoints */
    const struct address *addresses;
    size_t n_addresses;
    struct server_limits limits;
    struct host_rules hosts;
    size_t body_bytes; /* of one message */
    uint64_t drain_ms;
};

/*
 * OK: served, and ended in order. Otherwise nothing was served, and nothing printed; *reterr_address is the one that
 * could not be had, SIZE_MAX where that is not what failed.
 */
must_use enum err house_run(const struct house_options *options, size_t *reterr_address);
