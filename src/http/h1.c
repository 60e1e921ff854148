#include "http/h1.h"

static void begin(struct h1 *h1)
{
    h1->state = H1_FIRST;
    h1->is_begun = false;
}

void h1_init(struct h1 *h1, const struct h1_limits *limits)
{
    *h1 = (struct h1){ 0 };
    h1_head_reader_init(&h1->head, HTTP_REQUEST, limits);
    begin(h1);
}

void h1_done(struct h1 *h1)
{
    h1_head_reader_done(&h1->head);
}

/* One empty line before a request is overlooked (RFC 9112 s2.2), a bare CR or LF is not. */
static enum err skip_empty_line(struct h1 *h1, struct slice *in)
{
    if (h1->state == H1_FIRST && in->len > 0) {
        h1->is_begun = true;
        h1->state = in->ptr[0] == '\r' ? H1_EMPTY_LINE : H1_HEAD;
        if (h1->state == H1_EMPTY_LINE)
            *in = slice_from(*in, 1);
    }
    if (h1->state == H1_EMPTY_LINE && in->len > 0) {
        if (in->ptr[0] != '\n')
            return ERR_HTTP_SYNTAX;
        *in = slice_from(*in, 1);
        h1->state = H1_HEAD;
    }
    return h1->state == H1_HEAD ? OK : WAIT;
}

static bool is_target_text(struct slice target)
{
    for (size_t i = 0; i < target.len; i++)
        if (target.ptr[i] <= 0x20 || target.ptr[i] > 0x7e || target.ptr[i] == '#')
            return false;
    return target.len > 0;
}

/* Three words and one blank between them: llhttp takes several blanks, and other protocols than HTTP. */
static enum err read_line(struct slice line, struct h1_request *request)
{
    struct slice protocol;

    if (!slice_next(&line, ' ', &request->method) || !slice_next(&line, ' ', &request->target) ||
        !slice_next(&line, ' ', &protocol) || line.ptr != NULL || request->method.len == 0)
        return ERR_HTTP_SYNTAX;
    if (slice_eq(protocol, S("HTTP/1.1")))
        request->minor = 1;
    else if (slice_eq(protocol, S("HTTP/1.0")))
        request->minor = 0;
    else
        return slice_starts(protocol, S("HTTP/")) ? ERR_HTTP_VERSION : ERR_HTTP_SYNTAX;
    return is_target_text(request->target) ? OK : ERR_HTTP_TARGET;
}

/* How long is the body? (RFC 9112 s6.3, with every doubt an error.) */
static enum err read_framing(struct h1_request *request)
{
    struct slice length = http_headers_find(&request->headers, S("content-length"));
    struct slice coding = http_headers_find(&request->headers, S("transfer-encoding"));

    request->framing = H1_NO_BODY;
    if (coding.ptr != NULL) {
        if (length.ptr != NULL || request->minor == 0 ||
            http_headers_count(&request->headers, S("transfer-encoding")) > 1)
            return ERR_HTTP_LENGTH;
        if (!slice_eq_nocase(coding, S("chunked")))
            return coding.len == 0 ||
                           http_headers_has_token(&request->headers, S("transfer-encoding"), S("identity")) ||
                           slice_starts(coding, S("chunked"))
                       ? ERR_HTTP_LENGTH
                       : ERR_HTTP_CODING;
        request->framing = H1_CHUNKED;
        return OK;
    }
    if (length.ptr == NULL)
        return OK;
    if (http_headers_count(&request->headers, S("content-length")) > 1 ||
        slice_to_u64(length, &request->content_length) != OK)
        return ERR_HTTP_LENGTH;
    request->framing = H1_LENGTH;
    return OK;
}

static enum err read_expectation(struct h1_request *request)
{
    struct slice expectation = http_headers_find(&request->headers, S("expect"));

    if (expectation.ptr == NULL || request->minor == 0)
        return OK;
    if (!slice_eq_nocase(expectation, S("100-continue")) || http_headers_count(&request->headers, S("expect")) > 1)
        return ERR_HTTP_EXPECT;
    request->expects_continue = request->framing != H1_NO_BODY;
    return OK;
}

static enum err judge(const struct h1_head *head, struct h1_request *ret)
{
    struct h1_request request = { .headers = head->headers };

    TRY(read_line(head->first_line, &request));
    TRY(read_framing(&request));
    request.host = http_headers_find(&request.headers, S("host"));
    if (http_headers_count(&request.headers, S("host")) != 1 || request.host.len == 0)
        return ERR_HTTP_HOST_SYNTAX;
    TRY(read_expectation(&request));
    request.keep_alive = request.minor == 1 && !http_headers_has_token(&request.headers, S("connection"), S("close"));
    *ret = request;
    return OK;
}

enum err h1_read_head(struct h1 *h1, struct slice *in, struct arena *arena, struct h1_request *ret)
{
    struct h1_head head;

    TRY(skip_empty_line(h1, in));
    TRY(h1_head_read(&h1->head, in, arena, &head));

    const struct h1_limits *limits = h1->head.limits;
    h1_head_reader_done(&h1->head);
    h1_head_reader_init(&h1->head, HTTP_REQUEST, limits);
    begin(h1);
    return judge(&head, ret);
}
