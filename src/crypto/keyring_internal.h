/*
 * The file of master keys, read or made: what keyring.c leaves to keyring_file.c.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "crypto/keyring.h"

/* Appends the content of DATA_DIR/master.key, which is made if need be. Errors as keyring_open. */
must_use enum err keyring_file_read(struct slice data_dir, struct buf *to);
