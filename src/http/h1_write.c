#include "http/h1_write.h"

#include <time.h>

#include "http/status.h"

static bool is_token_char(char c)
{
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
        return true;
    return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

static bool is_token(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_token_char(s.ptr[i]))
            return false;
    return s.len > 0;
}

static bool is_value(struct slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool is_target(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= 0x20 || s.ptr[i] > 0x7e)
            return false;
    return s.len > 0;
}

enum err h1_write_request_line(struct buf *to, struct slice method, struct slice target)
{
    if (!is_token(method) || !is_target(target))
        return ERR_INVALID;
    buf_put(to, method);
    buf_putc(to, ' ');
    buf_put(to, target);
    buf_put(to, S(" HTTP/1.1\r\n"));
    return OK;
}

void h1_write_status_line(struct buf *to, unsigned status)
{
    buf_put(to, S("HTTP/1.1 "));
    buf_put_u64(to, status);
    buf_putc(to, ' ');
    buf_put(to, http_status_text(status));
    buf_put(to, S("\r\n"));
}

static void put_header(struct buf *to, struct slice name, struct slice value)
{
    buf_put(to, name);
    buf_put(to, S(": "));
    buf_put(to, value);
    buf_put(to, S("\r\n"));
}

enum err h1_write_header(struct buf *to, struct slice name, struct slice value)
{
    if (!is_token(name) || !is_value(value))
        return ERR_INVALID;
    put_header(to, name, slice_trim(value));
    return OK;
}

void h1_write_number_header(struct buf *to, struct slice name, uint64_t value)
{
    buf_put(to, name);
    buf_put(to, S(": "));
    buf_put_u64(to, value);
    buf_put(to, S("\r\n"));
}

/* Not strftime: the names of days and months are English whatever the locale. */
void h1_write_date(struct buf *to, int64_t wall_s)
{
    static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t at = (time_t)wall_s;
    struct tm tm;

    if (gmtime_r(&at, &tm) == NULL)
        return; /* a year beyond int: no date is better than a wrong one */
    buf_printf(to, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
               tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void h1_write_head_end(struct buf *to)
{
    buf_put(to, S("\r\n"));
}

void h1_write_chunk_start(struct buf *to, size_t n)
{
    char digits[2 * sizeof(n)];
    size_t at = sizeof(digits);

    for (; n > 0; n >>= 4)
        digits[--at] = "0123456789abcdef"[n & 15];
    buf_put(to, (struct slice){ digits + at, sizeof(digits) - at });
    buf_put(to, S("\r\n"));
}

void h1_write_chunk_end(struct buf *to)
{
    buf_put(to, S("\r\n"));
}

void h1_write_chunk(struct buf *to, struct slice data)
{
    if (data.len == 0)
        return;
    h1_write_chunk_start(to, data.len);
    buf_put(to, data);
    h1_write_chunk_end(to);
}

void h1_write_last_chunk(struct buf *to)
{
    buf_put(to, S("0\r\n\r\n"));
}
