/*
 * A stdio session: the child, the bytes to and from it, and how it opens and ends.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/check.h"
#include "loop/loop.h"
#include "mcp/compose.h"
#include "obs/log.h"
#include "upstream/stdio_internal.h"
#include "json/json.h"

#define OPENING_MS           (30u * 1000) /* for the first answer: a cold package runner is slow (decision 18) */
#define TERM_AFTER_MS        2000u        /* from the end of its input (S-83) */
#define KILL_AFTER_MS        5000u        /* from SIGTERM */
#define LEGACY_BY_ANSWER_MS  (24u * 60 * 60 * 1000) /* a verdict that works, worse, for ever: it expires (eras 3) */
#define LEGACY_BY_EXIT_MS    (5u * 60 * 1000)       /* an exit says less about the era than an answer does */
#define REPORT_MS            500u                   /* from the end of a child's output to the report of its own */
#define READ_BYTES           (64u * 1024)           /* of a stream that wait for us; the pipe holds as much again */
#define ERR_READ_BYTES       (16u * 1024)
#define LINES_PER_RUN        16
#define ERR_LINES_PER_MINUTE 300u

static const char *server_name(const struct stdio_session *s)
{
    return s->base.upstream->name;
}

static struct log *log_of(const struct stdio_session *s)
{
    return s->base.upstream->log;
}

static struct stdio_upstream *upstream_of(const struct stdio_session *s)
{
    return container_of(s->base.upstream, struct stdio_upstream, base);
}

static bool is_modern(const struct stdio_session *s)
{
    return s->base.envelope.era == ERA_MODERN;
}

static struct stdio_session *session_of(struct dialogue *d)
{
    return container_of(d, struct stdio_session, dialogue);
}

/* ---- Writing ---- */

/*
 * Writes one message and its line end. `n_kept_free`: so much of the queue is not for it. ERR_BUSY: the child does not
 * read; ERR_LIMIT: the message is too large; ERR_EXITED: nobody is there.
 */
static enum err write_message(struct stdio_session *s, struct buf *message, size_t n_kept_free)
{
    buf_putc(message, '\n');
    TRY(buf_ok(message));
    if (s->in == NULL)
        return ERR_EXITED;
    if (stream_write_max(s->in) < message->len + n_kept_free)
        return ERR_BUSY;
    return stream_write(s->in, buf_slice(message)) == OK ? OK : ERR_EXITED;
}

static enum err say(struct dialogue *d, struct buf *message)
{
    return write_message(session_of(d), message, 0);
}

void stdio_session_send(struct stdio_session *s, struct exchange *ex)
{
    auto_buf text;

    buf_init(&text, DIALOGUE_MESSAGE_MAX);
    exchange_put(ex, &text);
    enum err e = write_message(s, &text, STDIO_RESERVE_BYTES);
    if (e == OK)
        ex->upstream_part = s; /* it is under way */
    else
        exchange_fail(ex, e);
}

static void forget(struct dialogue *d, struct exchange *ex)
{
    (void)d;
    ex->upstream_part = NULL;
}

/* ---- Reading ---- */

static void log_err_line(struct stdio_session *s, struct slice line)
{
    struct dialogue_quota *q = &s->err_quota;

    if (dialogue_quota_take(q, loop_now_ns(s->op.loop), ERR_LINES_PER_MINUTE))
        LOG(log_of(s), INFO, "child.stderr", F("server", server_name(s)), F("line", line),
            F("passed_over", q->n_passed_over));
}

/* What it says on standard error is free text and means no failure (I-03). */
static void read_err(struct stdio_session *s)
{
    while (s->err != NULL) {
        enum err e = stream_more(s->err, &s->op, 0);
        if (e == WAIT)
            return;
        struct slice input = stream_in(s->err), rest = input, line;
        while (line_reader_next(&s->err_lines, &rest, &line))
            log_err_line(s, line);
        stream_consume(s->err, input.len);
        if (e == OK)
            continue;
        if (line_reader_rest(&s->err_lines, &line))
            log_err_line(s, line);
        stream_free(TAKE(s->err));
    }
}

/* WAIT: there will be more. Otherwise the output has ended. */
static enum err read_out(struct stdio_session *s)
{
    static const struct dialogue_source source = { .is_shared = true };

