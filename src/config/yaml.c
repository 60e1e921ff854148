#include "config/yaml.h"

#include <libfyaml.h>
#include <string.h>

#include "base/check.h"
#include "base/utf8.h"
#include "obs/log_line.h"

/* The state of one parse: the open list or map, and the key that waits for its value. */
struct parse {
    const char *origin;
    struct arena *arena;
    struct problems *problems;
    struct yaml *root;
    struct yaml *open;
    bool has_key;
    struct slice key;
    struct place key_place;
    bool key_is_double; /* its value is read and forgotten */
    size_t n_nodes;
    unsigned depth;
    unsigned n_documents;
    struct place last; /* of the latest thing that had one */
};

/* The library's mark of a text in quotes, or of an alias, is behind the sign that begins it. */
static struct place place_at(const struct parse *p, const struct fy_mark *mark, bool behind_sign)
{
    if (mark == NULL) /* a value that is not there: where the last thing was */
        return p->last;
    unsigned column = (unsigned)mark->column + 1;
    return (struct place){ p->origin, (unsigned)mark->line + 1, column - (behind_sign && column > 1) };
}

static enum err refuse(struct parse *p, struct place place, const char *why)
{
    problem_add(p->problems, place, "%s", why);
    return ERR_INVALID;
}

/* A new node at its place in the open list or map. */
static enum err add(struct parse *p, enum yaml_kind kind, struct place place, struct yaml **ret)
{
    struct yaml *node = ++p->n_nodes > YAML_MAX_NODES ? NULL : arena_alloc(p->arena, sizeof(*node));

    if (node == NULL)
        return refuse(p, place, "there is too much in here");
    node->kind = kind;
    node->place = place;
    node->last = &node->first;
    node->parent = p->open;
    if (p->open == NULL) {
        p->root = node;
    } else if (!p->key_is_double) { /* a second value of one key stays out */
        node->key = p->key;
        node->key_place = p->key_place;
        *p->open->last = node;
        p->open->last = &node->next;
        p->open->n++;
    }
    p->has_key = false;
    p->key = NO_SLICE;
    p->key_is_double = false;
    *ret = node;
    return OK;
}

static bool wants_key(const struct parse *p)
{
    return p->open != NULL && p->open->kind == YAML_MAP && !p->has_key;
}

static enum err open_collection(struct parse *p, enum yaml_kind kind, struct place place)
{
    struct yaml *node;

    if (wants_key(p))
        return refuse(p, place, "a key is a plain text");
    if (++p->depth > YAML_MAX_DEPTH)
        return refuse(p, place, "this is nested too deeply");
    TRY(add(p, kind, place, &node));
    p->open = node;
    return OK;
}

static void close_collection(struct parse *p)
{
    CHECK(p->open != NULL);
    p->open = p->open->parent;
    p->depth--;
}

static void note_key(struct parse *p, struct slice text, struct place place)
{
    const struct yaml *earlier = yaml_member(p->open, text);

    p->has_key = true;
    p->key = text;
    p->key_place = place;
    p->key_is_double = earlier != NULL;
    if (earlier != NULL) {
        auto_buf quoted = problem_quote(text);
        problem_add(p->problems, place, "the key %s is already in line %u", quoted.ptr, earlier->key_place.line);
    }
}

static enum err scalar(struct parse *p, struct fy_token *token, struct place place, bool is_quoted)
{
    struct yaml *node;
    size_t len = 0;
    const char *ptr = token == NULL ? NULL : fy_token_get_text(token, &len);
    struct slice text = arena_dup(p->arena, ptr == NULL ? S("") : (struct slice){ ptr, len });

    if (text.ptr == NULL)
        return refuse(p, place, "there is too much in here");
    if (slice_find(text, '\0') != SIZE_MAX)
        return refuse(p, place, "a text cannot hold a NUL");
    if (wants_key(p)) {
        note_key(p, text, place);
        return OK;
    }
    TRY(add(p, YAML_TEXT, place, &node));
    node->text = text;
    node->is_quoted = is_quoted;
    return OK;
}

static enum err take_event(struct parse *p, struct fy_event *event)
{
    struct fy_token *token = fy_event_get_token(event);
    enum fy_scalar_style style =
        event->type == FYET_SCALAR && token != NULL ? fy_token_scalar_style(token) : FYSS_PLAIN;
    bool has_sign = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED || event->type == FYET_ALIAS;
    struct place place = place_at(p, fy_event_start_mark(event), has_sign);

    if (fy_event_get_anchor_token(event) != NULL)
        return refuse(p, place, "anchors are not used here");
    if (fy_event_get_tag_token(event) != NULL)
        return refuse(p, place, "tags are not used here");
    p->last = place;

