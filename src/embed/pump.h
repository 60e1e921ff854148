/*
 * A pump: a thread that copies between a file and a socket, for what a loop cannot wait for (regular files, /dev/null).
 *
 * The loop has the other end of the socket and reads or writes that as it would a pipe. A socket holds little, so a
 * pump is never far ahead of whoever reads; it ends with its input, or when nobody is at the other end any more.
 *
 * Memory: PUMP_BYTES and a thread. Threads: made and freed on one; the loop never touches the file.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"

struct pump;

#define PUMP_BYTES (64u * 1024)

/*
 * Gives a pump from the file `fd` (borrowed until pump_free) and the socket that its bytes come out of, or into it and
 * the socket that they go into; the socket is the caller's to close. ERR_SYSTEM: no descriptors or no thread left.
 */
must_use enum err pump_from(int fd, struct pump **ret, int *ret_socket);
must_use enum err pump_into(int fd, struct pump **ret, int *ret_socket);

/* Takes; waits until all that is under way has arrived, so the socket was closed before. NULL is fine. */
void pump_free(struct pump *p);
DEFINE_AUTO_FREE(pump)
