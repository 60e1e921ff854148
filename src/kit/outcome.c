#include "kit/outcome.h"

#include "json/json_write.h"

#define MAX_STATE_BYTES 16384u /* of the sealed state, before it is sealed */

void outcome_init(struct outcome *o, size_t max_bytes)
{
    *o = (struct outcome){ .kind = KIT_RESULT };
    buf_init(&o->json, max_bytes);
    buf_init(&o->state, MAX_STATE_BYTES);
    buf_init(&o->message, OUTCOME_MAX_MESSAGE);
}

void outcome_done(struct outcome *o)
{
    buf_done(&o->json);
    buf_done(&o->state);
    buf_done(&o->message);
}

static size_t cut_at_character(struct slice text, size_t max)
{
    if (text.len <= max)
        return text.len;
    while (max > 0 && ((unsigned char)text.ptr[max] & 0xC0) == 0x80)
        max--;
    return max;
}

void outcome_refuse(struct outcome *o, int code, struct slice message)
{
    o->kind = KIT_ERROR;
    o->code = code;
    buf_clear(&o->json);
    buf_clear(&o->state);
    buf_clear(&o->message);
    buf_put(&o->message, slice_first(message, cut_at_character(message, OUTCOME_MAX_MESSAGE)));
}

struct kit_event outcome_event(const struct outcome *o)
{
    return (struct kit_event){
        .kind = o->kind,
        .json = buf_slice(&o->json),
        .state = buf_slice(&o->state),
        .message = buf_slice(&o->message),
        .code = o->code,
    };
}

void outcome_name_uri(struct outcome *o, struct slice uri)
{
    struct json_writer w = json_writer(&o->json);

    json_begin_object(&w);
    json_set_string(&w, S("uri"), uri);
    json_end_object(&w);
}
