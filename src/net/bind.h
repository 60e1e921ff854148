/*
 * Sockets that listen: made, bound and listening, as descriptors.
 *
 * Threads: any. All are close-on-exec and do not block.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "net/address.h"

/* Gives the descriptor and the real address; the errors are those of listener_new. */
must_use enum err bind_tcp(const struct address *a, int backlog, bool reuse_port, int *ret_fd,
                           struct address *ret_address);
must_use enum err bind_unix(const struct address *a, int backlog, int *ret_fd);
