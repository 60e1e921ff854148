#include "loop/inbox.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "loop/loop.h"
#include "loop/op.h"
#include "support/test.h"

#define N_THREADS  4u
#define N_MESSAGES 2000u /* of each thread */

struct office;

struct letter {
    struct message message;
    struct office *office;
    unsigned from;
    unsigned number;
};

struct office {
    struct op op;
    struct slot slot;
    struct loop *loop;
    unsigned next_number[N_THREADS]; /* letters of one sender come in order */
    unsigned n_received;
    unsigned n_discarded;
};

static void receive(struct message *message, struct loop *loop)
{
    struct letter *letter = container_of(message, struct letter, message);
    struct office *office = letter->office;

    CHECK(loop == office->loop);
    CHECK_EQ(letter->number, office->next_number[letter->from]++);
    office->n_received++;
    slot_wake(&office->slot);
    free(letter);
}

static void discard(struct message *message)
{
    struct letter *letter = container_of(message, struct letter, message);

    letter->office->n_discarded++;
    free(letter);
}

static struct letter *write_letter(struct office *office, unsigned from, unsigned number)
{
    struct letter *letter = mem_zalloc(1, sizeof(*letter));

    letter->message.receive = receive;
    letter->message.discard = discard;
    letter->office = office;
    letter->from = from;
    letter->number = number;
    return letter;
}

static enum err office_run(struct op *op)
{
    struct office *office = container_of(op, struct office, op);

    if (office->n_received < N_THREADS * N_MESSAGES)
        return op_wait(op, &office->slot);
    loop_stop(op->loop);
    return OK;
}

static void office_release(struct op *op)
{
    (void)op;
}

struct sender {
    struct office *office;
    unsigned number;
};

static void *send_all(void *arg)
{
    const struct sender *s = arg;

    for (unsigned i = 0; i < N_MESSAGES; i++) {
        struct letter *letter = write_letter(s->office, s->number, i);
        while (inbox_post(s->office->loop, &letter->message) != OK)
            CHECK(sched_yield() == 0); /* full: the letter is still ours */
    }
    return NULL;
}

TEST(messages_of_four_threads_all_arrive_each_sender_in_order)
{
    struct office office = { .op = { .run = office_run, .release = office_release } };
    struct sender senders[N_THREADS];
    pthread_t threads[N_THREADS];

    CHECK_OK(loop_new(1, &office.loop));
    op_start(&office.op, office.loop, NULL);
    for (unsigned i = 0; i < N_THREADS; i++) {
        senders[i] = (struct sender){ &office, i };
        CHECK(pthread_create(&threads[i], NULL, send_all, &senders[i]) == 0);
    }
    loop_run(office.loop);
    for (unsigned i = 0; i < N_THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK_EQ(office.n_received, N_THREADS * N_MESSAGES);
    loop_free(office.loop);
}

TEST(a_full_inbox_refuses_and_leaves_the_message_with_its_sender)
{
    struct office office = { 0 };

    CHECK_OK(loop_new(1, &office.loop));
    for (unsigned i = 0; i < INBOX_MAX_MESSAGES; i++)
        CHECK_OK(inbox_post(office.loop, &write_letter(&office, 0, i)->message));
    struct letter *late = write_letter(&office, 0, INBOX_MAX_MESSAGES);
    CHECK_ERR(inbox_post(office.loop, &late->message), ERR_BUSY);
    loop_turn(office.loop);
    CHECK_EQ(office.n_received, INBOX_MAX_MESSAGES);
    CHECK_OK(inbox_post(office.loop, &late->message));
    loop_turn(office.loop);
    CHECK_EQ(office.n_received, INBOX_MAX_MESSAGES + 1);
    loop_free(office.loop);
}

TEST(messages_unread_when_the_loop_is_freed_are_discarded)
{
    struct office office = { 0 };

    CHECK_OK(loop_new(1, &office.loop));
    for (unsigned i = 0; i < 3; i++)
        CHECK_OK(inbox_post(office.loop, &write_letter(&office, 0, i)->message));
    loop_free(office.loop);
    CHECK_EQ(office.n_received, 0);
    CHECK_EQ(office.n_discarded, 3);
}
