/*
 * Whole small files: a configuration, or a secret that it refers to.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * Appends the content of the regular file (or pipe) at `path`, as far as the buffer's ceiling allows. ERR_NOT_FOUND,
 * ERR_PERMISSION; ERR_INVALID: it is a folder; ERR_LIMIT: it is longer; ERR_SYSTEM: reading fails. Blocks: for starts
 * and reloads only.
 */
must_use enum err file_read(const char *path, struct buf *ret);

const char *file_why(enum err e); /* what file_read says, as a sentence for people */
