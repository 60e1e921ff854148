/*
 * The folder for keys and state: there, and ours alone.
 */
#pragma once

#include "base/attr.h"
#include "base/err.h"

/* Makes the folder and those above it as far as they are missing, mode 0700. ERR_SYSTEM: errno says why. Blocks. */
must_use enum err data_dir_make(const char *path);
