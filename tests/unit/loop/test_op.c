#include "loop/op.h"

#include <stdlib.h>

#include "base/mem.h"
#include "loop/loop.h"
#include "support/test.h"

/* An op that does in its run what the test told it, and remembers what happened to it. */
struct actor {
    struct op op;
    enum err (*act)(struct actor *self);
    struct actor *child;
    struct op *victim;
    struct slot *slot;
    enum err answer;
    unsigned n_runs;
    unsigned n_releases;
    unsigned order;
};

static unsigned n_ended; /* counts releases of all, to see their order */

static enum err run(struct op *op)
{
    struct actor *a = container_of(op, struct actor, op);

    a->n_runs++;
    return a->act != NULL ? a->act(a) : a->answer;
}

static void release(struct op *op)
{
    struct actor *a = container_of(op, struct actor, op);

    a->n_releases++;
    a->order = ++n_ended;
    if (a->child != NULL)
        op_cancel(&a->child->op);
}

static void prepare(struct actor *a, enum err answer)
{
    *a = (struct actor){ .op = { .run = run, .release = release }, .answer = answer };
}

static struct loop *new_loop(void)
{
    struct loop *loop = NULL;
    CHECK_OK(loop_new(1, &loop));
    return loop;
}

TEST(an_op_runs_next_turn_and_its_waiter_after_it)
{
    struct actor child;
    struct actor parent;
    struct loop *loop = new_loop();
    prepare(&child, OK);
    prepare(&parent, WAIT);

    op_start(&parent.op, loop, NULL);
    op_start(&child.op, loop, &parent.op);
    CHECK_EQ(child.n_runs, 0);
    loop_turn(loop);
    CHECK_EQ(child.n_runs, 1);
    CHECK_EQ(child.n_releases, 1);
    CHECK_EQ(parent.n_runs, 2);
    CHECK_OK(op_result(&child.op));
    CHECK_ERR(op_result(&parent.op), WAIT);

    op_cancel(&parent.op);
    loop_free(loop);
}

TEST(a_wake_is_a_hint_and_harmless_when_queued_or_ended)
{
    struct actor a;
    struct loop *loop = new_loop();
    prepare(&a, WAIT);

    op_start(&a.op, loop, NULL);
    op_wake(&a.op);
    op_wake(&a.op);
    loop_turn(loop);
    CHECK_EQ(a.n_runs, 1);
    a.answer = ERR_LIMIT;
    op_wake(&a.op);
    loop_turn(loop);
    CHECK_ERR(op_result(&a.op), ERR_LIMIT);
    op_wake(&a.op);
    loop_turn(loop);
    CHECK_EQ(a.n_runs, 2);
    CHECK_EQ(a.n_releases, 1);
    loop_free(loop);
}

TEST(a_cancelled_op_is_released_once_and_neither_runs_nor_wakes)
{
    struct actor child;
    struct actor parent;
    struct loop *loop = new_loop();
    prepare(&child, OK);
    prepare(&parent, WAIT);

    op_start(&parent.op, loop, NULL);
    loop_turn(loop);
    op_start(&child.op, loop, &parent.op); /* cancelled before its first run */
    op_cancel(&child.op);
    op_cancel(&child.op);
    loop_turn(loop);
    CHECK_EQ(child.n_runs, 0);
    CHECK_EQ(child.n_releases, 1);
    CHECK_EQ(parent.n_runs, 1);
    CHECK_ERR(op_result(&child.op), WAIT);

    prepare(&child, WAIT);
    op_start(&child.op, loop, &parent.op); /* cancelled while it waits */
    loop_turn(loop);
    op_cancel(&child.op);
    op_wake(&child.op);
    loop_turn(loop);
    CHECK_EQ(child.n_runs, 1);
    CHECK_EQ(child.n_releases, 1);
    CHECK_EQ(parent.n_runs, 1);

    op_cancel(&parent.op);
    loop_free(loop);
}

TEST(cancelling_one_of_several_queued_ops_leaves_the_others_in_order)
{
    struct actor a[3];
    struct loop *loop = new_loop();

    for (int victim = 0; victim < 3; victim++) {
        for (int i = 0; i < 3; i++) {
            prepare(&a[i], OK);
            op_start(&a[i].op, loop, NULL);
        }
        op_cancel(&a[victim].op);
        loop_turn(loop);
        unsigned last = 0;
        for (int i = 0; i < 3; i++) {
            CHECK_EQ(a[i].n_runs, i == victim ? 0 : 1);
            CHECK_EQ(a[i].n_releases, 1);
            if (i == victim)
                continue;
            CHECK(a[i].order > last);
            last = a[i].order;
        }
    }
    loop_free(loop);
}

static enum err cancel_victim(struct actor *self)
{
    op_cancel(self->victim);
    CHECK_EQ(self->n_releases, 0); /* not while it runs */
    CHECK(op_is_active(self->victim));
    op_wake(self->victim); /* too late */
    return self->answer;
}

