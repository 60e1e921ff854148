/*
 * UTF-8 (RFC 3629): is it, strictly? No surrogates, no overlong forms, nothing above U+10FFFF.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

bool utf8_is_valid(struct slice s);
