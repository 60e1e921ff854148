/*
 * Randomness from the kernel; when there is none the program ends rather than guess (S-93).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

void random_bytes(void *to, size_t n);
uint64_t random_u64(void);
