/*
 * The inside of a loop, shared by the files of this folder.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <uv.h>

#include "base/clock.h"
#include "base/list.h"
#include "loop/inbox.h"
#include "loop/loop.h"
#include "loop/op.h"
#include "loop/wheel.h"

#define TURN_RUNS 512u /* ops run in a turn before the world is looked at again */

struct inbox {
    pthread_mutex_t lock; /* guards the two below */
    struct list messages;
    size_t n_messages;
    uv_async_t bell; /* rung by whoever posts */
};

struct loop {
    struct op *first; /* ready to run, in the order they were woken */
    struct op **last;
    struct op *running; /* NULL between runs */
    struct clock clock;
    uint64_t skipped_ns;
    bool clock_is_fresh; /* read since the last wait */
    unsigned number;
    struct wheel wheel;
    struct inbox inbox;
    struct list orphans;
    unsigned n_ending; /* children among them */
    uv_loop_t uv;
    uv_prepare_t drain; /* runs the ready ops before each wait */
    uv_idle_t more;     /* keeps the wait from sleeping while ops are ready */
    uv_timer_t alarm;   /* ends the wait when the wheel's next timer is due */
};

void loop_run_one(struct loop *loop); /* runs the op that has been ready longest, if any */

enum err inbox_init(struct loop *loop);
void inbox_close(struct loop *loop); /* discards what is unread and closes the bell; inbox_done after the close */
void inbox_done(struct loop *loop);
