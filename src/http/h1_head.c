#include "http/h1_head.h"

#include <stdint.h>

#define LINE_END_BYTES 2u

struct span {
    size_t name_at, name_len;
    size_t value_at, value_len;
};

static struct span *last_span(struct h1_head_reader *reader)
{
    return (struct span *)(void *)reader->spans.ptr + reader->n_fields - 1;
}

static size_t place_of(const struct h1_head_reader *reader, const char *at)
{
    return reader->piece_at + (size_t)(at - reader->piece);
}

static int stop(struct h1_head_reader *reader, enum err verdict)
{
    reader->verdict = verdict;
    return HPE_USER;
}

static int on_header_field(llhttp_t *parser, const char *at, size_t len)
{
    struct h1_head_reader *reader = parser->data;

    if (!reader->in_name) {
        struct span span = { .name_at = place_of(reader, at) };
        if (reader->n_fields == reader->limits->header_fields)
            return stop(reader, ERR_HTTP_HEAD_TOO_LARGE);
        if (buf_reserve(&reader->spans, sizeof(span)) != OK)
            return stop(reader, ERR_MEMORY);
        buf_put(&reader->spans, (struct slice){ (const char *)&span, sizeof(span) });
        reader->n_fields++;
        reader->in_name = true;
    }
    last_span(reader)->name_len += len; /* the rest of a name that was split stands right behind it */
    return 0;
}

static int on_header_field_complete(llhttp_t *parser)
{
    struct h1_head_reader *reader = parser->data;

    reader->in_name = false;
    return 0;
}

static int on_header_value(llhttp_t *parser, const char *at, size_t len)
{
    struct h1_head_reader *reader = parser->data;
    struct span *span = last_span(reader);

    if (span->value_len == 0)
        span->value_at = place_of(reader, at);
    span->value_len += len;
    return 0;
}

static int on_headers_complete(llhttp_t *parser)
{
    struct h1_head_reader *reader = parser->data;

    reader->is_complete = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_header_field = on_header_field,
    .on_header_field_complete = on_header_field_complete,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
};

void h1_head_reader_init(struct h1_head_reader *reader, llhttp_type_t type, const struct h1_limits *limits)
{
    *reader = (struct h1_head_reader){ .limits = limits };
    llhttp_init(&reader->parser, type, &settings);
    reader->parser.data = reader;
    buf_init(&reader->raw, limits->first_line_bytes + limits->header_block_bytes + 2 * LINE_END_BYTES);
    buf_init(&reader->spans, limits->header_fields * sizeof(struct span));
}

void h1_head_reader_done(struct h1_head_reader *reader)
{
    buf_done(&reader->raw);
    buf_done(&reader->spans);
}

/* llhttp blames the version for whatever stands behind it, too. */
static bool is_other_version(llhttp_t *parser)
{
    uint8_t major = llhttp_get_http_major(parser);
    uint8_t minor = llhttp_get_http_minor(parser);

    return (major != 0 || minor != 0) && (major != 1 || minor > 1);
}

static enum err verdict_of(struct h1_head_reader *reader, llhttp_errno_t e)
{
    if (e == HPE_USER)
        return reader->verdict;
    if (e == HPE_INVALID_VERSION)
        return is_other_version(&reader->parser) ? ERR_HTTP_VERSION : ERR_HTTP_SYNTAX;
    if (e == HPE_PAUSED_H2_UPGRADE)
        return ERR_HTTP_VERSION;
    if (e == HPE_INVALID_CONTENT_LENGTH || e == HPE_UNEXPECTED_CONTENT_LENGTH || e == HPE_INVALID_TRANSFER_ENCODING)
        return ERR_HTTP_LENGTH;
    return ERR_HTTP_SYNTAX;
}

/* Are the first line and the block of fields, with `n` bytes of the head here, still within their limits? */
static enum err check_limits(struct h1_head_reader *reader, struct slice piece, size_t n)
{
    if (reader->line_end == 0) {
        size_t at = slice_find(piece, '\n');
        if (at != SIZE_MAX)
            reader->line_end = reader->piece_at + at + 1;
    }

    size_t line_bytes = reader->line_end == 0 ? n : reader->line_end;
    size_t line_max = reader->limits->first_line_bytes + LINE_END_BYTES;
    if (reader->line_end == 0 ? line_bytes >= line_max : line_bytes > line_max)
        return ERR_HTTP_URI_TOO_LONG;
    if (reader->line_end == 0)
        return OK;

    size_t block_bytes = n - reader->line_end;
    size_t block_max = reader->limits->header_block_bytes + LINE_END_BYTES; /* with the empty line */
    if (reader->is_complete ? block_bytes > block_max : block_bytes >= block_max)
        return ERR_HTTP_HEAD_TOO_LARGE;
    return OK;
}

/* llhttp lets DEL pass in values. */
static bool is_text(struct slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

/* Cuts the complete head, `raw`, into the arena's slices. */
static enum err finish(struct h1_head_reader *reader, struct slice raw, struct arena *arena, struct h1_head *ret)
{
    struct slice head = arena_dup(arena, raw);
    const struct span *spans = (const struct span *)(const void *)reader->spans.ptr;
    struct http_headers headers;

    if (head.ptr == NULL)
        return ERR_HTTP_HEAD_TOO_LARGE;
    http_headers_init(&headers, arena);
    for (size_t i = 0; i < reader->n_fields; i++) {
        struct slice name = slice_first(slice_from(head, spans[i].name_at), spans[i].name_len);
        struct slice value = slice_trim(slice_first(slice_from(head, spans[i].value_at), spans[i].value_len));
        if (!is_text(value))
            return ERR_HTTP_SYNTAX;
        if (http_headers_add(&headers, name, value) != OK)
            return ERR_HTTP_HEAD_TOO_LARGE;
    }
    if (reader->line_end < LINE_END_BYTES || head.ptr[reader->line_end - LINE_END_BYTES] != '\r')
        return ERR_HTTP_SYNTAX;
    *ret = (struct h1_head){ slice_first(head, reader->line_end - LINE_END_BYTES), headers };
    return OK;
}

enum err h1_head_read(struct h1_head_reader *reader, struct slice *in, struct arena *arena, struct h1_head *ret)
{
    if (in->len == 0)
        return WAIT;

    reader->piece = in->ptr;
    reader->piece_at = reader->raw.len;
    llhttp_errno_t e = llhttp_execute(&reader->parser, in->ptr, in->len);
    bool is_complete = e == HPE_PAUSED && reader->is_complete;
    struct slice piece = *in;

    if (e != HPE_OK) { /* the end of the head, or the byte that is wrong: what stands behind it does not count */
        size_t at = (size_t)(llhttp_get_error_pos(&reader->parser) - in->ptr);
        piece = slice_first(*in, is_complete ? at : at + 1);
    }
    TRY(check_limits(reader, piece, reader->piece_at + piece.len));
    if (!is_complete && e != HPE_OK)
        return verdict_of(reader, e);

    *in = slice_from(*in, piece.len);
    if (is_complete && reader->raw.len == 0)
        return finish(reader, piece, arena, ret);
    buf_put(&reader->raw, piece);
    if (buf_ok(&reader->raw) != OK)
        return ERR_MEMORY; /* the limits were checked: only memory can be short */
    return is_complete ? finish(reader, buf_slice(&reader->raw), arena, ret) : WAIT;
}
