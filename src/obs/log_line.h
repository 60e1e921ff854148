/*
 * One log event as one line of text: JSON for machines, key=value for people.
 *
 * Pure: the time is given, nothing is opened. What a peer sent can neither end the line nor leave its quotes.
 */
#pragma once

#include <time.h>

#include "base/buf.h"
#include "obs/log.h"

/* No event makes a longer line: an escape is at most six times the byte it stands for. */
#define LOG_LINE_BYTES (32u << 10)

struct log_event {
    struct timespec at; /* CLOCK_REALTIME */
    enum log_level level;
    const char *name;
    const struct log_field *fields; /* the last one is zero */
};

const char *log_level_name(enum log_level level);

/* Appends the line with its newline; `b` has LOG_LINE_BYTES of room. */
void log_line_json(struct buf *b, const struct log_event *event);
void log_line_text(struct buf *b, const struct log_event *event, bool colour);

/*
 * Appends `text` as it may stand between double quotes in JSON or on a terminal: quotes, backslashes, controls (C0,
 * DEL, C1), line separators, bidirectional and zero-width characters escaped, broken UTF-8 replaced by U+FFFD.
 */
void log_escape(struct buf *b, struct slice text);
