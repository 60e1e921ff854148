/*
 * Memory of our own sizes: what cannot be had ends the program. Memory whose size a peer decides comes from buf or
 * arena instead, which have a limit and return an error.
 */
#pragma once

#include <stddef.h>

#include "base/slice.h"

void *mem_zalloc(size_t n, size_t size);  /* gives n * size zeroed bytes; aborts when there are none */
char *mem_strdup(struct slice text);      /* gives a NUL-terminated copy */
struct slice mem_dup(struct slice bytes); /* gives a copy; free it with free((void *)copy.ptr) */
