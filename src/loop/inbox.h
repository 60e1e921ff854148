/*
 * The inbox of a loop: other threads leave messages, the loop's thread receives them in order.
 *
 * The one door between threads. A message is embedded in a heap struct of the sender's; posting gives it away. At most
 * INBOX_MAX_MESSAGES lie unread; then posting fails and the sender decides (drop, answer busy, try later).
 * Threads: inbox_post from any; receive() on the loop's.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/list.h"

#define INBOX_MAX_MESSAGES 4096u

struct loop;

struct message {
    /* Takes the message, on the loop's thread, between ops: it may wake ops and slots, and start and cancel ops. */
    void (*receive)(struct message *message, struct loop *loop);
    /* Takes the message instead when the loop is freed before it was read; NULL: there is nothing to free. */
    void (*discard)(struct message *message);
    struct list link; /* the inbox's own */
};

/* On OK takes the message. ERR_BUSY: the inbox is full; the message is still the caller's. The loop must be alive. */
must_use enum err inbox_post(struct loop *loop, struct message *message);

/* inbox_post without the limit: for those whose number is limited elsewhere. Takes the message. */
void inbox_post_always(struct loop *loop, struct message *message);