    for (unsigned n = 0; n < LINES_PER_RUN;) {
        TRY(stream_more(s->out, &s->op, 0));
        struct slice input = stream_in(s->out), rest = input, line;
        uint64_t n_skipped = s->lines.n_skipped;

        for (; n < LINES_PER_RUN && line_reader_next(&s->lines, &rest, &line); n++) {
            dialogue_take(&s->dialogue, line, &source);
            if (s->out == NULL)
                return ERR_EXITED; /* it has lost the session over what it said */
        }
        stream_consume(s->out, input.len - rest.len);
        if (s->lines.n_skipped != n_skipped)
            dialogue_note_too_long(&s->dialogue);
    }
    op_wake(&s->op);
    return WAIT;
}

/* ---- The end ---- */

static void note_exit(const struct stdio_session *s, enum err e, int status)
{
    if (e == ERR_SPAWN)
        LOG(log_of(s), ERROR, "child.not_started", F("server", server_name(s)), F("errno", child_errno(s->child)),
            F("reason", strerrordesc_np(child_errno(s->child))));
    else if (e == OK && WIFSIGNALED(status))
        LOG(log_of(s), WARN, "child.killed", F("server", server_name(s)), F("pid", child_pid(s->child)),
            F("signal", WTERMSIG(status)));
    else if (e == OK)
        LOG(log_of(s), WARN, "child.exited", F("server", server_name(s)), F("pid", child_pid(s->child)),
            F("status", WEXITSTATUS(status)));
    else if (e == WAIT)
        LOG(log_of(s), WARN, "child.closed_output", F("server", server_name(s)), F("pid", child_pid(s->child)));
    else
        LOG(log_of(s), WARN, "child.lost", F("server", server_name(s)), F("pid", child_pid(s->child)));
}

/* Its output has ended. The report of how it ended itself comes at once, unless it has merely closed its output. */
static enum err learn_end(struct stdio_session *s)
{
    int status = 0;

    if (!s->is_ending)
        timer_start(&s->deadline, s->op.loop, REPORT_MS);
    s->is_ending = true;
    enum err e = child_exited(s->child, &s->op, &status);
    if (e == WAIT && timer_wait(&s->deadline, &s->op) == WAIT)
        return WAIT;
    note_exit(s, e, status);
    return e == ERR_SPAWN ? ERR_SPAWN : ERR_EXITED;
}

void stdio_session_end(struct stdio_session *s)
{
    timer_stop(&s->deadline);
    dialogue_done(&s->dialogue);
    stream_close(TAKE(s->in)); /* what is under way may still arrive */
    stream_free(TAKE(s->out));
    stream_free(TAKE(s->err));
    child_close(TAKE(s->child), TERM_AFTER_MS, KILL_AFTER_MS);
}

/* The conversation is over: whatever waits fails. */
static void lose(struct stdio_session *s, enum err failure)
{
    if (s->base.state == UPSTREAM_OPENING) {
        upstream_session_opened(&s->base, failure, NULL, NULL);
    } else {
        s->base.state = UPSTREAM_FAILED;
        s->base.failure = failure;
    }
    stdio_session_end(s);
    dialogue_fail_all(&s->dialogue, failure);
}

static void note_legacy_only(struct stdio_session *s, uint64_t for_ms)
{
    LOG(log_of(s), INFO, "upstream.legacy_only", F("server", server_name(s)));
    upstream_of(s)->legacy_until_ns = loop_now_ns(s->base.upstream->loop) + for_ms * NS_PER_MS;
}

/* A server of the legacy era may end on any message before `initialize` (U-11). Silence proves nothing (decision 18). */
static enum err end_of_opening(struct stdio_session *s, enum err failure)
{
    if (is_modern(s) && failure == ERR_EXITED)
        note_legacy_only(s, LEGACY_BY_EXIT_MS);
    if (is_modern(s) && failure != ERR_SPAWN)
        return ERR_UNSUPPORTED;
    stdio_upstream_note_start(upstream_of(s), false);
    return failure;
}

static enum err session_run(struct op *op)
{
    struct stdio_session *s = container_of(op, struct stdio_session, op);
    enum err e = WAIT;

    read_err(s);
    if (s->base.state == UPSTREAM_OPENING && !s->is_ending && timer_wait(&s->deadline, op) == OK) {
        LOG(log_of(s), WARN, "child.silent", F("server", server_name(s)), F("pid", child_pid(s->child)));
        e = ERR_TIMEOUT;
    }
    if (e == WAIT)
        e = read_out(s);
    if (e == WAIT)
        return WAIT;
    if (s->child == NULL)
        return ERR_EXITED; /* lost already */
    if (e != ERR_TIMEOUT)
        e = learn_end(s);
    if (e == WAIT)
        return WAIT;
    if (s->base.state == UPSTREAM_OPENING)
        e = end_of_opening(s, e);
    lose(s, e);
    return e;
}

