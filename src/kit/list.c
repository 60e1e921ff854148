#include "kit/list.h"

#include "kit/kit_internal.h"
#include "json/json.h"
#include "json/json_write.h"

/*
 * A cursor is the number of the last entry shown, with a letter before it: what it is stays ours to change (F-15). It
 * works for as long as the program runs, whatever was added and removed meanwhile.
 */
#define CURSOR_MARK 'n'

static bool read_cursor(const struct json_value *params, uint64_t *ret_after)
{
    const struct json_value *cursor = json_get(params, S("cursor"));
    struct slice text = json_string(cursor);

    *ret_after = 0;
    if (cursor == NULL || json_is_null(cursor)) /* some clients write down what they leave out */
        return true;
    return text.len > 1 && text.ptr[0] == CURSOR_MARK && slice_to_u64(slice_from(text, 1), ret_after) == OK;
}

static void set_cursor(struct json_writer *w, uint64_t next)
{
    auto_buf cursor;

    buf_init(&cursor, 32);
    buf_putc(&cursor, CURSOR_MARK);
    buf_put_u64(&cursor, next);
    json_set_string(w, S("nextCursor"), buf_slice(&cursor));
}

void list_page(struct kit *kit, enum entry_kind kind, struct slice name, const struct json_value *params,
               struct outcome *o)
{
    struct json_writer w = json_writer(&o->json);
    uint64_t after;
    uint64_t next = 0;

    json_begin_object(&w);
    json_name(&w, name);
    json_begin_array(&w);
    if (!read_cursor(params, &after) ||
        registry_page(kit->registry, kind, after, kit->page_size, &o->json, &next) != OK) {
        outcome_refuse(o, RPC_INVALID_PARAMS, S("Unknown cursor"));
        return;
    }
    json_end_array(&w);
    if (next != 0)
        set_cursor(&w, next);
    if (kit->freshness[0] != '\0') {
        buf_putc(&o->json, ',');
        buf_put(&o->json, slice_of(kit->freshness));
    }
    json_end_object(&w);
    if (buf_ok(&o->json) != OK)
        outcome_refuse(o, RPC_INTERNAL_ERROR, S("the page is too large; the server should set a smaller page_size"));
}