TEST(an_op_that_cancels_itself_ends_when_its_run_returns_whatever_it_returns)
{
    static const enum err answers[] = { WAIT, OK, ERR_LIMIT };
    struct loop *loop = new_loop();

    for (size_t i = 0; i < N_ELEMENTS(answers); i++) {
        struct actor child;
        struct actor parent;
        prepare(&child, answers[i]);
        prepare(&parent, WAIT);
        child.act = cancel_victim;
        child.victim = &child.op;

        op_start(&parent.op, loop, NULL);
        loop_turn(loop);
        op_start(&child.op, loop, &parent.op);
        loop_turn(loop);
        loop_turn(loop);
        CHECK_EQ(child.n_runs, 1);
        CHECK_EQ(child.n_releases, 1);
        CHECK(!op_is_active(&child.op));
        CHECK_ERR(op_result(&child.op), WAIT);
        CHECK_EQ(parent.n_runs, 1); /* not woken */
        op_cancel(&parent.op);
    }
    loop_free(loop);
}

TEST(cancelling_an_ancestor_from_inside_a_run_ends_the_whole_tree_afterwards)
{
    static const enum err answers[] = { WAIT, OK, ERR_LIMIT };
    struct loop *loop = new_loop();

    for (size_t i = 0; i < N_ELEMENTS(answers); i++) {
        struct actor child;
        struct actor parent;
        struct actor root;
        prepare(&child, answers[i]);
        prepare(&parent, WAIT);
        prepare(&root, WAIT);
        root.child = &parent;
        parent.child = &child;
        child.act = cancel_victim;
        child.victim = &root.op;

        op_start(&root.op, loop, NULL);
        op_start(&parent.op, loop, &root.op);
        op_start(&child.op, loop, &parent.op);
        loop_turn(loop);
        loop_turn(loop);
        CHECK_EQ(child.n_runs, 1);
        CHECK_EQ(parent.n_runs, 1);
        CHECK_EQ(root.n_runs, 1);
        CHECK_EQ(child.n_releases, 1);
        CHECK_EQ(parent.n_releases, 1);
        CHECK_EQ(root.n_releases, 1);
        CHECK(root.order < parent.order);
        CHECK(parent.order < child.order);
    }
    loop_free(loop);
}

static enum err cancel_self_and_parent(struct actor *self)
{
    op_cancel(&self->op);
    op_cancel(self->victim);
    op_cancel(&self->op);
    return OK;
}

TEST(when_an_op_and_its_ancestor_are_both_cancelled_each_is_released_once)
{
    struct actor child;
    struct actor parent;
    struct loop *loop = new_loop();
    prepare(&child, OK);
    prepare(&parent, WAIT);
    parent.child = &child;
    child.act = cancel_self_and_parent;
    child.victim = &parent.op;

    op_start(&parent.op, loop, NULL);
    op_start(&child.op, loop, &parent.op);
    loop_turn(loop);
    CHECK_EQ(child.n_releases, 1);
    CHECK_EQ(parent.n_releases, 1);
    loop_free(loop);
}

static enum err cancel_stranger(struct actor *self)
{
    op_cancel(self->victim);
    CHECK(!op_is_active(self->victim));
    return OK;
}

TEST(a_run_may_cancel_a_child_or_a_stranger_at_once)
{
    struct actor a;
    struct actor other;
    struct loop *loop = new_loop();
    prepare(&a, OK);
    prepare(&other, WAIT);
    a.act = cancel_stranger;
    a.victim = &other.op;

    op_start(&a.op, loop, NULL);
    op_start(&other.op, loop, &a.op); /* a child, queued */
    loop_turn(loop);
    CHECK_EQ(other.n_runs, 0);
    CHECK_EQ(other.n_releases, 1);
    CHECK_OK(op_result(&a.op));
    loop_free(loop);
}

/* A root on the heap that frees itself, with a child inside that cancels it: as requests do. */
struct root {
    struct op op;
    struct actor child;
    bool *ret_freed;
};

static enum err root_run(struct op *op)
{
    (void)op;
    return WAIT;
}

static void root_release(struct op *op)
{
    struct root *r = container_of(op, struct root, op);

    op_cancel(&r->child.op);
    *r->ret_freed = true;
    free(r);
}

TEST(a_root_that_its_own_child_cancels_frees_itself_and_the_child)
{
    struct loop *loop = new_loop();
    bool freed = false;
    struct root *r = mem_zalloc(1, sizeof(*r));

    r->op = (struct op){ .run = root_run, .release = root_release };
    r->ret_freed = &freed;
    prepare(&r->child, OK);
    r->child.act = cancel_victim;
    r->child.victim = &r->op;
    op_start(&r->op, loop, NULL);
    op_start(&r->child.op, loop, &r->op);
    loop_turn(loop);
    CHECK(freed);
    loop_free(loop);
}

static enum err wait_for_slot(struct actor *self)
{
    return self->n_runs < 3 ? op_wait(&self->op, self->slot) : OK;
}

