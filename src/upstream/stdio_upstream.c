#include "upstream/stdio_upstream.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "loop/loop.h"
#include "upstream/stdio_internal.h"

#define MAX_CHILDREN   64u
#define SPARE_CHILDREN 16u            /* that have not ended yet, beside as many as may run: a place is free at once */
#define PAUSE_MIN_NS   (1 * NS_PER_S) /* between starts that fail (S-83); the first may be repeated at once */
#define PAUSE_MAX_NS   (60 * NS_PER_S)

static const struct slice *dup_texts(const struct slice *texts, size_t n)
{
    struct slice *copies = mem_zalloc(n, sizeof(*copies));

    for (size_t i = 0; i < n; i++)
        copies[i] = mem_dup(texts[i]);
    return copies;
}

static void free_texts(const struct slice *texts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free((void *)(uintptr_t)texts[i].ptr);
    free((void *)(uintptr_t)texts);
}

static enum err stdio_open(struct upstream *base, const struct envelope *envelope, struct upstream_session **ret)
{
    struct stdio_upstream *u = container_of(base, struct stdio_upstream, base);
    uint64_t now_ns = loop_now_ns(base->loop);

    if (base->n_sessions >= u->max_children || child_n_ending(base->loop) >= u->max_children + SPARE_CHILDREN)
        return ERR_BUSY;
    bool known_legacy = envelope->era == ERA_MODERN && now_ns < u->legacy_until_ns;
    if (!known_legacy && now_ns < u->not_before_ns)
        return ERR_EXITED;

    struct stdio_session *s = mem_zalloc(1, sizeof(*s));
    upstream_session_init(&s->base, base, envelope);
    stdio_session_init(s);
    if (known_legacy) {
        upstream_session_opened(&s->base, ERR_UNSUPPORTED, NULL, NULL);
    } else {
        enum err e = stdio_session_begin(s);
        if (e != OK) {
            base->type->close(&s->base);
            return e;
        }
    }
    *ret = &s->base;
    return OK;
}

static void stdio_close(struct upstream_session *base)
{
    struct stdio_session *s = container_of(base, struct stdio_session, base);

    op_cancel(&s->op);
    stdio_session_end(s);
    line_reader_done(&s->lines);
    line_reader_done(&s->err_lines);
    upstream_session_done(base);
    free(s);
}

static void stdio_start(struct upstream_session *base, struct exchange *ex)
{
    struct stdio_session *s = container_of(base, struct stdio_session, base);

    switch (base->state) {
    case UPSTREAM_OPENING:
        break; /* it is sent when the session stands */
    case UPSTREAM_READY:
        stdio_session_send(s, ex);
        break;
    case UPSTREAM_FAILED:
        dialogue_fail(&s->dialogue, ex, base->failure);
        break;
    }
}

static void stdio_cancel(struct upstream_session *base, struct exchange *ex)
{
    if (ex->upstream_part != NULL) /* else the server has never heard of it */
        dialogue_cancel(&container_of(base, struct stdio_session, base)->dialogue, ex);
}

static void stdio_answer(struct upstream_session *base, uint64_t question, struct slice result, struct slice error)
{
    dialogue_answer(&container_of(base, struct stdio_session, base)->dialogue, question, result, error);
}

static void stdio_notify(struct upstream_session *base, struct slice method, const struct json_value *params)
{
    if (base->state == UPSTREAM_READY)
        dialogue_notify(&container_of(base, struct stdio_session, base)->dialogue, method, params);
}

static void stdio_free(struct upstream *base)
{
    struct stdio_upstream *u = container_of(base, struct stdio_upstream, base);

    free_texts(u->command.args, u->command.n_args);
    free_texts(u->command.env, u->command.n_env);
    free((void *)(uintptr_t)u->command.cwd.ptr);
    free(u);
}

struct upstream *stdio_upstream_new(const struct stdio_upstream_options *options, struct loop *loop, struct log *log)
{
    static const struct upstream_type type = {
        .name = "stdio",
        .open = stdio_open,
        .close = stdio_close,
        .start = stdio_start,
        .cancel = stdio_cancel,
        .answer = stdio_answer,
        .notify = stdio_notify,
        .free = stdio_free,
    };
    struct stdio_upstream *u = mem_zalloc(1, sizeof(*u));

    upstream_init(&u->base, &type, options->name, loop, log);
    u->warden = options->warden;
    u->max_children = options->max_children > 0 ? options->max_children : MAX_CHILDREN;
    u->command = options->command;
    u->command.args = dup_texts(options->command.args, options->command.n_args);
    u->command.env = dup_texts(options->command.env, options->command.n_env);
    u->command.cwd = mem_dup(options->command.cwd);
    return &u->base;
}

void stdio_upstream_note_start(struct stdio_upstream *u, bool succeeded)
{
    if (succeeded) {
        u->n_failed_starts = 0;
        u->not_before_ns = 0;
        return;
    }
    u->n_failed_starts++;
    if (u->n_failed_starts > 1) {
        uint64_t pause_ns = PAUSE_MIN_NS << min_u64(u->n_failed_starts - 2, 6);
        u->not_before_ns = loop_now_ns(u->base.loop) + min_u64(pause_ns, PAUSE_MAX_NS);
    }
}
