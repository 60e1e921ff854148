#include "net/address.h"

#include "support/test.h"

static void check_same(const char *text, const char *expected, bool loopback)
{
    struct address a;
    struct address again;
    struct sockaddr_storage sockaddr;
    auto_buf out;
    buf_init(&out, 256);

    CHECK_OK(address_parse(slice_of(text), &a));
    address_format(&a, &out);
    CHECK_SLICE(buf_slice(&out), expected);
    CHECK_EQ(address_is_loopback(&a), loopback);

    CHECK_OK(address_parse(buf_slice(&out), &again)); /* what is written can be read */
    CHECK(address_eq(&a, &again));
    socklen_t len = address_to_sockaddr(&a, &sockaddr);
    again = address_of_sockaddr((const struct sockaddr *)&sockaddr, len);
    CHECK(address_eq(&a, &again));
}

TEST(every_form_is_read_and_written)
{
    check_same("127.0.0.1:8080", "127.0.0.1:8080", true);
    check_same("127.9.9.9:0", "127.9.9.9:0", true);
    check_same("0.0.0.0:65535", "0.0.0.0:65535", false);
    check_same("localhost:80", "127.0.0.1:80", true);
    check_same("[::1]:0", "[::1]:0", true);
    check_same("[::]:443", "[::]:443", false);
    check_same("[2001:DB8::7]:443", "[2001:db8::7]:443", false);
    check_same("[::ffff:127.0.0.1]:80", "127.0.0.1:80", true); /* mapped: no way around the loopback rule */
    check_same("[::ffff:10.0.0.1]:80", "10.0.0.1:80", false);
    check_same("[fe80::1%7]:80", "[fe80::1%7]:80", false);
    check_same("unix:/run/gatehouse.sock", "unix:/run/gatehouse.sock", true);
}

TEST(what_is_no_address_is_refused)
{
    static const char *const wrong[] = {
        "",        ":80",        "127.0.0.1",   "127.0.0.1:",     "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:8o",
        "1.2.3:4", "01.2.3.4:5", "256.1.1.1:1", "::1:80",         "[::1]",           "[::1:80",      "[127.0.0.1]:80",
        "[]:80",   "example:80", "unix:",       "localhost.x:80", "127.0.0.1 :80",   "[::1%]:80",    "127.0.0.1%1:80",
    };
    struct address a = { .kind = ADDRESS_NONE };

    for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
        CHECK_ERR(address_parse(slice_of(wrong[i]), &a), ERR_SYNTAX);
    CHECK_ERR(address_parse(S("127.0.0.1\0:80"), &a), ERR_SYNTAX);
    CHECK_ERR(address_parse(S("unix:/a\0b"), &a), ERR_SYNTAX);
    CHECK_EQ(a.kind, ADDRESS_NONE); /* untouched */
}

TEST(an_interface_is_named_or_numbered)
{
    struct address by_name;
    struct address by_number;

    CHECK_OK(address_parse(S("[fe80::1%lo]:80"), &by_name));
    CHECK_OK(address_parse(S("[fe80::1%1]:80"), &by_number)); /* the loopback interface is always the first */
    CHECK(address_eq(&by_name, &by_number));
    CHECK_ERR(address_parse(S("[fe80::1%nosuchinterface]:80"), &by_name), ERR_SYNTAX);
    CHECK_ERR(address_parse(S("[fe80::1%nosuch0]:80"), &by_name), ERR_SYNTAX);
}

TEST(no_address_is_not_loopback_and_has_no_key)
{
    struct address none = { .kind = ADDRESS_NONE };
    auto_buf out;
    buf_init(&out, 16);

    CHECK(!address_is_loopback(&none));
    CHECK_EQ(address_ip(&none).len, 0);
    address_format(&none, &out);
    CHECK_SLICE(buf_slice(&out), "none");
}

TEST(a_path_of_107_bytes_fits_and_one_more_does_not)
{
    char text[5 + ADDRESS_PATH_SIZE];
    struct address a;

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = i < 5 ? "unix:"[i] : 'x';
    CHECK_OK(address_parse((struct slice){ text, sizeof(text) - 1 }, &a));
    CHECK_EQ(strlen(a.path), ADDRESS_PATH_SIZE - 1);
    CHECK_ERR(address_parse((struct slice){ text, sizeof(text) }, &a), ERR_LIMIT);
}

TEST(the_ip_alone_is_the_key_of_a_peer)
{
    struct address a;
    struct address b;

    CHECK_OK(address_parse(S("10.0.0.1:1000"), &a));
    CHECK_OK(address_parse(S("[::ffff:10.0.0.1]:2000"), &b));
    CHECK(slice_eq(address_ip(&a), address_ip(&b)));
    CHECK(!address_eq(&a, &b));
    CHECK_OK(address_parse(S("unix:/x"), &a));
    CHECK_EQ(address_ip(&a).len, 0);
}
