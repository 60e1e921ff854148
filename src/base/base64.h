/*
 * Base64 (RFC 4648): the standard alphabet with padding, and the URL alphabet without.
 *
 * Decoding is strict: no blanks, no missing or surplus padding, and the unused low bits of the last character are zero,
 * so that every value has exactly one spelling.
 */
#pragma once

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

void base64_put(struct buf *to, struct slice bytes);    /* "+/" and "=" */
void base64url_put(struct buf *to, struct slice bytes); /* "-_", no padding */

/* Appends the decoded bytes. ERR_SYNTAX: not the one spelling of anything; ERR_LIMIT: `to` is full. */
must_use enum err base64_decode(struct buf *to, struct slice text);
must_use enum err base64url_decode(struct buf *to, struct slice text);
