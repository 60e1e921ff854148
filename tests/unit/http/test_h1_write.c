#include "http/h1_write.h"

#include "support/test.h"

TEST(a_request_head_is_written)
{
    auto_buf to;

    buf_init(&to, 1024);
    CHECK_OK(h1_write_request_line(&to, S("POST"), S("/mcp?x=1")));
    CHECK_OK(h1_write_header(&to, S("Host"), S("gate.example")));
    h1_write_number_header(&to, S("Content-Length"), 2);
    h1_write_head_end(&to);
    CHECK_SLICE(buf_slice(&to), "POST /mcp?x=1 HTTP/1.1\r\nHost: gate.example\r\nContent-Length: 2\r\n\r\n");
}

TEST(a_response_head_has_the_status_text_and_the_date)
{
    auto_buf to;

    buf_init(&to, 1024);
    h1_write_status_line(&to, 404);
    h1_write_date(&to, 784111777);
    CHECK_SLICE(buf_slice(&to), "HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
}

TEST(no_value_can_end_its_line)
{
    static const struct slice values[] = {
        S("a\r\nSet-Cookie: x"), S("a\nb"), S("a\rb"), S("a\0b"), S("\x01"), S("\x7f"), S("\x1b[0m")
    };
    auto_buf to;

    buf_init(&to, 1024);
    for (size_t i = 0; i < N_ELEMENTS(values); i++) {
        CHECK_ERR(h1_write_header(&to, S("X"), values[i]), ERR_INVALID);
        CHECK_EQ(to.len, 0);
    }
    CHECK_OK(h1_write_header(&to, S("X"), S("tab\t and \xc3\xa9 pass")));
}

TEST(no_name_or_method_but_a_token_is_written)
{
    static const struct slice names[] = { S(""), S("a b"), S("a:"), S("a\r\n"), S("a\0"), S("\xc3\xa9"), S("(") };
    auto_buf to;

    buf_init(&to, 1024);
    for (size_t i = 0; i < N_ELEMENTS(names); i++) {
        CHECK_ERR(h1_write_header(&to, names[i], S("x")), ERR_INVALID);
        CHECK_ERR(h1_write_request_line(&to, names[i], S("/")), ERR_INVALID);
    }
    CHECK_ERR(h1_write_request_line(&to, S("GET"), S("/ HTTP/1.1\r\nX: y")), ERR_INVALID);
    CHECK_ERR(h1_write_request_line(&to, S("GET"), S("")), ERR_INVALID);
    CHECK_EQ(to.len, 0);
}

TEST(chunks_are_framed_and_an_empty_one_is_not_written)
{
    auto_buf to;

    buf_init(&to, 1024);
    h1_write_chunk(&to, S("hello, wide world"));
    h1_write_chunk(&to, S(""));
    h1_write_last_chunk(&to);
    CHECK_SLICE(buf_slice(&to), "11\r\nhello, wide world\r\n0\r\n\r\n");
}
