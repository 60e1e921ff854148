/*
 * The inside of the gateway, shared by the files of this folder.
 */
#pragma once

#include "gateway/gateway.h"
#include "gateway/session.h"
#include "loop/op.h"
#include "loop/timer.h"

struct gateway {
    struct gateway_options options;
    const struct keyring *keyring;
    struct keyring *own_keyring; /* when none was given: what is sealed lasts as long as the process */
    struct map endpoints;        /* by path */
    struct session_table sessions;
    struct list listening; /* struct call: subscriptions of modern clients */
    struct list streams;   /* struct listen: GET streams of legacy clients */
    bool is_draining;
    struct op sweeper; /* frees idle sessions */
    struct timer sweep;
};

struct endpoint *gateway_find(const struct gateway *g, struct slice path); /* NULL: nothing is offered there */
