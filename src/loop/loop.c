#include "loop/loop.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "loop/loop_internal.h"
#include "loop/timer_internal.h"

static void read_clock(struct loop *loop)
{
    clock_read(&loop->clock);
    loop->clock.mono_ns += loop->skipped_ns;
    loop->clock_is_fresh = true;
}

static void on_nothing(uv_idle_t *more)
{
    (void)more; /* that it is active is all it is for */
}

static void on_alarm(uv_timer_t *alarm)
{
    (void)alarm; /* it has ended the wait; the drain advances the wheel */
}

/* Sleep no longer than until the next timer is due. libuv counts from the time it last looked, so it may wake us a
 * little early; the next drain then sets the alarm again. */
static void set_alarm(struct loop *loop)
{
    uint64_t next_ns = loop->wheel.next_ns;

    if (next_ns == UINT64_MAX) {
        (void)uv_timer_stop(&loop->alarm); /* cannot fail */
        return;
    }
    uint64_t now_ns = loop->clock.mono_ns;
    uint64_t left_ns = next_ns > now_ns ? next_ns - now_ns : 0;
    CHECK(uv_timer_start(&loop->alarm, on_alarm, div_up(left_ns, NS_PER_MS), 0) == 0);
}

static void on_drain(uv_prepare_t *drain)
{
    struct loop *loop = drain->data;
    unsigned n = 0;

    read_clock(loop);
    wheel_advance(&loop->wheel, loop->clock.mono_ns, timer_expire);
    while (loop->first != NULL && n++ < TURN_RUNS)
        loop_run_one(loop);
    if (loop->first != NULL)
        CHECK(uv_idle_start(&loop->more, on_nothing) == 0);
    else
        CHECK(uv_idle_stop(&loop->more) == 0);
    set_alarm(loop);
    loop->clock_is_fresh = false; /* the wait that comes now may be long */
}

enum err loop_new(unsigned number, struct loop **ret)
{
    struct loop *loop = mem_zalloc(1, sizeof(*loop));

    if (uv_loop_init(&loop->uv) != 0) {
        free(loop);
        return ERR_SYSTEM;
    }
    if (inbox_init(loop) != OK) {
        CHECK(uv_loop_close(&loop->uv) == 0);
        free(loop);
        return ERR_SYSTEM;
    }
    loop->last = &loop->first;
    loop->number = number;
    list_init(&loop->orphans);
    read_clock(loop);
    wheel_init(&loop->wheel, loop->clock.mono_ns);

    loop->uv.data = loop;
    loop->drain.data = loop;
    CHECK(uv_prepare_init(&loop->uv, &loop->drain) == 0 && uv_idle_init(&loop->uv, &loop->more) == 0 &&
          uv_timer_init(&loop->uv, &loop->alarm) == 0 && uv_prepare_start(&loop->drain, on_drain) == 0);
    *ret = loop;
    return OK;
}

static void check_is_closing(uv_handle_t *handle, void *unused)
{
    (void)unused;
    CHECK(uv_is_closing(handle)); /* somebody forgot to close this one */
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;

    while (!list_is_empty(&loop->orphans)) {
        struct orphan *o = list_first(&loop->orphans, struct orphan, link);
        o->end(o);
    }
    CHECK(loop->first == NULL && loop->running == NULL);
    inbox_close(loop);
    uv_close((uv_handle_t *)&loop->drain, NULL);
    uv_close((uv_handle_t *)&loop->more, NULL);
    uv_close((uv_handle_t *)&loop->alarm, NULL);
    uv_walk(&loop->uv, check_is_closing, NULL);
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT); /* close callbacks, and requests that end by being cancelled */
    CHECK(uv_loop_close(&loop->uv) == 0);
    inbox_done(loop);
    free(loop);
}

void loop_run(struct loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT); /* says whether handles are left: the loop's own always are */
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

void loop_turn(struct loop *loop)
{
    (void)uv_run(&loop->uv, UV_RUN_NOWAIT);
}

unsigned loop_number(const struct loop *loop)
{
    return loop->number;
}

struct uv_loop_s *loop_uv(struct loop *loop)
{
    return &loop->uv;
}

const struct clock *loop_clock(const struct loop *loop)
{
    return &loop->clock;
}

uint64_t loop_now_ns(struct loop *loop)
{
    if (!loop->clock_is_fresh)
        read_clock(loop);
    return loop->clock.mono_ns;
}

void loop_skip_ns(struct loop *loop, uint64_t ns)
{
    loop->skipped_ns += ns;
    read_clock(loop);
}

void loop_adopt(struct loop *loop, struct orphan *orphan)
{
    list_append(&loop->orphans, &orphan->link);
}

void orphan_leave(struct orphan *orphan)
{
    list_remove(&orphan->link);
}
