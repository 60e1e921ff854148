#include "net/connect.h"

#include <netdb.h>
#include <stdlib.h>

#include <uv.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "loop/timer.h"
#include "net/stream_internal.h"

/* A question to libuv's threads. It outlives the op that asked when a thread has it: then it frees itself. */
struct lookup {
    uv_getaddrinfo_t request;
    struct slot slot;
    enum err result; /* WAIT while it is under way */
    bool dropped;
};

struct connect {
    struct op op;
    enum { CONNECT_START, CONNECT_LOOKUP, CONNECT_NEXT, CONNECT_ESTABLISH } state;
    struct connect_options options; /* its slices point at the copies below */
    char *host;
    char *unix_path;
    struct lookup *lookup;
    struct address addresses[CONNECT_MAX_ADDRESSES];
    unsigned n_addresses;
    unsigned at; /* the one that is tried, or comes next */
    struct stream *stream;
    struct timer deadline; /* of everything */
    struct timer attempt;  /* of this address */
    uint64_t deadline_ns;
    enum err failure; /* of the last address */
};

/* -- Names ---------------------------------------------------------------------------------------------------- */

static void lookup_free(struct lookup *l)
{
    uv_freeaddrinfo(l->request.addrinfo);
    free(l);
}

static void lookup_drop(struct lookup *l)
{
    if (l == NULL)
        return;
    slot_clear(&l->slot);
    if (l->result != WAIT) {
        lookup_free(l);
        return;
    }
    l->dropped = true;
    (void)uv_cancel((uv_req_t *)&l->request); /* a thread that has it already cannot be stopped */
}

static void on_looked_up(uv_getaddrinfo_t *request, int status, struct addrinfo *unused)
{
    struct lookup *l = request->data;

    (void)unused; /* it is request->addrinfo */
    l->result = status == 0 ? OK : ERR_RESOLVE;
    if (l->dropped)
        lookup_free(l);
    else
        slot_wake(&l->slot);
}

static struct lookup *lookup_start(struct loop *loop, const char *name)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
    struct lookup *l = mem_zalloc(1, sizeof(*l));

    l->request.data = l;
    if (uv_getaddrinfo(loop_uv(loop), &l->request, on_looked_up, name, NULL, &hints) != 0)
        l->result = ERR_RESOLVE; /* too long, or not a name by IDNA */
    return l;
}

static void add_address(struct connect *c, struct address a)
{
    a.port = c->options.port;
    if (a.kind != ADDRESS_NONE && c->n_addresses < CONNECT_MAX_ADDRESSES)
        c->addresses[c->n_addresses++] = a;
}

/* What needs no lookup; false when it does. */
static bool add_literal(struct connect *c)
{
    struct address a = { .kind = ADDRESS_UNIX };

    if (c->unix_path != NULL) {
        size_t n = strlen(c->unix_path);
        if (n < sizeof(a.path)) { /* else there is no such socket: no address */
            memcpy(a.path, c->unix_path, n);
            add_address(c, a);
        }
        return true;
    }
    if (address_parse_ip(c->options.host, 0, &a) != OK)
        return false;
    add_address(c, a);
    if (slice_eq_nocase(c->options.host, S("localhost")) && address_parse_ip(S("::1"), 0, &a) == OK)
        add_address(c, a);
    return true;
}

static enum err collect_addresses(struct connect *c, struct op *op)
{
    struct lookup *l = c->lookup;

    if (l->result == WAIT)
        return op_wait(op, &l->slot);
    TRY(l->result);
    for (const struct addrinfo *ai = l->request.addrinfo; ai != NULL; ai = ai->ai_next)
        add_address(c, address_of_sockaddr(ai->ai_addr, ai->ai_addrlen));
    lookup_drop(TAKE(c->lookup));
    return c->n_addresses > 0 ? OK : ERR_RESOLVE;
}

/* -- Attempts ------------------------------------------------------------------------------------------------- */

