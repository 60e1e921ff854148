/*
 * The warden: a small process that starts all others for us, so that none of them can outlive us.
 *
 *     gateway ── warden ─┬─ guard ── child ── whatever the child starts
 *                        └─ guard ── child
 *
 * The warden is forked before any thread exists, does nothing but fork, and has one guard for each child. A guard is
 * the subreaper of its child: a process that leaves the child's group or loses its parent still ends up under the
 * guard, which kills all it can find there before it leaves. Who notices which death:
 *
 *     the child ends           its guard kills what the child left behind, then reports the exit status
 *     the gateway ends         the guards' sockets close: they kill at once; the warden ends after the last of them
 *     the warden is killed     the guards read the end of its pipe and kill at once; nothing new can be started
 *     a guard is killed        the kernel kills the child (parent-death signal), the warden what the child had started
 *
 * Threads: after warden_start every loop may spawn through the same warden; a request is one atomic message.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct warden;

/*
 * Forks the warden. Call it first thing in main: before threads, before secrets are read, before descriptors are open.
 * ERR_SYSTEM: no socket or no process could be had.
 */
must_use enum err warden_start(struct warden **ret);

/* Takes `w`. Ends the warden with everything it started and waits for that; children_stop first if grace is due. */
void warden_free(struct warden *w);
DEFINE_AUTO_FREE(warden)

bool warden_is_lost(const struct warden *w); /* somebody killed it: this program should end and be started anew */
pid_t warden_pid(const struct warden *w);

#define WARDEN_MAX_CHILDREN 1024

/* Caps the kernel keeps for a child; 0 leaves a cap as it is for us. Core dumps are always off. */
struct child_limits {
    uint64_t open_files;
    uint64_t file_bytes;
    uint64_t cpu_s;
};

/* What to run, without a shell. No text may hold a NUL. All is borrowed for the call. */
struct child_command {
    const struct slice *args; /* the first is the program: with a slash a path, else searched in the child's PATH */
    size_t n_args;
    const struct slice *env; /* "NAME=value": the whole environment of the child */
    size_t n_env;
    struct slice cwd; /* absolute; empty means "/" */
    struct child_limits limits;
};

/* Our ends: non-blocking, closed on exec. */
struct child_fds {
    int in;      /* we write */
    int out;     /* we read */
    int err;     /* we read */
    int control; /* to the guard: orders out, reports in; closing it kills the child and all it started */
};

/*
 * Asks for a child. That it really runs, or why not, comes as a report on `control`.
 *
 *   OK           asked; the caller owns the four descriptors
 *   ERR_INVALID  no program, or a NUL within a text
 *   ERR_LIMIT    arguments and environment are longer than 128 KiB together
 *   ERR_BUSY     too many requests wait for the warden
 *   ERR_SPAWN    the warden is gone
 *   ERR_SYSTEM   no descriptors left
 */
must_use enum err warden_spawn(struct warden *w, const struct child_command *command, struct child_fds *ret);
