/*
 * Results of the list methods: one page of what is registered.
 */
#pragma once

#include "base/slice.h"
#include "kit/outcome.h"
#include "kit/registry.h"

struct json_value;
struct kit;

/* Fills the outcome: a result whose member `name` is the array of entries, or -32602 for a cursor that is not ours. */
void list_page(struct kit *kit, enum entry_kind kind, struct slice name, const struct json_value *params,
               struct outcome *o);
