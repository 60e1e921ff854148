#include "http/h1_response.h"

#define MAX_INTERIM         8u
#define MAX_EXTENSION_BYTES 256u
#define MAX_TRAILER_BYTES   (8u << 10)

void h1_response_reader_init(struct h1_response_reader *reader, const struct h1_limits *limits)
{
    *reader = (struct h1_response_reader){ 0 };
    h1_head_reader_init(&reader->head, HTTP_RESPONSE, limits);
}

void h1_response_reader_done(struct h1_response_reader *reader)
{
    h1_head_reader_done(&reader->head);
}

static enum err read_framing(bool to_head, struct h1_response *response)
{
    const struct http_headers *headers = &response->headers;
    struct slice length = http_headers_find(headers, S("content-length"));
    struct slice coding = http_headers_find(headers, S("transfer-encoding"));
    bool is_chunked = slice_eq_nocase(coding, S("chunked"));

    if (http_headers_count(headers, S("content-length")) > 1 || http_headers_count(headers, S("transfer-encoding")) > 1)
        return ERR_PROTOCOL;
    if (coding.ptr != NULL && (length.ptr != NULL || !is_chunked))
        return ERR_PROTOCOL;
    if (length.ptr != NULL && slice_to_u64(length, &response->content_length) != OK)
        return ERR_PROTOCOL;

    if (to_head || response->status == 204 || response->status == 304)
        response->framing = H1_NO_BODY;
    else if (is_chunked)
        response->framing = H1_CHUNKED;
    else
        response->framing = length.ptr != NULL ? H1_LENGTH : H1_UNTIL_CLOSE;
    return OK;
}

/* "HTTP/1.1 200 OK" or "HTTP/1.1 200"; llhttp has checked all but the blanks. */
static enum err read_line(struct slice line, unsigned *ret_minor, unsigned *ret_status)
{
    struct slice protocol;
    struct slice code;
    uint64_t status;

    if (!slice_next(&line, ' ', &protocol) || !slice_next(&line, ' ', &code) || code.len != 3 ||
        slice_to_u64(code, &status) != OK || status < 100 || status > 599)
        return ERR_PROTOCOL;
    if (!slice_eq(protocol, S("HTTP/1.1")) && !slice_eq(protocol, S("HTTP/1.0")))
        return ERR_PROTOCOL;
    *ret_minor = slice_eq(protocol, S("HTTP/1.1"));
    *ret_status = (unsigned)status;
    return OK;
}

static enum err judge(const struct h1_head *head, bool to_head, struct h1_response *ret)
{
    struct h1_response response = { .headers = head->headers };
    unsigned minor;

    TRY(read_line(head->first_line, &minor, &response.status));
    if (response.status == 101)
        return ERR_PROTOCOL; /* we never ask for another protocol */
    TRY(read_framing(to_head, &response));
    response.keep_alive = minor == 1 && response.framing != H1_UNTIL_CLOSE &&
                          !http_headers_has_token(&response.headers, S("connection"), S("close"));
    *ret = response;
    return OK;
}

static enum err verdict_of(enum err e)
{
    if (e == ERR_HTTP_URI_TOO_LONG || e == ERR_HTTP_HEAD_TOO_LARGE)
        return ERR_LIMIT;
    return e == WAIT || e == ERR_MEMORY ? e : ERR_PROTOCOL;
}

enum err h1_response_read_head(struct h1_response_reader *reader, bool to_head, struct slice *in, struct arena *arena,
                               struct h1_response *ret)
{
    for (;;) {
        struct h1_head head;
        enum err e = h1_head_read(&reader->head, in, arena, &head);
        if (e != OK)
            return verdict_of(e);

        const struct h1_limits *limits = reader->head.limits;
        h1_head_reader_done(&reader->head);
        h1_head_reader_init(&reader->head, HTTP_RESPONSE, limits);
        TRY(judge(&head, to_head, ret));
        if (ret->status >= 200) {
            reader->n_interim = 0;
            return OK;
        }
        if (++reader->n_interim > MAX_INTERIM)
            return ERR_PROTOCOL;
    }
}

void h1_response_body_init(const struct h1_response *response, struct h1_body *body)
{
    h1_body_init(body, response->framing, response->content_length, MAX_EXTENSION_BYTES, MAX_TRAILER_BYTES);
}
