/*
 * The inside of a kit, shared by the files of this folder.
 */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <gatehouse/server.h>

#include "base/buf.h"
#include "base/list.h"
#include "kit/kit.h"
#include "kit/registry.h"

struct lane;

struct kit {
    char *name;
    char *instructions; /* NULL: none */
    struct buf info;    /* server info, as JSON */
    unsigned page_size;
    unsigned n_threads;
    unsigned max_waiting;
    unsigned max_result_bytes;
    unsigned fresh_ms;
    bool same_for_everyone;
    char *freshness; /* "ttlMs" and "cacheScope" as JSON members, if the server has something to say about them */

    struct registry *registry;
    atomic_uint n_users; /* calls and listeners */

    pthread_mutex_t lock; /* guards what follows */
    struct lane *lane;    /* NULL until a handler is needed */
    char *problem;        /* the first failed registration */
    struct list ears;     /* of listen.c */
};

/* One thing under two names: C programs know it by the longer. */
struct gatehouse_server {
    struct kit kit;
};

void kit_lock(struct kit *kit);
void kit_unlock(struct kit *kit);

/* Remembers the first problem; the text is built like printf's. */
void kit_remember_problem(struct kit *kit, const char *format, ...) format_like(2, 3);

/* The lane for handlers, started now if need be; NULL: the system gives no threads. */
struct lane *kit_lane(struct kit *kit);

/* Tells all listeners (listen.c). */
void kit_tell(struct kit *kit, enum kit_change change, struct slice uri);
