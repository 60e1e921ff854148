/*
 * The front edge over HTTP: POST, GET and DELETE on an endpoint's path, for clients of both eras on one URL (eras 2).
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"

struct op;
struct reply;
struct request;

/* A route's handler (server/request.h); its context is the struct endpoint. */
must_use enum err http_front_start(void *endpoint, struct request *request, struct reply *reply, struct op *waiter,
                                   struct op **ret);