/* Begins with the address at hand, which gets its share of the time that is left. */
static enum err begin_attempt(struct connect *c, struct op *op)
{
    const struct address *a = &c->addresses[c->at];
    uint64_t now_ns = loop_clock(op->loop)->mono_ns;
    uint64_t left_ns = c->deadline_ns > now_ns ? c->deadline_ns - now_ns : 0;

    if (c->options.check != NULL)
        TRY(c->options.check(a));
    c->stream = a->kind == ADDRESS_UNIX ? stream_new_pipe(op->loop, &c->options.stream)
                                        : stream_new_tcp(op->loop, &c->options.stream);
    timer_start(&c->attempt, op->loop, div_up(left_ns / (c->n_addresses - c->at), NS_PER_MS));
    return stream_connect(c->stream, a);
}

static enum err await_attempt(struct connect *c, struct op *op)
{
    if (timer_wait(&c->attempt, op) == OK)
        return ERR_TIMEOUT;
    TRY(stream_connected(c->stream, op));
    return stream_begin(c->stream);
}

static void give_up_attempt(struct connect *c, enum err failure)
{
    timer_stop(&c->attempt);
    stream_free(TAKE(c->stream));
    c->failure = failure;
    c->at++;
}

static enum err connect_run(struct op *op)
{
    struct connect *c = container_of(op, struct connect, op);
    enum err e;

    if (timer_wait(&c->deadline, op) == OK)
        return ERR_TIMEOUT;

    switch (c->state) {
    case CONNECT_START:
        if (add_literal(c)) {
            c->state = CONNECT_NEXT;
            op_wake(op);
            return WAIT;
        }
        c->lookup = lookup_start(op->loop, c->host);
        c->state = CONNECT_LOOKUP;
        FALLTHROUGH;

    case CONNECT_LOOKUP:
        TRY(collect_addresses(c, op));
        c->state = CONNECT_NEXT;
        FALLTHROUGH;

    case CONNECT_NEXT:
        if (c->at == c->n_addresses)
            return c->failure;
        e = begin_attempt(c, op);
        if (e != OK) {
            give_up_attempt(c, e);
            op_wake(op);
            return WAIT;
        }
        c->state = CONNECT_ESTABLISH;
        FALLTHROUGH;

    case CONNECT_ESTABLISH:
        e = await_attempt(c, op);
        if (e == WAIT || e == OK)
            return e;
        give_up_attempt(c, e);
        c->state = CONNECT_NEXT;
        op_wake(op);
        return WAIT;
    }
    UNREACHABLE();
}

static void connect_release(struct op *op)
{
    struct connect *c = container_of(op, struct connect, op);

    timer_stop(&c->deadline);
    timer_stop(&c->attempt);
    lookup_drop(TAKE(c->lookup));
    if (op_result(op) != OK)
        stream_free(TAKE(c->stream));
}

/* -- Life ----------------------------------------------------------------------------------------------------- */

struct connect *connect_start(struct loop *loop, const struct connect_options *options, struct op *waiter)
{
    struct connect *c = mem_zalloc(1, sizeof(*c));

    CHECK(options->timeout_ms > 0);
    c->options = *options;
    c->host = mem_strdup(options->host);
    c->options.host = slice_of(c->host);
    c->unix_path = options->unix_path.len > 0 ? mem_strdup(options->unix_path) : NULL;
    c->options.unix_path = slice_of(c->unix_path);
    c->failure = ERR_CONNECT;
    c->deadline_ns = loop_now_ns(loop) + options->timeout_ms * NS_PER_MS;
    timer_start(&c->deadline, loop, options->timeout_ms);
    c->op.run = connect_run;
    c->op.release = connect_release;
    op_start(&c->op, loop, waiter);
    return c;
}

enum err connect_result(struct connect *c, struct stream **ret)
{
    TRY(op_result(&c->op));
    CHECK(c->stream != NULL); /* given once */
    *ret = TAKE(c->stream);
    return OK;
}

void connect_free(struct connect *c)
{
    if (c == NULL)
        return;
    op_cancel(&c->op);
    stream_free(c->stream);
    free(c->host);
    free(c->unix_path);
    free(c);
}
