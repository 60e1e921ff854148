#include "http/status.h"

#include "base/attr.h"

static const struct row {
    unsigned status;
    struct slice text;
} rows[] = {
    { 100, S("Continue") },
    { 200, S("OK") },
    { 201, S("Created") },
    { 202, S("Accepted") },
    { 204, S("No Content") },
    { 302, S("Found") },
    { 303, S("See Other") },
    { 304, S("Not Modified") },
    { 400, S("Bad Request") },
    { 401, S("Unauthorized") },
    { 403, S("Forbidden") },
    { 404, S("Not Found") },
    { 405, S("Method Not Allowed") },
    { 406, S("Not Acceptable") },
    { 408, S("Request Timeout") },
    { 409, S("Conflict") },
    { 410, S("Gone") },
    { 413, S("Content Too Large") },
    { 414, S("URI Too Long") },
    { 415, S("Unsupported Media Type") },
    { 417, S("Expectation Failed") },
    { 421, S("Misdirected Request") },
    { 429, S("Too Many Requests") },
    { 431, S("Request Header Fields Too Large") },
    { 500, S("Internal Server Error") },
    { 501, S("Not Implemented") },
    { 502, S("Bad Gateway") },
    { 503, S("Service Unavailable") },
    { 504, S("Gateway Timeout") },
    { 505, S("HTTP Version Not Supported") },
};

struct slice http_status_text(unsigned status)
{
    for (const struct row *row = rows; row < rows + N_ELEMENTS(rows); row++)
        if (row->status == status)
            return row->text;
    return S("Unknown");
}

static unsigned status_of_class(enum err_class class)
{
    switch (class) {
    case ERR_CLASS_INPUT:
        return 400;
    case ERR_CLASS_UNAUTHENTICATED:
        return 401;
    case ERR_CLASS_FORBIDDEN:
        return 403;
    case ERR_CLASS_MISSING:
        return 404;
    case ERR_CLASS_LIMIT:
        return 413;
    case ERR_CLASS_BUSY:
        return 503;
    case ERR_CLASS_UPSTREAM:
        return 502;
    case ERR_CLASS_NONE:
    case ERR_CLASS_SYSTEM:
        return 500;
    }
    UNREACHABLE();
}

/* Only the rows whose status is not that of their class. */
/* clang-format off: one row a line */
static const struct exception {
    enum err err;
    unsigned status;
} exceptions[] = {
    { ERR_RATE_LIMITED, 429 },        { ERR_TIMEOUT, 504 },         { ERR_HTTP_URI_TOO_LONG, 414 },
    { ERR_HTTP_HEAD_TOO_LARGE, 431 }, { ERR_HTTP_VERSION, 505 },    { ERR_HTTP_CODING, 501 },
    { ERR_HTTP_EXPECT, 417 },         { ERR_HTTP_HOST, 421 },       { ERR_HTTP_METHOD, 405 },
    { ERR_HTTP_TOO_SLOW, 408 },       { ERR_HTTP_MEDIA_TYPE, 415 }, { ERR_HTTP_NOT_ACCEPTABLE, 406 },
};
/* clang-format on */

unsigned http_status_of_err(enum err e)
{
    for (const struct exception *x = exceptions; x < exceptions + N_ELEMENTS(exceptions); x++)
        if (x->err == e)
            return x->status;
    return status_of_class(err_class(e));
}
