/*
 * The log: one event, one line, on a descriptor that may block without anybody noticing.
 *
 *     LOG(log, WARN, "token.rejected", F("client", id), F("reason", err_name(e)));
 *
 * An event is a name of ours and typed fields, never a sentence built from input. Values are cut at LOG_VALUE_BYTES;
 * every control, bidirectional and invisible character in them is written as an escape, so no value can end its line
 * or look like another. F() has no branch for struct secret: logging one does not compile.
 *
 * log_write copies the line into a ring and returns; a thread of the log's own writes it out. When the reader of the
 * descriptor sleeps and the ring is full, lines are dropped and counted, and the next line that fits is preceded by
 * "log.dropped" with their number.
 *
 * Memory: the ring (256 KiB unless told otherwise) and one line, allocated once. Threads: any may log; one creates and
 * frees. Fork: create the log after the last fork of this process, for its thread does not cross one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/slice.h"

#define LOG_VALUE_BYTES 256u /* longer values are cut here */
#define LOG_MAX_FIELDS  16u  /* per event, the fixed ones not counted */

struct log;

/* From what must be seen to what is only wanted while looking for a fault; a zeroed option shows errors only. */
enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

enum log_format {
    LOG_FORMAT_AUTO, /* text on a terminal, else JSON */
    LOG_FORMAT_JSON, /* {"time":"2026-01-31T12:00:00.000Z","level":"warn","event":"token.rejected",...} */
    LOG_FORMAT_TEXT, /* 12:00:00.000 warn  token.rejected client=x reason=y (local time) */
};

struct log_options {
    enum log_format format;
    enum log_level level; /* events beyond this are not written */
    int fd;               /* borrowed as long as the log lives; its flags are left as they are */
    bool colour;          /* in text form */
    size_t ring_bytes;    /* 0: 256 KiB; at least one line */
};

struct log_field {
    const char *key; /* a literal of ours; NULL ends the list */
    enum { LOG_FIELD_TEXT, LOG_FIELD_BOOL, LOG_FIELD_INT, LOG_FIELD_UINT } kind;
    union {
        struct slice text;
        bool truth;
        int64_t number;
        uint64_t unsigned_number;
    };
};

/* Gives a log and starts its thread. ERR_SYSTEM: no thread could be had. */
must_use enum err log_new(const struct log_options *options, struct log **ret);

/* Takes `log`; NULL is fine. Waits up to a second for what is in the ring to be written. */
void log_free(struct log *log);
DEFINE_AUTO_FREE(log)

/* Waits until all that was logged before is written, for a second at most: false when it was not. NULL is fine. */
bool log_flush(struct log *log);

/* Lines that were dropped since the start, because the ring was full or the descriptor refused them. */
uint64_t log_dropped(struct log *log);

/* Copies what it is given. A NULL log is silent. Use LOG(). */
void log_write(struct log *log, enum log_level level, const char *event, const struct log_field *fields);

#define LOG(log, level, event, ...)                                                                                    \
    log_write((log), LOG_##level, (event), (const struct log_field[]){ __VA_ARGS__ __VA_OPT__(, ){ 0 } })

#define F(key, value)                                                                                                  \
    _Generic((value),                                                                                                  \
        struct slice: field_slice,                                                                                     \
        const char *: field_text,                                                                                      \
        char *: field_text,                                                                                            \
        bool: field_bool,                                                                                              \
        int: field_int,                                                                                                \
        int64_t: field_int,                                                                                            \
        uint16_t: field_uint,                                                                                          \
        unsigned: field_uint,                                                                                          \
        uint64_t: field_uint)((key), (value))

static inline struct log_field field_slice(const char *key, struct slice value)
{
    return (struct log_field){ .key = key, .kind = LOG_FIELD_TEXT, .text = value };
}

static inline struct log_field field_text(const char *key, const char *value)
{
    return (struct log_field){ .key = key, .kind = LOG_FIELD_TEXT, .text = slice_of(value) };
}

static inline struct log_field field_bool(const char *key, bool value)
{
    return (struct log_field){ .key = key, .kind = LOG_FIELD_BOOL, .truth = value };
}

static inline struct log_field field_int(const char *key, int64_t value)
{
    return (struct log_field){ .key = key, .kind = LOG_FIELD_INT, .number = value };
}

static inline struct log_field field_uint(const char *key, uint64_t value)
{
    return (struct log_field){ .key = key, .kind = LOG_FIELD_UINT, .unsigned_number = value };
}
