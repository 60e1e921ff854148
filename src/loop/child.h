/*
 * A child: one program run for us by the warden, as a loop sees it.
 *
 * It is asked for by child_new and runs soon after; child_exited tells when it has ended, and then nothing of what it
 * started is left either. Its standard streams are non-blocking descriptors; taking one makes the caller its owner.
 *
 * Threads: one loop's; the warden may be shared by all. Memory: small; freeing kills whatever still runs.
 */
#pragma once

#include <sys/types.h>

#include "loop/op.h"
#include "loop/warden.h"

struct child;
struct loop;

/* Gives a child. Errors: those of warden_spawn. That the program cannot be run is told by child_exited. */
must_use enum err child_new(struct warden *warden, struct loop *loop, const struct child_command *command,
                            struct child **ret);

/* Takes `c`; NULL is fine. At once and without grace: the child and all it started are killed. Nobody is woken. */
void child_free(struct child *c);
DEFINE_AUTO_FREE(child)

/*
 * Takes `c`; NULL is fine. Ends it with patience, in the background: as child_stop, and freed when it is over. loop_free
 * cuts this short.
 */
void child_close(struct child *c, unsigned term_after_ms, unsigned kill_after_ms);

/* How many children of this loop were closed and have not ended yet: they are processes all the same. */
unsigned child_n_ending(const struct loop *loop);

/* Each once: the descriptor is the caller's from now on. What is not taken is closed with the child. */
int child_take_in(struct child *c);  /* its standard input: we write */
int child_take_out(struct child *c); /* its standard output: we read */
int child_take_err(struct child *c);

/*
 * Asks it to end: its standard input is closed (by the caller, if taken), `term_after_ms` later its group gets SIGTERM,
 * and `kill_after_ms` after that everything it started is killed. Returns at once; child_exited tells when it is over.
 */
void child_stop(struct child *c, unsigned term_after_ms, unsigned kill_after_ms);

/*
 * How it ended. One op waits.
 *
 *   WAIT        it runs, or is about to; `op` will be woken
 *   OK          it has ended, and all it started too: *ret_status is as of waitpid()
 *   ERR_SPAWN   it could not be started: child_errno() says why
 *   ERR_EXITED  its guard was killed: it has ended, nobody knows how
 */
must_use enum err child_exited(struct child *c, struct op *op, int *ret_status);

pid_t child_pid(const struct child *c); /* 0 while it is not known to run */
int child_errno(const struct child *c); /* why it could not be started; 0: it could, or its start is still under way */