    switch (event->type) {
    case FYET_DOCUMENT_START:
        return ++p->n_documents > 1 ? refuse(p, place, "there is a second document in the file") : OK;
    case FYET_MAPPING_START:
        return open_collection(p, YAML_MAP, place);
    case FYET_SEQUENCE_START:
        return open_collection(p, YAML_LIST, place);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        close_collection(p);
        return OK;
    case FYET_SCALAR:
        return scalar(p, token, place, style != FYSS_PLAIN);
    case FYET_ALIAS:
        return refuse(p, place, "aliases are not used here");
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_END:
        return OK;
    }
    UNREACHABLE();
}

/* What the library found wrong, or that it found something. */
static enum err report(struct parse *p, struct fy_diag *diag)
{
    size_t n_before = p->problems->n;
    struct fy_diag_error *error;
    void *at = NULL;

    while ((error = fy_diag_errors_iterate(diag, &at)) != NULL) {
        struct buf text;
        buf_init(&text, 1024);
        log_escape(&text, slice_first(slice_of(error->msg), 160));
        problem_add(p->problems,
                    (struct place){ p->origin, error->line > 0 ? (unsigned)error->line : 1,
                                    error->column > 0 ? (unsigned)error->column : 1 },
                    "this is not YAML: %.*s", SLICE_ARGS(buf_slice(&text)));
        buf_done(&text);
    }
    if (p->problems->n == n_before)
        return refuse(p, (struct place){ p->origin, p->last.line > 0 ? p->last.line : 1, 1 }, "this is not YAML");
    return ERR_INVALID;
}

static enum err take_events(struct parse *p, struct fy_parser *parser)
{
    enum err result = OK;

    while (result == OK) {
        struct fy_event *event = fy_parser_parse(parser);
        if (event == NULL)
            break;
        result = take_event(p, event);
        fy_parser_event_free(parser, event);
    }
    return result;
}

/* The place of the byte at `offset`. */
static struct place place_of_offset(struct slice text, size_t offset, const char *origin)
{
    struct place place = { origin, 1, 1 };

    for (size_t i = 0; i < offset; i++) {
        place.column++;
        if (text.ptr[i] == '\n') {
            place.line++;
            place.column = 1;
        }
    }
    return place;
}

/* The library's scanner is not asked about bytes that are no text. */
static enum err check_bytes(struct parse *p, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') || c == 0x7f)
            return refuse(p, place_of_offset(text, i, p->origin), "there is a control character in the text");
    }
    if (!utf8_is_valid(text))
        return refuse(p, (struct place){ p->origin, 1, 1 }, "the text is not valid UTF-8");
    return OK;
}

enum err yaml_parse(struct slice text, const char *origin, struct arena *arena, struct problems *problems,
                    struct yaml **ret)
{
    struct parse p = { .origin = origin, .arena = arena, .problems = problems, .last = { origin, 1, 1 } };
    struct fy_diag_cfg diag_config;

    TRY(check_bytes(&p, text));

    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL;
    diag_config.colorize = false;
    struct fy_diag *diag = fy_diag_create(&diag_config);
    CHECK(diag != NULL);
    fy_diag_set_collect_errors(diag, true);
    struct fy_parser *parser = fy_parser_create(&(struct fy_parse_cfg){ .flags = FYPCF_QUIET, .diag = diag });
    CHECK(parser != NULL);

    enum err result = fy_parser_set_string(parser, text.len == 0 ? "" : text.ptr, text.len) == 0 ? OK : ERR_INVALID;
    if (result == OK)
        result = take_events(&p, parser);
    if (result == OK && (fy_parser_get_stream_error(parser) || fy_diag_got_error(diag)))
        result = report(&p, diag);
    fy_parser_destroy(parser);
    fy_diag_destroy(diag);

    if (result == OK)
        *ret = p.root;
    return result;
}

struct yaml *yaml_member(const struct yaml *map, struct slice key)
{
    for (struct yaml *member = map->first; member != NULL; member = member->next)
        if (slice_eq(member->key, key))
            return member;
    return NULL;
}

enum err yaml_text(struct slice text, const char *origin, struct arena *arena, struct yaml **ret)
{
    struct yaml *node = arena_alloc(arena, sizeof(*node));

    if (node == NULL)
        return ERR_LIMIT;
    node->kind = YAML_TEXT;
    node->text = text;
    node->is_quoted = true;
    node->place = (struct place){ origin, 0, 0 };
    node->last = &node->first;
    *ret = node;
    return OK;
}
