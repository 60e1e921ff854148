/*
 * The table of settings for readers: a JSON Schema for editors and a reference page for people.
 *
 * Pure; both texts follow from options.def alone, so they cannot fall behind it.
 */
#pragma once

#include "base/buf.h"

/* Appends a JSON Schema (2020-12) of the configuration file. */
void describe_schema(struct buf *b);

/* Appends docs/configuration.md. */
void describe_reference(struct buf *b);
