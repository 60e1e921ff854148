/*
 * Names this project does without, force-included before every product source: they overflow, truncate silently,
 * keep hidden state or grow the stack at a peer's wish. We have buf_printf, slice_to_u64 and struct clock instead.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* glibc makes macros of these for clang when it fortifies; a macro cannot be poisoned quietly. */
#undef sprintf
#undef vsprintf
#undef snprintf

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf snprintf sscanf strtok atoi atol gmtime localtime
