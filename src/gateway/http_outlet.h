/*
 * The HTTP answer as an outlet: one JSON object, or an event stream, decided by what comes first (eras 5).
 *
 * A client that takes JSON alone gets the answer alone (decision 10). Memory: embedded; borrows the reply.
 */
#pragma once

#include "gateway/outlet.h"

struct reply;

struct http_outlet {
    struct outlet outlet;
    struct reply *reply;
    bool takes_stream; /* the client accepts text/event-stream */
    bool takes_json;   /* and application/json */
};

void http_outlet_init(struct http_outlet *o, struct reply *reply, bool takes_json, bool takes_stream);

/* Opens the event stream now, for streams whose first message may be long in coming. */
must_use enum err http_outlet_open(struct http_outlet *o);
