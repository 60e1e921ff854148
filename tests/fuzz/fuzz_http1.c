/*
 * HTTP/1.1: requests, answers and their bodies come out the same however their bytes are cut, and what was accepted as
 * a head has nothing in it that another parser could read in another way.
 */
#include <stdlib.h>

#include "base/check.h"
#include "http/h1.h"
#include "http/h1_response.h"
#include "http/target.h"
#include "support/fuzz.h"

#define MAX_BODY_BYTES 4096u

static const struct h1_limits limits = { 256, 1024, 16 };

struct result {
    enum err head;
    enum err body;
    unsigned status; /* of an answer */
    enum h1_framing framing;
    struct slice method;
    struct slice target;
    size_t n_fields;
    struct buf text;
    size_t n_left; /* bytes behind the message */
    struct arena arena;
};

static void check_fields(const struct http_headers *headers)
{
    for (size_t i = 0; i < headers->n_fields; i++) {
        struct slice name = headers->fields[i].name;
        struct slice value = headers->fields[i].value;
        CHECK(name.len > 0 && slice_find(name, '_') == SIZE_MAX && slice_find(name, ' ') == SIZE_MAX);
        CHECK(slice_find(value, '\n') == SIZE_MAX && slice_find(value, '\r') == SIZE_MAX);
        CHECK(slice_find(value, '\0') == SIZE_MAX && slice_trim(value).len == value.len);
    }
}

static void check_request(const struct h1_request *request)
{
    bool has_length = http_headers_count(&request->headers, S("content-length")) > 0;
    bool has_coding = http_headers_count(&request->headers, S("transfer-encoding")) > 0;

    check_fields(&request->headers);
    CHECK(!(has_length && has_coding));
    CHECK(request->framing == (has_coding ? H1_CHUNKED : has_length ? H1_LENGTH : H1_NO_BODY));
    CHECK(http_headers_count(&request->headers, S("host")) == 1);
    CHECK(request->method.len + request->target.len <= limits.first_line_bytes);
    for (size_t i = 0; i < request->target.len; i++)
        CHECK(request->target.ptr[i] > 0x20 && request->target.ptr[i] < 0x7f);

    struct arena arena;
    struct target target;
    arena_init(&arena, 64 << 10);
    if (target_parse(request->target, request->host, &arena, &target) == OK) {
        CHECK(target.path.ptr[0] == '/' && slice_find(target.path, '\0') == SIZE_MAX);
        CHECK(slice_search(target.path, S("/../")) == SIZE_MAX && !slice_ends(target.path, S("/..")));
    }
    arena_done(&arena);
}

/* The next `step` bytes, of memory of their own: reading beyond them is seen. */
static char *take_piece(struct slice *in, size_t step, struct slice *ret)
{
    struct slice piece = slice_first(*in, step);
    char *copy = malloc(piece.len + 1);

    CHECK(copy != NULL);
    memcpy(copy, piece.ptr, piece.len);
    *in = slice_from(*in, piece.len);
    *ret = (struct slice){ copy, piece.len };
    return copy;
}

static struct result read_message(struct slice in, size_t step, bool is_request)
{
    struct result r = { .head = WAIT, .body = WAIT };
    struct h1 h1;
    struct h1_response_reader reader;
    struct h1_request request;
    struct h1_response response;
    struct h1_body body;

    arena_init(&r.arena, 64 << 10);
    buf_init(&r.text, MAX_BODY_BYTES);
    h1_init(&h1, &limits);
    h1_response_reader_init(&reader, &limits);
    while (in.len > 0 && (r.head == WAIT || (r.head == OK && r.body == WAIT))) {
        struct slice piece;
        char *copy = take_piece(&in, step, &piece);
        if (r.head == WAIT && is_request) {
            r.head = h1_read_head(&h1, &piece, &r.arena, &request);
            if (r.head == OK) {
                check_request(&request);
                h1_body_init(&body, request.framing, request.content_length, 0, 0);
                r.framing = request.framing;
                r.method = request.method;
                r.target = request.target;
                r.n_fields = request.headers.n_fields;
            }
        } else if (r.head == WAIT) {
            r.head = h1_response_read_head(&reader, false, &piece, &r.arena, &response);
            if (r.head == OK) {
                check_fields(&response.headers);
                CHECK(response.status >= 200 && response.status <= 599);
                h1_response_body_init(&response, &body);
                r.framing = response.framing;
                r.status = response.status;
                r.n_fields = response.headers.n_fields;
            }
        }
        if (r.head == OK)
            r.body = h1_body_collect(&body, &piece, &r.text);
        r.n_left = piece.len + in.len;
        free(copy);
    }
    h1_done(&h1);
    h1_response_reader_done(&reader);
    return r;
}

/* Of two faults, it may depend on the cuts which one is found first. */
static enum err outcome_of(enum err e)
{
    return e == OK || e == WAIT ? e : ERR_INVALID;
}

static void check_same(struct result *a, struct result *b)
{
    CHECK(outcome_of(a->head) == outcome_of(b->head) && outcome_of(a->body) == outcome_of(b->body));
    if (a->head == OK) {
        CHECK(a->status == b->status && a->framing == b->framing && a->n_fields == b->n_fields);
        CHECK(slice_eq(a->method, b->method) && slice_eq(a->target, b->target));
    }
    if (a->body == OK)
        CHECK(slice_eq(buf_slice(&a->text), buf_slice(&b->text)) && a->n_left == b->n_left);
    for (struct result *r = a; r != NULL; r = r == a ? b : NULL) {
        buf_done(&r->text);
        arena_done(&r->arena);
    }
}

int fuzz_one(const uint8_t *data, size_t size)
{
    struct slice in = { (const char *)data, size };

    for (int is_request = 0; is_request <= 1; is_request++) {
        struct result whole = read_message(in, SIZE_MAX, is_request == 1);
        struct result bytes = read_message(in, 1, is_request == 1);
        check_same(&whole, &bytes);
    }
    return 0;
}
