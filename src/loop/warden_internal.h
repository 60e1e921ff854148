/*
 * What the gateway, the warden and the guards say to each other: small packets of fixed shape on socket pairs, between
 * processes that are forks of one another.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "loop/warden.h"

#define SPAWN_MAX_BYTES ((size_t)128 * 1024)

/* Descriptors that travel with a spawn request, in this order. */
enum { SPAWN_FD_IN, SPAWN_FD_OUT, SPAWN_FD_ERR, SPAWN_FD_CONTROL, SPAWN_N_FDS };

/* Gateway to warden; then, NUL-terminated: the directory, the arguments, the environment. */
struct spawn_request {
    uint32_t n_args;
    uint32_t n_env;
    struct child_limits limits;
    char texts[];
};

/* Guard to gateway. */
struct guard_report {
    enum guard_report_kind {
        GUARD_SILENT,  /* never sent: what a zeroed report says */
        GUARD_STARTED, /* value: the child's process id */
        GUARD_FAILED,  /* value: errno; nothing follows */
        GUARD_ENDED,   /* value: as of waitpid(); the child and all it started are gone */
    } kind;
    int32_t value;
};

/* Gateway to guard: end the child with patience. Closing the socket ends it without. */
struct guard_order {
    uint32_t term_after_ms; /* SIGTERM to the group, if it has not ended by then */
    uint32_t kill_after_ms; /* SIGKILL to all, this long after the SIGTERM */
};

/* The warden's process: exits when the gateway is gone and nothing is left. */
_Noreturn void warden_process_run(int link_fd);

/* A guard's process: starts the child, stays until it and all it started are gone, and exits. Takes all descriptors. */
_Noreturn void guard_run(const struct spawn_request *request, size_t n_bytes, const int fds[SPAWN_N_FDS],
                         int warden_pipe_fd);

/*
 * In the forked child: becomes the program. When that fails, writes errno to `report_fd` and exits; when it succeeds,
 * `report_fd` closes without a word. `guard` is the process that must be the parent.
 */
_Noreturn void child_exec(const struct spawn_request *request, size_t n_bytes, const int fds[SPAWN_N_FDS],
                          int report_fd, pid_t guard);

/* Kills this process's own children but for the spared ones; the kernel then hands us theirs. Gives how many. */
size_t orphans_kill(const pid_t *spared, size_t n_spared);

/*
 * Kills and reaps until this process has no children (or, after 10 s, none that can be killed). `on_end` hears of each
 * process that ended.
 */
void orphans_kill_all(void (*on_end)(void *arg, pid_t pid, int status), void *arg);
