/*
 * The help pages: what --help prints.
 */
#pragma once

#include "base/buf.h"
#include "cli/args.h"

/* Appends the page on `verb`; on ARGS_NONE the one on everything. */
void help_print(enum args_verb verb, struct buf *b);
