/*
 * One client on stdin and stdout: the gateway's stdio edge as the whole purpose of a process.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

struct gateway;
struct log;
struct loop;

/* Serves the endpoint at `path` until the input ends or a signal says so; runs the loop. OK: it ended in order. */
must_use enum err stdio_run(struct loop *loop, struct log *log, struct gateway *gateway, struct slice path);
