#include "base/slice.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

bool slice_eq(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool slice_eq_nocase(struct slice a, struct slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (a.ptr[i] != b.ptr[i] && lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

int slice_cmp(struct slice a, struct slice b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n == 0 ? 0 : memcmp(a.ptr, b.ptr, n);

    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

bool slice_starts(struct slice s, struct slice prefix)
{
    return s.len >= prefix.len && slice_eq(slice_first(s, prefix.len), prefix);
}

bool slice_ends(struct slice s, struct slice suffix)
{
    return s.len >= suffix.len && slice_eq(slice_from(s, s.len - suffix.len), suffix);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice s)
{
    while (s.len > 0 && is_blank(s.ptr[0]))
        s = slice_from(s, 1);
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

size_t slice_find(struct slice s, char c)
{
    const char *at = s.len == 0 ? NULL : memchr(s.ptr, c, s.len);

    return at == NULL ? SIZE_MAX : (size_t)(at - s.ptr);
}

size_t slice_search(struct slice s, struct slice needle)
{
    if (needle.len == 0)
        return 0;
    const char *at = s.len == 0 ? NULL : memmem(s.ptr, s.len, needle.ptr, needle.len);
    return at == NULL ? SIZE_MAX : (size_t)(at - s.ptr);
}

bool slice_next(struct slice *rest, char separator, struct slice *ret_part)
{
    if (rest->ptr == NULL)
        return false;

    size_t end = slice_find(*rest, separator);
    if (end == SIZE_MAX) {
        *ret_part = *rest;
        *rest = NO_SLICE;
        return true;
    }
    *ret_part = slice_first(*rest, end);
    *rest = slice_from(*rest, end + 1);
    return true;
}

enum err slice_to_u64(struct slice s, uint64_t *ret)
{
    uint64_t n = 0;

    if (s.len == 0)
        return ERR_SYNTAX;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return ERR_SYNTAX;
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(s.ptr[i] - '0'), &n))
            return ERR_LIMIT;
    }
    *ret = n;
    return OK;
}

#define ROTATE(x, bits) (((x) << (bits)) | ((x) >> (64 - (bits))))

struct sip {
    uint64_t a, b, c, d;
};

static void sip_round(struct sip *v)
{
    v->a += v->b;
    v->c += v->d;
    v->b = ROTATE(v->b, 13) ^ v->a;
    v->d = ROTATE(v->d, 16) ^ v->c;
    v->a = ROTATE(v->a, 32);
    v->c += v->b;
    v->a += v->d;
    v->b = ROTATE(v->b, 17) ^ v->c;
    v->d = ROTATE(v->d, 21) ^ v->a;
    v->c = ROTATE(v->c, 32);
}

uint64_t slice_hash(struct slice s, uint64_t seed)
{
    /* The second half of the key follows from the seed. */
    uint64_t key = ROTATE(seed, 32) ^ UINT64_C(0x9e3779b97f4a7c15);
    struct sip v = { seed ^ UINT64_C(0x736f6d6570736575), key ^ UINT64_C(0x646f72616e646f6d),
                     seed ^ UINT64_C(0x6c7967656e657261), key ^ UINT64_C(0x7465646279746573) };
    size_t i = 0;
    uint64_t word;

    for (; i + 8 <= s.len; i += 8) {
        memcpy(&word, s.ptr + i, 8);
        v.d ^= word;
        sip_round(&v);
        v.a ^= word;
    }
    word = (uint64_t)s.len << 56;
    if (i < s.len) {
        uint64_t rest = 0;
        memcpy(&rest, s.ptr + i, s.len - i);
        word |= rest;
    }
    v.d ^= word;
    sip_round(&v);
    v.a ^= word;
    v.c ^= 0xff;
    for (int n = 0; n < 3; n++)
        sip_round(&v);
    return v.a ^ v.b ^ v.c ^ v.d;
}
