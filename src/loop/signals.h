/*
 * Signals as events: SIGTERM, SIGINT and SIGHUP reach an op of one loop instead of ending the program.
 *
 * Each signal is remembered once until it is asked for, the most urgent first. Threads: one loop of the process has
 * them; other threads keep them blocked (work lanes do).
 */
#pragma once

#include "base/attr.h"
#include "loop/op.h"

struct signals;

/* Gives the receiver; from now on these signals do not end the program. ERR_SYSTEM: the system refuses. */
must_use enum err signals_new(struct loop *loop, struct signals **ret);
void signals_free(struct signals *s); /* takes; NULL is fine; the signals have their default effect again */
DEFINE_AUTO_FREE(signals)

/* WAIT until one arrives; OK: it is *ret_signal (SIGTERM before SIGINT before SIGHUP). One op waits. */
must_use enum err signals_wait(struct signals *s, struct op *op, int *ret_signal);

/* Called once at the start of a program: writing to a peer that has gone is an error then, not our end. */
void signals_ignore_pipe(void);
