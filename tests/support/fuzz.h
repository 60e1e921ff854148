/*
 * What every tests/fuzz/fuzz_x.c defines: one function that feeds bytes to a parser.
 *
 * It returns 0 whatever the bytes are. What must not happen aborts: a sanitizer's finding, or a CHECK on what has to
 * hold for all input (what was parsed can be written and parsed again; no result lies outside the input).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

int fuzz_one(const uint8_t *data, size_t size);
