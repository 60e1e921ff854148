/*
 * Requests that two parsers might read differently (S-66): every one is refused, and with its own error.
 *
 * The tests of the parser and those of the server run through the same tables.
 */
#pragma once

#include "base/err.h"
#include "base/slice.h"

#define GET_X  "GET / HTTP/1.1\r\nHost: x\r\n"
#define POST_X "POST / HTTP/1.1\r\nHost: x\r\n"

struct refusal {
    struct slice text;
    enum err err;
};

/* Whole heads, some with the body that somebody might see behind them. */
static const struct refusal refused_heads[] = {
    /* Lengths. */
    { S(POST_X "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 5\r\nContent-Length: 5\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 5\r\nContent-Length: 6\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 5\r\ncontent-LENGTH: 0\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 5, 5\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 5,\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: +5\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: -5\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 0x5\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 5 5\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 5.0\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 1e1\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: five\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: \"5\"\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length:\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 18446744073709551616\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 99999999999999999999999\r\n\r\n"), ERR_HTTP_LENGTH },

    /* Transfer codings. */
    { S(POST_X "Transfer-Encoding: gzip, chunked\r\n\r\n"), ERR_HTTP_CODING },
    { S(POST_X "Transfer-Encoding: gzip\r\n\r\n"), ERR_HTTP_CODING },
    { S(POST_X "Transfer-Encoding: xchunked\r\n\r\n"), ERR_HTTP_CODING },
    { S(POST_X "Transfer-Encoding: chunked, chunked\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding: chunked, gzip\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding: chunked, identity\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding: identity\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding: identity, chunked\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding: chunked;q=1\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding: chunkedfoo\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding:\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n"), ERR_HTTP_LENGTH },
    { S("POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding: \"chunked\"\r\n\r\n"), ERR_HTTP_CODING },
    { S(POST_X "Transfer-Encoding: \vchunked\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(POST_X "Transfer-Encoding : chunked\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(POST_X "Transfer-Encoding\t: chunked\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(POST_X "Transfer-Encoding\r\n : chunked\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(POST_X " Transfer-Encoding: chunked\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(POST_X "\tTransfer-Encoding: chunked\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(POST_X "Transfer\302\255Encoding: chunked\r\n\r\n"), ERR_HTTP_SYNTAX }, /* a soft hyphen */

    /* Line ends, folding, white space. */
    { S("GET / HTTP/1.1\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1.1\r\nHost: x\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1.1\r\nHost: x\r\n\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1.1\nHost: x\n\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1.1\rHost: x\r\r"), ERR_HTTP_SYNTAX },
    { S(GET_X "A: b\rC: d\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A: b\nC: d\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A: b\r\rC: d\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A: b\r\n c\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A: b\r\n\tc\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A:\r\n b\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X " A: b\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A : b\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A B: c\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A\t: b\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X ": b\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "\r\r\n"), ERR_HTTP_SYNTAX },
    { S("\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("\rGET / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(" GET / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },

    /* Bytes that belong nowhere. */
    { S(GET_X "A: b\x01\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A: b\x1b[0m\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A: b\x7f\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A\x7f: b\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A\xff: b\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A(: b\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(GET_X "A@b: c\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET /\x7f HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("G\xc3\x8bT / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("\x16\x03\x01\x02\x01\x01\xfc\x03\x03"), ERR_HTTP_SYNTAX }, /* TLS */

    /* The request line. */
    { S("GET  / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET /  HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1.1 \r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET /\tHTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / a HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET /\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX }, /* 0.9 */
    { S("GET /\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("get / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GETX / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / http/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1.1x\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1.10\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/0.9\r\nHost: x\r\n\r\n"), ERR_HTTP_VERSION },
    { S("GET / HTTP/1.2\r\nHost: x\r\n\r\n"), ERR_HTTP_VERSION },
    { S("GET / HTTP/2.0\r\nHost: x\r\n\r\n"), ERR_HTTP_VERSION },
    { S("GET / HTTP/3.0\r\nHost: x\r\n\r\n"), ERR_HTTP_VERSION },
    { S("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), ERR_HTTP_VERSION },
    { S("PRI * HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("OPTIONS / RTSP/1.0\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("DESCRIBE / RTSP/1.0\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("SOURCE / ICE/1.0\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / ICE/1.0\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_TARGET },
    { S("GET /caf\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },

    /* Host. */
    { S("GET / HTTP/1.1\r\n\r\n"), ERR_HTTP_HOST_SYNTAX },
    { S("GET / HTTP/1.0\r\n\r\n"), ERR_HTTP_HOST_SYNTAX },
    { S("GET / HTTP/1.1\r\nHost:\r\n\r\n"), ERR_HTTP_HOST_SYNTAX },
    { S("GET / HTTP/1.1\r\nHost: \t \r\n\r\n"), ERR_HTTP_HOST_SYNTAX },
    { S(GET_X "Host: x\r\n\r\n"), ERR_HTTP_HOST_SYNTAX },
    { S(GET_X "hOST: y\r\n\r\n"), ERR_HTTP_HOST_SYNTAX },

    /* Expectations. */
    { S(POST_X "Content-Length: 5\r\nExpect: a miracle\r\n\r\n"), ERR_HTTP_EXPECT },
    { S(POST_X "Content-Length: 5\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n\r\n"), ERR_HTTP_EXPECT },
    { S(POST_X "Content-Length: 5\r\nExpect:\r\n\r\n"), ERR_HTTP_EXPECT },

    /* NUL. */
    { S("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1.1\r\nHost: x\0\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1.1\r\nHo\0st: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1.1\0\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("\0GET / HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1.1\r\nHost: x\r\nA: \0b\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET\0/ HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(POST_X "Content-Length\0: 5\r\n\r\nhello"), ERR_HTTP_SYNTAX },
    { S(POST_X "Transfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n"), ERR_HTTP_SYNTAX },

    /* A coding or a length that only one of two parsers sees. */
    { S(POST_X "Content-Length: 4\r\nTransfer-Encoding:\tchunked\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 4\r\nTransfer-Encoding: cow\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 4\r\nTransfer-Encoding: CHUNKED \r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 4\r\nA: b\rTransfer-Encoding: chunked\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(POST_X "Content-Length: 4\r\nA: b\nTransfer-Encoding: chunked\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(POST_X "Content-Length: 4\r\n Transfer-Encoding: chunked\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(POST_X "Transfer-Encoding: chunked\r\n Content-Length: 4\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(POST_X "Transfer-Encoding: chunked,\r\n gzip\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding:\n chunked\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S(POST_X "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding: ,chunked\r\n\r\n"), ERR_HTTP_CODING },
    { S(POST_X "Transfer-Encoding: chunked,\r\n\r\n"), ERR_HTTP_LENGTH },
    { S(POST_X "Transfer-Encoding: chunk\r\n\r\n"), ERR_HTTP_CODING },
    { S(POST_X "Transfer-Encoding: 'chunked'\r\n\r\n"), ERR_HTTP_CODING },
    { S(POST_X "Content-Length : 5\r\n\r\nhello"), ERR_HTTP_SYNTAX },
    { S(POST_X "Content-Length\x0b: 5\r\n\r\nhello"), ERR_HTTP_SYNTAX },
    { S(POST_X "Content-Length: 5\x0b\r\n\r\nhello"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: \f5\r\n\r\nhello"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 5\r\n 5\r\n\r\nhello"), ERR_HTTP_SYNTAX },
    { S(POST_X "Content-Length: 5;a\r\n\r\nhello"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: 5_0\r\n\r\nhello"), ERR_HTTP_LENGTH },
    { S(POST_X "Content-Length: \xd9\xa5\r\n\r\nhello"), ERR_HTTP_LENGTH }, /* an Arabic five */
    { S(POST_X "\0Content-Length: 5\r\n\r\nhello"), ERR_HTTP_SYNTAX },
    { S(POST_X "Content-Length: 5\r\n\rGET / HTTP/1.1\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\nContent-Length: 0\r\n\r\n"), ERR_HTTP_HOST_SYNTAX },
    { S("GET / HTTP/1.1\r\nHost: x\r\n Host: y\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET / HTTP/1.1\r\nHost : x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET /\r\nA: HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("GET /\rA HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("POST / HTTP/1.1, HTTP/1.1\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
    { S("HTTP/1.1 200 OK\r\nHost: x\r\n\r\n"), ERR_HTTP_SYNTAX },
};

/* Bodies that are not chunked as we want it; the head said that they are. */
static const struct slice refused_chunks[] = {
    S(";a\r\n\r\n"),
    S("\r\nhello\r\n"),
    S("5\nhello\r\n0\r\n\r\n"),
    S("5\rhello"),
    S("5\r\nhello\n0\r\n\r\n"),
    S("5\r\nhello0\r\n\r\n"),
    S("5\r\nhello!\r\n"),
    S("5 \r\nhello\r\n"),
    S(" 5\r\nhello\r\n"),
    S("0x5\r\nhello\r\n"),
    S("+5\r\nhello\r\n"),
    S("-1\r\n"),
    S("g\r\n"),
    S("5;\r\nhello\r\n"),
    S("5;a=b\r\nhello\r\n"),
    S("5;a=\"\r\n\"\r\n"),
    S("5\t\r\nhello"),
    S("5\r\r\nhello"),
    S("5\r\nhello\r\r\n"),
    S("0\r\nX: y\r\n\r\n"),
    S("0\r\n\n"),
    S("0\n\r\n"),
    S("0\r\n\r\r"),
    S("0\r\n \r\n"),
    S("0;a\r\n\r\n"),
    S("5,\r\nhello"),
    S("0_5\r\nhello"),
    S("5\x0b\r\nhello"),
    S("\xb5\r\nhello"),
    S("00000000000000005\r\nhello"),
    S("10000000000000000\r\n"),
    S("ffffffffffffffff0\r\n"),
    S("5\r\nhello\r\n0\r\n\rGET / HTTP/1.1"),
    S("5\r\nhello\r\n-0\r\n\r\n"),
    S("0x0\r\n\r\n"),
    S("5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n"),
    S("5\r\nhello\r\n\r\n0\r\n\r\n"),
    S("3\r\nhello\r\n0\r\n\r\n"),
    S("{}"),
    S("5\r\nhello\r\n0\r\nHost: y\r\n\r\n"),
    S("\0\r\n"),
    S("5\0\r\nhello\r\n0\r\n\r\n"),
};
