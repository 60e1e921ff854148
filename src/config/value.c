#include "config/value.h"

#include "base/num.h"
#include "http/host.h"
#include "http/url.h"

#define URL_ARENA_BYTES (64u << 10)

struct unit {
    struct slice name;
    uint64_t factor;
};

/* Digits, which may be parted by single "_", and what follows them. */
static enum err number(struct slice text, uint64_t *ret, struct slice *ret_rest)
{
    uint64_t n = 0;
    size_t i = 0;

    for (; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '_' && i > 0 && text.ptr[i - 1] != '_' && i + 1 < text.len &&
            in_range((uint64_t)text.ptr[i + 1], '0', '9'))
            continue;
        if (c < '0' || c > '9')
            break;
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(c - '0'), &n))
            return ERR_LIMIT;
    }
    if (i == 0)
        return ERR_SYNTAX;
    *ret = n;
    *ret_rest = slice_from(text, i);
    return OK;
}

static enum err with_unit(struct slice text, const struct unit *units, size_t n_units, uint64_t *ret)
{
    struct slice rest;
    uint64_t n;

    TRY(number(text, &n, &rest));
    if (rest.len > 1 && rest.ptr[0] == ' ')
        rest = slice_from(rest, 1);
    for (size_t i = 0; i < n_units; i++) {
        if (!slice_eq_nocase(rest, units[i].name))
            continue;
        if (__builtin_mul_overflow(n, units[i].factor, &n))
            return ERR_LIMIT;
        *ret = n;
        return OK;
    }
    return ERR_SYNTAX;
}

enum err value_count(struct slice text, uint64_t *ret)
{
    static const struct unit units[] = { { S(""), 1 } };

    return with_unit(text, units, N_ELEMENTS(units), ret);
}

enum err value_bytes(struct slice text, uint64_t *ret)
{
    static const struct unit units[] = {
        { S(""), 1 }, { S("B"), 1 }, { S("KiB"), 1u << 10 }, { S("MiB"), 1u << 20 }, { S("GiB"), 1u << 30 },
    };

    return with_unit(text, units, N_ELEMENTS(units), ret);
}

enum err value_duration(struct slice text, uint64_t *ret)
{
    /* No bare number: "60" of what? */
    static const struct unit units[] = {
        { S("ms"), 1 }, { S("s"), 1000 }, { S("m"), 60000 }, { S("h"), 3600000 }, { S("d"), 86400000 },
    };

    return with_unit(text, units, N_ELEMENTS(units), ret);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

bool value_is_server_name(struct slice text)
{
    if (!in_range(text.len, 1, 63) || text.ptr[0] == '-' || text.ptr[text.len - 1] == '-')
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_digit(text.ptr[i]) && !is_lower(text.ptr[i]) && text.ptr[i] != '-')
            return false;
    return true;
}

bool value_is_variable_name(struct slice text)
{
    if (!in_range(text.len, 1, 255) || is_digit(text.ptr[0]))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_digit(text.ptr[i]) && !is_lower((char)(text.ptr[i] | 0x20)) && text.ptr[i] != '_')
            return false;
    return true;
}

enum err value_url(struct slice text, struct value_url *ret)
{
    struct arena arena;
    struct url url;

    arena_init(&arena, URL_ARENA_BYTES);
    enum err result = url_parse(text, &arena, &url);
    if (result == OK) {
        size_t origin_len = strlen(url.is_https ? "https://" : "http://") + url.authority.len;
        *ret = (struct value_url){ .is_https = url.is_https,
                                   .is_local = host_is_loopback(url.host),
                                   .has_path = !slice_eq(url.target, S("/")),
                                   .is_origin = text.len == origin_len };
    }
    arena_done(&arena);
    return result == OK ? OK : ERR_SYNTAX;
}