static void session_release(struct op *op)
{
    (void)op; /* whoever opened the session closes it, and that is when it is freed */
}

/* ---- The beginning ---- */

static enum err open_streams(struct stdio_session *s)
{
    struct loop *loop = s->base.upstream->loop;
    struct stream_options to = { .in_max_bytes = 1,
                                 .out_max_bytes = 2 * DIALOGUE_MESSAGE_MAX + STDIO_RESERVE_BYTES,
                                 .out_low_bytes = DIALOGUE_MESSAGE_MAX };
    struct stream_options from = { .in_max_bytes = READ_BYTES, .out_max_bytes = 2, .out_low_bytes = 1 };
    struct stream_options from_err = { .in_max_bytes = ERR_READ_BYTES, .out_max_bytes = 2, .out_low_bytes = 1 };

    TRY(stream_open_fd(loop, child_take_in(s->child), &to, &s->in));
    TRY(stream_open_fd(loop, child_take_out(s->child), &from, &s->out));
    return stream_open_fd(loop, child_take_err(s->child), &from_err, &s->err);
}

static void say_initialized(struct stdio_session *s)
{
    auto_buf text;

    buf_init(&text, DIALOGUE_MESSAGE_MAX);
    compose_notification(&text, S("notifications/initialized"), NULL, NULL, 0);
    if (write_message(s, &text, 0) != OK)
        LOG(log_of(s), WARN, "upstream.not_told", F("server", server_name(s)));
}

static void stand(struct stdio_session *s, struct json *json, const struct json_value *server)
{
    timer_stop(&s->deadline);
    stdio_upstream_note_start(upstream_of(s), true);
    upstream_session_opened(&s->base, OK, json, server);
    if (!is_modern(s))
        say_initialized(s);
    list_each(entry, following, &s->base.exchanges)
        stdio_session_send(s, container_of(entry, struct exchange, link));
}

static void opened(struct dialogue *d, enum dialogue_opening how, struct json *json, const struct json_value *value)
{
    struct stdio_session *s = session_of(d);

    switch (how) {
    case DIALOGUE_STANDS:
        stand(s, json, value);
        break;
    case DIALOGUE_LEGACY_ONLY:
        json_free(json);
        note_legacy_only(s, LEGACY_BY_ANSWER_MS);
        lose(s, ERR_UNSUPPORTED);
        break;
    case DIALOGUE_REFUSED:
        upstream_session_opened(&s->base, ERR_UNSUPPORTED, json, NULL);
        s->base.refusal = value;
        lose(s, ERR_UNSUPPORTED);
        break;
    case DIALOGUE_NONSENSE:
        json_free(json);
        lose(s, ERR_PROTOCOL);
        break;
    }
}

void stdio_session_init(struct stdio_session *s)
{
    static const struct dialogue_carrier carrier = { .say = say, .forget = forget, .opened = opened };

    dialogue_init(&s->dialogue, &s->base, &carrier);
    line_reader_init(&s->lines, DIALOGUE_MESSAGE_MAX);
    line_reader_init(&s->err_lines, LOG_VALUE_BYTES);
    s->op.run = session_run;
    s->op.release = session_release;
}

enum err stdio_session_begin(struct stdio_session *s)
{
    struct stdio_upstream *u = upstream_of(s);
    auto_buf text = { 0 };

    buf_init(&text, DIALOGUE_MESSAGE_MAX);
    enum err e = child_new(u->warden, u->base.loop, &u->command, &s->child);
    if (e == ERR_SPAWN && warden_is_lost(u->warden))
        LOG(log_of(s), ERROR, "warden.lost", F("server", server_name(s)), F("remedy", "start this program anew"));
    TRY(e);
    TRY(open_streams(s));
    dialogue_put_opening(&s->dialogue, &text);
    e = write_message(s, &text, 0);
    if (e != OK && e != ERR_EXITED) /* one that ended already is found by the op, which learns why */
        return e;

    timer_start(&s->deadline, u->base.loop, OPENING_MS);
    op_start(&s->op, u->base.loop, NULL);
    return OK;
}
