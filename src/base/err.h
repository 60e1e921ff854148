/*
 * How everything fails: one enum, whose rows stand in err.def with a class and a text that never holds peer data.
 */
#pragma once

enum err {
    WAIT = 0, /* not yet: the op that was passed in will be woken; a result nobody set reads as this, never as OK */
    OK,
#define ERR(name, class, text) ERR_##name,
#include "base/err.def"
#undef ERR
};

/* What kind of failure it is: the stage that ends a request derives its status from this alone. */
enum err_class {
    ERR_CLASS_NONE,
    ERR_CLASS_INPUT,           /* the peer sent something wrong */
    ERR_CLASS_UNAUTHENTICATED, /* who are you */
    ERR_CLASS_FORBIDDEN,       /* not yours */
    ERR_CLASS_MISSING,         /* no such thing */
    ERR_CLASS_LIMIT,           /* too much of it */
    ERR_CLASS_BUSY,            /* not now, try again */
    ERR_CLASS_UPSTREAM,        /* the server behind us failed */
    ERR_CLASS_SYSTEM,          /* the machine under us failed */
};

const char *err_name(enum err e); /* stable: "RATE_LIMITED"; for logs and metrics */
const char *err_text(enum err e); /* a sentence for people */
enum err_class err_class(enum err e);

/* Where in a text a parser gave up: lines and columns count from 1, offset from 0. */
struct err_at {
    unsigned long offset;
    unsigned line;
    unsigned column;
};
