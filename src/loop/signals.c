#include "loop/signals.h"

#include <signal.h>
#include <stdlib.h>

#include <uv.h>

#include "base/check.h"
#include "base/mem.h"
#include "loop/loop.h"

static const int numbers[] = { SIGTERM, SIGINT, SIGHUP }; /* the most urgent first */

struct signals {
    uv_signal_t handles[N_ELEMENTS(numbers)];
    bool arrived[N_ELEMENTS(numbers)];
    struct slot slot;
    unsigned n_open; /* handles that still have a close callback to come */
};

static void on_closed(uv_handle_t *handle)
{
    struct signals *s = handle->data;

    if (--s->n_open == 0)
        free(s);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct signals *s = handle->data;

    for (size_t i = 0; i < N_ELEMENTS(numbers); i++)
        if (numbers[i] == number)
            s->arrived[i] = true;
    slot_wake(&s->slot);
}

enum err signals_new(struct loop *loop, struct signals **ret)
{
    struct signals *s = mem_zalloc(1, sizeof(*s));

    for (size_t i = 0; i < N_ELEMENTS(numbers); i++) {
        s->handles[i].data = s;
        if (uv_signal_init(loop_uv(loop), &s->handles[i]) != 0) {
            if (i == 0)
                free(s); /* nothing is open, so no close callback comes */
            else
                signals_free(s);
            return ERR_SYSTEM;
        }
        s->n_open++;
        if (uv_signal_start(&s->handles[i], on_signal, numbers[i]) != 0) {
            signals_free(s);
            return ERR_SYSTEM;
        }
    }
    *ret = s;
    return OK;
}

void signals_free(struct signals *s)
{
    if (s == NULL)
        return;
    slot_clear(&s->slot);
    for (size_t i = 0, n = s->n_open; i < n; i++)
        uv_close((uv_handle_t *)&s->handles[i], on_closed);
}

enum err signals_wait(struct signals *s, struct op *op, int *ret_signal)
{
    for (size_t i = 0; i < N_ELEMENTS(numbers); i++) {
        if (s->arrived[i]) {
            s->arrived[i] = false;
            *ret_signal = numbers[i];
            return OK;
        }
    }
    return op_wait(op, &s->slot);
}

void signals_ignore_pipe(void)
{
    CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
}
