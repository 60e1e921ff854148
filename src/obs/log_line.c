#include "obs/log_line.h"

#include <time.h>

#include "base/check.h"
#include "base/num.h"

#define NS_PER_WALL_MS 1000000

const char *log_level_name(enum log_level level)
{
    static const char *const names[] = {
        [LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"
    };

    return names[level];
}

/*
 * The first character of `text`: its code point and its length in bytes. A byte that begins no well-formed character
 * (RFC 3629 s4) stands for U+FFFD.
 */
static uint32_t first_char(struct slice text, size_t *ret_len)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char lead = (unsigned char)text.ptr[0];
    size_t len = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;

    *ret_len = 1;
    if (len == 1)
        return lead;
    if (len == 0 || len > text.len)
        return 0xfffd;

    uint32_t c = lead & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        unsigned char next = (unsigned char)text.ptr[i];
        if ((next & 0xc0) != 0x80)
            return 0xfffd;
        c = c << 6 | (next & 0x3fu);
    }
    if (c < least[len] || c > 0x10ffff || in_range(c, 0xd800, 0xdfff))
        return 0xfffd;
    *ret_len = len;
    return c;
}

/* Characters that move the cursor, end a line, turn the writing direction or cannot be seen. All are below U+10000. */
static bool is_deceptive(uint32_t c)
{
    return c < 0x20 || in_range(c, 0x7f, 0x9f) || c == 0xad || c == 0x61c || c == 0x180e ||
           in_range(c, 0x200b, 0x200f) || in_range(c, 0x2028, 0x202e) || in_range(c, 0x2060, 0x206f) || c == 0xfeff ||
           in_range(c, 0xfff9, 0xfffd);
}

void log_escape(struct buf *b, struct slice text)
{
    size_t len;

    for (; text.len > 0; text = slice_from(text, len)) {
        uint32_t c = first_char(text, &len);
        if (c == '"' || c == '\\') {
            buf_putc(b, '\\');
            buf_putc(b, (char)c);
        } else if (c == '\n') {
            buf_put(b, S("\\n"));
        } else if (is_deceptive(c)) {
            buf_printf(b, "\\u%04x", (unsigned)c);
        } else {
            buf_put(b, slice_first(text, len));
        }
    }
}

/* At most LOG_VALUE_BYTES of it, and not half a character at the end. */
static struct slice cut(struct slice text)
{
    if (text.len <= LOG_VALUE_BYTES)
        return text;
    size_t len = LOG_VALUE_BYTES;
    while (len > LOG_VALUE_BYTES - 4 && ((unsigned char)text.ptr[len] & 0xc0) == 0x80)
        len--;
    return slice_first(text, len);
}

static void put_quoted(struct buf *b, struct slice text)
{
    struct slice shown = cut(text);

    buf_putc(b, '"');
    log_escape(b, shown);
    if (shown.len < text.len)
        buf_put(b, S("…"));
    buf_putc(b, '"');
}

/* May it stand in the text form without quotes? */
static bool is_plain(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~' || text.ptr[i] == '"' || text.ptr[i] == '=' || text.ptr[i] == '\\')
            return false;
    return text.len > 0 && text.len <= LOG_VALUE_BYTES;
}

static void put_value(struct buf *b, const struct log_field *field, bool quote_plain)
{
    switch (field->kind) {
    case LOG_FIELD_TEXT:
        if (field->text.ptr == NULL)
            buf_put(b, quote_plain ? S("null") : S("-"));
        else if (!quote_plain && is_plain(field->text))
            buf_put(b, field->text);
        else
            put_quoted(b, field->text);
        return;
    case LOG_FIELD_BOOL:
        buf_put(b, field->truth ? S("true") : S("false"));
        return;
    case LOG_FIELD_INT:
        buf_printf(b, "%lld", (long long)field->number);
        return;
    case LOG_FIELD_UINT:
        buf_put_u64(b, field->unsigned_number);
        return;
    }
    UNREACHABLE();
}

void log_line_json(struct buf *b, const struct log_event *event)
{
    struct tm utc;
    unsigned n_fields = 0;

    CHECK(gmtime_r(&event->at.tv_sec, &utc) != NULL);
    buf_printf(b, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\",\"level\":\"%s\",\"event\":\"%s\"",
               utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
               (int)(event->at.tv_nsec / NS_PER_WALL_MS), log_level_name(event->level), event->name);
    for (const struct log_field *field = event->fields; field->key != NULL; field++) {
        CHECK(n_fields++ < LOG_MAX_FIELDS);
        buf_printf(b, ",\"%s\":", field->key);
        put_value(b, field, true);
    }
    buf_put(b, S("}\n"));
}

void log_line_text(struct buf *b, const struct log_event *event, bool colour)
{
    static const char *const colours[] = {
        [LOG_ERROR] = "\033[31m", [LOG_WARN] = "\033[33m", [LOG_INFO] = "\033[32m", [LOG_DEBUG] = "\033[2m"
    };
    struct tm local;
    unsigned n_fields = 0;

    CHECK(localtime_r(&event->at.tv_sec, &local) != NULL);
    buf_printf(b, "%02d:%02d:%02d.%03d %s%-5s%s %s", local.tm_hour, local.tm_min, local.tm_sec,
               (int)(event->at.tv_nsec / NS_PER_WALL_MS), colour ? colours[event->level] : "",
               log_level_name(event->level), colour ? "\033[0m" : "", event->name);
    for (const struct log_field *field = event->fields; field->key != NULL; field++) {
        CHECK(n_fields++ < LOG_MAX_FIELDS);
        buf_printf(b, " %s=", field->key);
        put_value(b, field, false);
    }
    buf_putc(b, '\n');
}
