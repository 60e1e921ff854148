/*
 * Methods: what answers a request, an outcome at once or a handler?
 *
 * Threads: the loop's.
 */
#pragma once

#include "base/buf.h"
#include "base/slice.h"
#include "kit/outcome.h"

struct entry;
struct kit;
struct kit_request;

/* What a handler is to be called with. */
struct task {
    struct entry *entry;    /* a reference; NULL: the outcome is the answer */
    struct slice subject;   /* borrowed from the request, as is the next */
    struct slice typed;     /* of a completion */
    struct buf arguments;   /* JSON text of an object; empty: none */
    struct slice freshness; /* borrowed from the kit */
};

/* Finds what is asked for and checks the arguments. Gives either a task with an entry or an outcome. */
void method_start(struct kit *kit, const struct kit_request *request, struct task *task, struct outcome *o);
void task_done(struct task *task);