TEST(a_slot_wakes_the_op_that_waits_and_is_empty_then)
{
    struct slot slot = { 0 };
    struct actor a;
    struct loop *loop = new_loop();
    prepare(&a, WAIT);
    a.act = wait_for_slot;
    a.slot = &slot;

    slot_wake(&slot); /* nobody: harmless */
    op_start(&a.op, loop, NULL);
    loop_turn(loop);
    CHECK(slot.op == &a.op);
    op_wake(&a.op); /* woken by somebody else: waits again in the same slot */
    loop_turn(loop);
    CHECK_EQ(a.n_runs, 2);
    slot_wake(&slot);
    CHECK(slot.op == NULL);
    loop_turn(loop);
    CHECK_OK(op_result(&a.op));
    loop_free(loop);
}

TEST(an_op_that_ends_leaves_all_its_slots)
{
    struct slot slots[3] = { 0 };
    struct actor a;
    struct loop *loop = new_loop();

    for (int how = 0; how < 3; how++) {
        prepare(&a, WAIT);
        op_start(&a.op, loop, NULL);
        for (int i = 0; i < 3; i++)
            CHECK_ERR(op_wait(&a.op, &slots[i]), WAIT);
        slot_clear(&slots[how]);
        CHECK(slots[how].op == NULL);
        if (how == 0) {
            op_cancel(&a.op);
        } else {
            a.answer = OK;
            loop_turn(loop);
        }
        for (int i = 0; i < 3; i++) {
            CHECK(slots[i].op == NULL);
            slot_wake(&slots[i]); /* a late wake reaches nobody */
        }
        CHECK_EQ(a.n_releases, 1);
    }
    loop_free(loop);
}

/*
 * A storm: trees of ops on the heap that start children, wake, finish and cancel one another at random, themselves and
 * their ancestors included. Each op is released exactly once; ASan sees to the rest.
 */
struct leaf {
    struct op op;
    struct leaf *children; /* owned: freed in our release */
    struct leaf *sibling;
    size_t at; /* in storm.live */
    bool is_root;
};

static struct {
    struct leaf *live[256];
    size_t n_live;
    uint64_t dice;
    unsigned n_started;
    unsigned n_released;
} storm;

static unsigned roll(unsigned sides)
{
    storm.dice = storm.dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(storm.dice >> 33) % sides;
}

static void leaf_release(struct op *op)
{
    struct leaf *l = container_of(op, struct leaf, op);

    storm.n_released++;
    storm.live[l->at] = storm.live[--storm.n_live];
    storm.live[l->at]->at = l->at;
    while (l->children != NULL) {
        struct leaf *child = l->children;
        l->children = child->sibling;
        op_cancel(&child->op);
        free(child);
    }
    if (l->is_root)
        free(l);
}

static enum err leaf_run(struct op *op);

static struct leaf *grow(struct loop *loop, struct leaf *parent)
{
    struct leaf *l = mem_zalloc(1, sizeof(*l));

    l->op.run = leaf_run;
    l->op.release = leaf_release;
    l->is_root = parent == NULL;
    l->at = storm.n_live;
    storm.live[storm.n_live++] = l;
    storm.n_started++;
    if (parent != NULL) {
        l->sibling = parent->children;
        parent->children = l;
    }
    op_start(&l->op, loop, parent != NULL ? &parent->op : NULL);
    return l;
}

static enum err leaf_run(struct op *op)
{
    struct leaf *l = container_of(op, struct leaf, op);

    for (unsigned n = roll(4); n > 0; n--) {
        switch (roll(5)) {
        case 0:
            op_cancel(&storm.live[roll((unsigned)storm.n_live)]->op); /* anybody */
            break;
        case 1:
            op_cancel(roll(2) == 0 || op->waiter == NULL ? op : op->waiter);
            break;
        case 2:
            op_wake(&storm.live[roll((unsigned)storm.n_live)]->op);
            break;
        default:
            if (storm.n_live < N_ELEMENTS(storm.live))
                (void)grow(op->loop, l);
            break;
        }
    }
    return roll(4) == 0 ? OK : WAIT;
}

TEST(a_storm_of_cancels_in_all_directions_releases_each_op_once)
{
    struct loop *loop = new_loop();

    for (storm.dice = 1; storm.n_started < 200000; storm.dice++) {
        while (storm.n_live < 8)
            (void)grow(loop, NULL);
        op_wake(&storm.live[roll((unsigned)storm.n_live)]->op);
        if (roll(16) == 0)
            op_cancel(&storm.live[roll((unsigned)storm.n_live)]->op); /* from outside of any run */
        loop_turn(loop);
    }
    while (storm.n_live > 0) {
        struct leaf *l = storm.live[0];
        struct op *op = &l->op;
        while (op->waiter != NULL)
            op = op->waiter;
        op_cancel(op);
    }
    CHECK_EQ(storm.n_released, storm.n_started);
    loop_free(loop);
}
