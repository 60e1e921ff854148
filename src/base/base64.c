#include "base/base64.h"

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void put(struct buf *to, struct slice bytes, const char *alphabet, bool pad)
{
    if (buf_reserve(to, (bytes.len / 3 + 1) * 4) != OK)
        return;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t word = 0;
        for (size_t k = 0; k < 3; k++)
            word = word << 8 | (k < n ? (unsigned char)bytes.ptr[i + k] : 0);
        for (size_t k = 0; k < 4; k++) {
            if (k <= n)
                buf_putc(to, alphabet[word >> (18 - 6 * k) & 63]);
            else if (pad)
                buf_putc(to, '=');
        }
    }
}

void base64_put(struct buf *to, struct slice bytes)
{
    put(to, bytes, standard, true);
}

void base64url_put(struct buf *to, struct slice bytes)
{
    put(to, bytes, url, false);
}

static int value_of(char c, const char *alphabet)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == alphabet[62] ? 62 : c == alphabet[63] ? 63 : -1;
}

static enum err decode(struct buf *to, struct slice text, const char *alphabet)
{
    size_t rest = text.len % 4;
    if (rest == 1)
        return ERR_SYNTAX;
    if (text.len / 4 * 3 + (rest > 0 ? rest - 1 : 0) > to->max - to->len)
        return ERR_LIMIT;
    TRY(buf_reserve(to, text.len / 4 * 3 + (rest > 0 ? rest - 1 : 0)));

    for (size_t i = 0; i < text.len; i += 4) {
        size_t n = text.len - i < 4 ? text.len - i : 4;
        uint32_t word = 0;
        for (size_t k = 0; k < 4; k++) {
            int value = k < n ? value_of(text.ptr[i + k], alphabet) : 0;
            if (value < 0)
                return ERR_SYNTAX;
            word = word << 6 | (uint32_t)value;
        }
        uint32_t unused = n == 2 ? word & 0xffff : n == 3 ? word & 0xff : 0;
        if (unused != 0)
            return ERR_SYNTAX;
        for (size_t k = 0; k + 1 < n; k++)
            buf_putc(to, (char)(word >> (16 - 8 * k)));
    }
    return OK;
}

/* A failed decode leaves nothing behind. */
static enum err decode_whole(struct buf *to, struct slice text, const char *alphabet)
{
    size_t before = to->len;
    enum err e = decode(to, text, alphabet);

    if (e != OK)
        buf_truncate(to, before);
    return e;
}

enum err base64_decode(struct buf *to, struct slice text)
{
    if (text.len % 4 != 0)
        return ERR_SYNTAX;
    if (text.len > 0 && text.ptr[text.len - 1] == '=')
        text.len -= text.ptr[text.len - 2] == '=' ? 2 : 1;
    return decode_whole(to, text, standard);
}

enum err base64url_decode(struct buf *to, struct slice text)
{
    return decode_whole(to, text, url);
}
