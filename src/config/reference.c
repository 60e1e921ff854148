/*
 * References in values: ${NAME} is a variable of the environment, file:PATH the content of a file.
 */
#include <string.h>

#include "config/file.h"
#include "config/load_internal.h"
#include "config/value.h"

#define MAX_VALUE_BYTES (64u << 10)

struct slice load_variable(const struct load *l, struct slice name)
{
    const char *const *entry = l->source->environment;

    for (; entry != NULL && *entry != NULL; entry++) {
        struct slice text = slice_of(*entry);
        if (slice_starts(text, name) && text.len > name.len && text.ptr[name.len] == '=')
            return slice_from(text, name.len + 1);
    }
    return NO_SLICE;
}

struct slice load_path(struct load *l, struct slice path, const char *origin)
{
    const char *slash = origin == l->source->file && origin != NULL ? strrchr(origin, '/') : NULL;
    auto_buf joined = { 0 };

    if (slash == NULL || slice_starts(path, S("/")))
        return path;
    buf_init(&joined, MAX_VALUE_BYTES);
    buf_put(&joined, (struct slice){ origin, (size_t)(slash - origin) + 1 });
    buf_put(&joined, path);
    return buf_ok(&joined) == OK ? arena_dup(&l->arena, buf_slice(&joined)) : NO_SLICE;
}

/* The end of "${NAME" or "${NAME:-instead": its variable's value, or what is to stand there instead. */
static enum err variable(struct load *l, const struct yaml *node, struct slice inside, struct buf *value)
{
    size_t colon = slice_search(inside, S(":-"));
    struct slice name = slice_first(inside, colon);
    struct slice found;

    if (!value_is_variable_name(name)) {
        auto_buf quoted = problem_quote(name);
        problem_add(l->problems, node->place, "%s is not the name of a variable; $${ stands for ${", quoted.ptr);
        return ERR_INVALID;
    }
    found = load_variable(l, name);
    if (found.len == 0 && colon != SIZE_MAX)
        found = slice_from(inside, colon + strlen(":-"));
    if (found.ptr == NULL) {
        problem_add(l->problems, node->place, "the environment variable %.*s is not set", SLICE_ARGS(name));
        return ERR_INVALID;
    }
    buf_put(value, found);
    return OK;
}

/* Copies `text` into `value`, variables replaced. */
static enum err expand(struct load *l, const struct yaml *node, struct slice text, struct buf *value)
{
    while (text.len > 0) {
        size_t dollar = slice_find(text, '$');
        buf_put(value, slice_first(text, dollar));
        if (dollar == SIZE_MAX)
            break;
        text = slice_from(text, dollar);

        size_t end = slice_find(text, '}');
        if (slice_starts(text, S("$${"))) {
            buf_put(value, S("${"));
            text = slice_from(text, 3);
        } else if (!slice_starts(text, S("${"))) {
            buf_putc(value, '$');
            text = slice_from(text, 1);
        } else if (end == SIZE_MAX) {
            problem_add(l->problems, node->place, "there is a ${ without its }; $${ stands for ${");
            return ERR_INVALID;
        } else {
            TRY(variable(l, node, slice_from(slice_first(text, end), 2), value));
            text = slice_from(text, end + 1);
        }
    }
    return OK;
}

/* The content of the file, without the newline at its end. */
static enum err read_content(struct load *l, const struct yaml *node, struct slice path, struct buf *content)
{
    struct slice full = load_path(l, path, node->place.origin);
    struct slice copy = arena_dup(&l->arena, full); /* with a NUL behind it */
    auto_buf quoted = problem_quote(full);

    if (!l->source->reads_files || copy.ptr == NULL) {
        problem_add(l->problems, node->place, "the file %s cannot be read here", quoted.ptr);
        return ERR_INVALID;
    }
    enum err result = file_read(copy.ptr, content);
    if (result != OK) {
        problem_add(l->problems, node->place, "the file %s: %s", quoted.ptr, file_why(result));
        return result;
    }
    if (slice_ends(buf_slice(content), S("\n")))
        buf_truncate(content, content->len - 1);
    return OK;
}

enum err load_resolve(struct load *l, const struct yaml *node, bool or_file, struct slice *ret)
{
    auto_buf value = { 0 };
    auto_buf content = { 0 };

    buf_init(&value, MAX_VALUE_BYTES);
    buf_init(&content, MAX_VALUE_BYTES);
    TRY(expand(l, node, node->text, &value));

    /* file:///etc/motd is a URL, which a server may well want as a value. */
    struct buf *result = &value;
    if (or_file && slice_starts(node->text, S("file:")) && !slice_starts(node->text, S("file://"))) {
        TRY(read_content(l, node, slice_from(buf_slice(&value), strlen("file:")), &content));
        result = &content;
    }
    struct slice copy = buf_ok(&value) == OK ? arena_dup(&l->arena, buf_slice(result)) : NO_SLICE;
    if (content.len > 0)
        explicit_bzero(content.ptr, content.len); /* it may be a secret */
    if (copy.ptr == NULL || slice_find(copy, '\0') != SIZE_MAX) {
        problem_add(l->problems, node->place, copy.ptr == NULL ? "the value is too long" : "a value cannot hold a NUL");
        return ERR_INVALID;
    }
    *ret = copy;
    return OK;
}
