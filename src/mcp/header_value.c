#include "mcp/header_value.h"

#include "base/base64.h"
#include "base/utf8.h"

#define PREFIX S("=?base64?")
#define SUFFIX S("?=")

static bool is_printable(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < 0x20 || s.ptr[i] > 0x7e)
            return false;
    return true;
}

static bool is_marked(struct slice s)
{
    return s.len >= PREFIX.len + SUFFIX.len && slice_starts(s, PREFIX) && slice_ends(s, SUFFIX);
}

enum err header_value_decode(struct slice raw, struct arena *arena, struct slice *ret)
{
    struct slice value = slice_trim(raw);

    if (!is_printable(value))
        return ERR_SYNTAX;
    if (!is_marked(value)) {
        *ret = value;
        return OK;
    }

    struct slice text = slice_from(slice_first(value, value.len - SUFFIX.len), PREFIX.len);
    auto_buf bytes;
    buf_init(&bytes, text.len);
    TRY(base64_decode(&bytes, text));
    if (!utf8_is_valid(buf_slice(&bytes)))
        return ERR_UTF8;
    struct slice copy = arena_dup(arena, buf_slice(&bytes));
    if (copy.ptr == NULL)
        return ERR_LIMIT;
    *ret = copy;
    return OK;
}

void header_value_put(struct buf *to, struct slice value)
{
    bool is_plain = is_printable(value) && slice_trim(value).len == value.len && !is_marked(value);

    if (is_plain) {
        buf_put(to, value);
        return;
    }
    buf_put(to, PREFIX);
    base64_put(to, value);
    buf_put(to, SUFFIX);
}
