/*
 * Status codes: their texts, and the one place where a failure becomes a status.
 */
#pragma once

#include "base/err.h"
#include "base/slice.h"

struct slice http_status_text(unsigned status); /* "Not Found"; "Unknown" for one that we never send */

unsigned http_status_of_err(enum err e); /* by its own row where there is one, else by its class */
