#include "config/options.h"

#include <string.h>

#include "base/check.h"
#include "config/config.h"
#include "config/value.h"

enum { RESTART, RELOADABLE };

/* The type of the member a kind fills; an enum has the size of an unsigned, and its values start from 0. */
#define MEMBER_COUNT     uint64_t
#define MEMBER_BYTES     uint64_t
#define MEMBER_DURATION  uint64_t
#define MEMBER_CHOICE    unsigned
#define MEMBER_PATH      char *
#define MEMBER_URL       char *
#define MEMBER_LISTENERS struct config_list
#define MEMBER_ORIGINS   struct config_list
#define MEMBER_WORDS     struct config_list
#define MEMBER_VARIABLES struct config_list
#define MEMBER_VALUES    struct config_values

#define ROW(path_, kind_, of_server_, offset_, default_, low_, high_, reload_, sentence_)                              \
    { .path = S(path_),                                                                                                \
      .kind = OPTION_##kind_,                                                                                          \
      .of_server = (of_server_),                                                                                       \
      .offset = (offset_),                                                                                             \
      .default_text = S(default_),                                                                                     \
      .low = S(low_),                                                                                                  \
      .high = S(high_),                                                                                                \
      .is_reloadable = (reload_),                                                                                      \
      .sentence = S(sentence_) },

static const struct option options[] = {
#define OPTION(path, kind, member, ...) ROW(path, kind, false, offsetof(struct config, member), __VA_ARGS__)
#define SERVER_OPTION(path, kind, member, ...)                                                                         \
    ROW(path, kind, true, offsetof(struct config_server, member), __VA_ARGS__)
#include "config/options.def"
#undef OPTION
#undef SERVER_OPTION
};

/* A row whose member is not what its kind fills does not compile. */
#define MEMBER_OF(type, member) (((type *)NULL)->member)
#define SAME_TYPE(kind, type, member)                                                                                  \
    _Static_assert(OPTION_##kind == OPTION_CHOICE                                                                      \
                       ? sizeof(MEMBER_OF(type, member)) == sizeof(unsigned)                                           \
                       : __builtin_types_compatible_p(__typeof__(MEMBER_OF(type, member)), MEMBER_##kind),             \
                   "the member of a setting has another type than its kind");
#define OPTION(path, kind, member, ...)        SAME_TYPE(kind, struct config, member)
#define SERVER_OPTION(path, kind, member, ...) SAME_TYPE(kind, struct config_server, member)
#include "config/options.def"
#undef OPTION
#undef SERVER_OPTION

size_t options_count(void)
{
    return N_ELEMENTS(options);
}

const struct option *options_at(size_t i)
{
    CHECK(i < N_ELEMENTS(options));
    return &options[i];
}

/*
 * Does `path` name the beginning of the row's path, part by part? Then *ret_rest is the remainder of the row's path.
 * The row's "*" matches any one part, which becomes *ret_server.
 */
static bool matches(struct slice row, struct slice path, struct slice *ret_server, struct slice *ret_rest)
{
    struct slice part;
    struct slice row_part;

    while (slice_next(&path, '.', &part)) {
        if (!slice_next(&row, '.', &row_part))
            return false;
        if (slice_eq(row_part, S("*")))
            *ret_server = part;
        else if (!slice_eq(row_part, part))
            return false;
    }
    *ret_rest = row;
    return true;
}

const struct option *options_find(struct slice path, struct slice *ret_server)
{
    struct slice rest;

    for (size_t i = 0; i < N_ELEMENTS(options); i++) {
        struct slice server = NO_SLICE;
        if (matches(options[i].path, path, &server, &rest) && rest.ptr == NULL) {
            *ret_server = server;
            return &options[i];
        }
    }
    return NULL;
}

/* The part of row `i` that follows `section`, or NO_SLICE when the row is not in it. */
static struct slice key_below(size_t i, struct slice section)
{
    struct slice server;
    struct slice rest = options[i].path;
    struct slice key = NO_SLICE;

    if (section.len > 0 && !matches(options[i].path, section, &server, &rest))
        return NO_SLICE;
    return slice_next(&rest, '.', &key) ? key : NO_SLICE;
}

bool options_is_section(struct slice path)
{
    for (size_t i = 0; i < N_ELEMENTS(options); i++)
        if (key_below(i, path).ptr != NULL)
            return true;
    return false;
}

void options_offer_keys(struct nearest *nearest, struct slice section)
{
    for (size_t i = 0; i < N_ELEMENTS(options); i++) {
        struct slice key = key_below(i, section);
        if (key.ptr != NULL && !slice_eq(key, S("*")))
            nearest_offer(nearest, key);
    }
}

struct slice options_elsewhere(struct slice key, struct slice section)
{
    for (size_t i = 0; i < N_ELEMENTS(options); i++) {
        struct slice path = options[i].path;
        if (path.len > key.len && slice_ends(path, key) && path.ptr[path.len - key.len - 1] == '.' &&
            !slice_eq(slice_first(path, path.len - key.len - 1), section))
            return path;
    }
    return NO_SLICE;
}

static const struct kind {
    struct slice takes;
    bool is_list;
    enum err (*number)(struct slice text, uint64_t *ret); /* NULL: it is none */
} kinds[] = {
    [OPTION_COUNT] = { S("a whole number"), false, value_count },
    [OPTION_BYTES] = { S("a size such as 64KiB"), false, value_bytes },
    [OPTION_DURATION] = { S("a time such as 500ms, 10s or 1h"), false, value_duration },
    [OPTION_CHOICE] = { S("one of a few words"), false, NULL },
    [OPTION_PATH] = { S("a path"), false, NULL },
    [OPTION_URL] = { S("an http or https URL without user and fragment"), false, NULL },
    [OPTION_LISTENERS] = { S("HOST:PORT with an address or localhost, [IPV6]:PORT, or unix:/PATH"), true, NULL },
    [OPTION_ORIGINS] = { S("an origin such as https://app.example"), true, NULL },
    [OPTION_WORDS] = { S("a program and its arguments"), true, NULL },
    [OPTION_VARIABLES] = { S("the name of a variable"), true, NULL },
    [OPTION_VALUES] = { S("names of variables with their values"), false, NULL },
};

bool option_is_list(const struct option *option)
{
    return kinds[option->kind].is_list;
}

void option_variable(const struct option *option, struct buf *b)
{
    if (option->of_server)
        return;
    buf_put(b, S("GATEHOUSE_"));
    for (size_t i = 0; i < option->path.len; i++) {
        char c = option->path.ptr[i];
        buf_putc(b, c == '.' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c);
    }
}

struct slice option_takes(const struct option *option)
{
    return kinds[option->kind].takes;
}

enum err option_number(const struct option *option, struct slice text, uint64_t *ret)
{
    CHECK(kinds[option->kind].number != NULL);
    return kinds[option->kind].number(text, ret);
}

bool option_next_choice(const struct option *option, size_t *at, struct slice *ret_name, unsigned *ret_value)
{
    struct slice rest = option->low;
    struct slice name;

    for (size_t i = 0; slice_next(&rest, '|', &name); i++) {
        if (i < *at || name.len == 0)
            continue;
        *at = i + 1;
        *ret_name = name;
        *ret_value = (unsigned)i;
        return true;
    }
    return false;
}
