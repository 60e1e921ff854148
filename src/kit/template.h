/*
 * URI templates (RFC 6570, the part that can be read backwards): which variables does a URI give?
 *
 * A variable {id} stands for one or more characters other than "/"; {+path}, allowed last only, for any. Between two
 * variables stands at least one character, so that every URI matches in at most one way, found in one pass.
 *
 * Memory: the template keeps a copy of its text. Threads: immutable once made.
 */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

#define TEMPLATE_MAX_VARIABLES 16

struct template;

/* Gives the parsed template. ERR_SYNTAX: it cannot be read this way; ERR_DUPLICATE: a variable appears twice. */
must_use enum err template_parse(struct slice text, struct template **ret);
void template_free(struct template *t); /* takes; NULL is fine */
DEFINE_AUTO_FREE(template)

bool template_has_variable(const struct template *t, struct slice name);

/*
 * Does the URI fit? If so, appends {"id":"12",…} with the values percent-decoded. A value that does not decode to
 * UTF-8 without U+0000 does not fit. On false `variables` may hold a part; nobody should look.
 */
must_use bool template_match(const struct template *t, struct slice uri, struct buf *variables);
