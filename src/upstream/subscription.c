#include "upstream/subscription.h"

#include "json/json_write.h"

/* How each kind is called in a filter, and by which member of which capability a server offers it. */
static const struct {
    enum subscription_kind kind;
    struct slice member;
    struct slice capability;
} kinds[] = {
    { SUBSCRIPTION_TOOLS, S("toolsListChanged"), S("tools") },
    { SUBSCRIPTION_PROMPTS, S("promptsListChanged"), S("prompts") },
    { SUBSCRIPTION_RESOURCES, S("resourcesListChanged"), S("resources") },
};

void subscription_init(struct subscription *s)
{
    s->kinds = 0;
    map_init(&s->uris, SUBSCRIPTION_URIS_MAX);
}

void subscription_done(struct subscription *s)
{
    map_done(&s->uris);
}

void subscription_add_kinds(struct subscription *s, unsigned added)
{
    s->kinds |= added;
}

enum err subscription_add_uri(struct subscription *s, struct slice uri)
{
    enum err e = map_add(&s->uris, uri, s); /* a set: the value only says that it is there */

    return e == ERR_DUPLICATE ? OK : e;
}

void subscription_remove_uri(struct subscription *s, struct slice uri)
{
    (void)map_remove(&s->uris, uri);
}

bool subscription_has(const struct subscription *s, enum subscription_kind kind)
{
    return (s->kinds & kind) != 0;
}

bool subscription_has_uri(const struct subscription *s, struct slice uri)
{
    return map_find(&s->uris, uri) != NULL;
}

bool subscription_next_uri(const struct subscription *s, size_t *at, struct slice *ret)
{
    return map_next(&s->uris, at, ret) != NULL;
}

enum err subscription_from_filter(struct subscription *s, const struct json_value *filter,
                                  const struct json_value *capabilities)
{
    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        if (json_is_true(json_get(filter, kinds[i].member)) &&
            json_is_true(json_get(json_get(capabilities, kinds[i].capability), S("listChanged"))))
            s->kinds |= kinds[i].kind;

    if (!json_is_true(json_get(json_get(capabilities, S("resources")), S("subscribe"))))
        return OK;
    json_each_element(uri, json_get(filter, S("resourceSubscriptions")))
        if (json_is_string(uri.value))
            TRY(subscription_add_uri(s, json_string(uri.value)));
    return OK;
}

void subscription_put_acknowledgement(const struct subscription *s, struct buf *to)
{
    struct json_writer w = json_writer(to);
    struct slice uri;
    size_t at = 0;

    json_begin_object(&w);
    json_name(&w, S("notifications"));
    json_begin_object(&w);
    for (size_t i = 0; i < N_ELEMENTS(kinds); i++)
        if (subscription_has(s, kinds[i].kind))
            json_set_bool(&w, kinds[i].member, true);
    if (s->uris.n > 0) {
        json_name(&w, S("resourceSubscriptions"));
        json_begin_array(&w);
        while (subscription_next_uri(s, &at, &uri))
            json_add_string(&w, uri);
        json_end_array(&w);
    }
    json_end_object(&w);
    json_end_object(&w);
}
