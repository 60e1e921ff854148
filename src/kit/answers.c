#include "kit/answers.h"

#include "base/base64.h"
#include "json/json.h"
#include "json/json_write.h"

#define MAX_BYTES    16384u /* of a handler's own state */
#define MAX_STEP_LEN 256u   /* of a name in a pointer */

enum err answers_init(struct answers *a, struct slice responses, struct slice state)
{
    struct err_at at;

    *a = (struct answers){ 0 };
    buf_init(&a->bytes, MAX_BYTES);
    if (responses.len > 0 && json_parse(responses, &JSON_LIMITS_MCP, &a->fresh, &at) != OK)
        return ERR_INVALID;
    if (a->fresh != NULL && !json_is_object(json_root(a->fresh)))
        return ERR_INVALID;
    if (state.len == 0)
        return OK;
    if (json_parse(state, &JSON_LIMITS_MCP, &a->state, &at) != OK || !json_is_object(json_root(a->state)))
        return ERR_INVALID;

    const struct json_value *bytes = json_get(json_root(a->state), S("s"));
    a->has_bytes = bytes != NULL;
    if (bytes == NULL)
        return OK;
    return json_is_string(bytes) && base64_decode(&a->bytes, json_string(bytes)) == OK ? OK : ERR_INVALID;
}

void answers_done(struct answers *a)
{
    json_free(a->fresh);
    json_free(a->state);
    buf_done(&a->bytes);
    *a = (struct answers){ 0 };
}

const struct json_value *answers_find(const struct answers *a, struct slice key)
{
    const struct json_value *found = a->fresh != NULL ? json_get(json_root(a->fresh), key) : NULL;

    if (found == NULL && a->state != NULL)
        found = json_get(json_get(json_root(a->state), S("a")), key);
    return found;
}

void answers_put_state(struct buf *to, struct slice kept, bool has_bytes, struct slice bytes)
{
    struct json_writer w = json_writer(to);

    if (kept.len == 0 && !has_bytes)
        return;
    json_begin_object(&w);
    if (has_bytes) {
        auto_buf text;
        buf_init(&text, MAX_BYTES * 2);
        base64_put(&text, bytes);
        json_set_string(&w, S("s"), buf_slice(&text));
        if (buf_ok(&text) != OK)
            to->failed = true;
    }
    if (kept.len > 0) {
        json_name(&w, S("a"));
        json_begin_object(&w);
        buf_put(to, kept);
        json_end_object(&w);
    }
    json_end_object(&w);
}

/* "~1" is "/" and "~0" is "~" in a step of a pointer. */
static bool unescape(struct slice step, struct buf *to)
{
    for (size_t i = 0; i < step.len; i++) {
        char c = step.ptr[i];
        if (c == '~') {
            i++;
            if (i == step.len || (step.ptr[i] != '0' && step.ptr[i] != '1'))
                return false;
            c = step.ptr[i] == '0' ? '~' : '/';
        }
        buf_putc(to, c);
    }
    return buf_ok(to) == OK;
}

static const struct json_value *element_at(const struct json_value *array, struct slice step)
{
    uint64_t index;

    if (slice_to_u64(step, &index) != OK)
        return NULL;
    json_each_element(e, array)
        if (index-- == 0)
            return e.value;
    return NULL;
}

static const struct json_value *step_into(const struct json_value *value, struct slice step)
{
    auto_buf name;

    buf_init(&name, MAX_STEP_LEN);
    if (json_is_array(value))
        return element_at(value, step);
    return unescape(step, &name) ? json_get(value, buf_slice(&name)) : NULL;
}

const struct json_value *answers_at(const struct json_value *value, struct slice pointer)
{
    if (pointer.len > 0 && pointer.ptr[0] != '/')
        return NULL;
    while (pointer.len > 0 && value != NULL) {
        pointer = slice_from(pointer, 1);
        size_t end = slice_find(pointer, '/');
        struct slice step = slice_first(pointer, end);
        pointer = slice_from(pointer, end);
        value = step_into(value, step);
    }
    return value;
}
