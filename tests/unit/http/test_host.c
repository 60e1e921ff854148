#include "http/host.h"

#include "support/test.h"

static const struct slice names[] = { S("gate.example"), S("gate.test:8443"), S("[2001:db8::1]") };
static const struct slice origins[] = { S("https://app.example") };
static const struct host_rules rules = { names, N_ELEMENTS(names), origins, N_ELEMENTS(origins) };

static enum err check(bool is_local, const char *host)
{
    return host_check(&rules, is_local, slice_of(host));
}

static enum err origin(bool is_local, const char *text)
{
    return host_check_origin(&rules, is_local, slice_of(text));
}

TEST(public_names_are_ours_on_every_listener)
{
    CHECK_OK(check(false, "gate.example"));
    CHECK_OK(check(false, "GATE.example:80"));
    CHECK_OK(check(true, "gate.example:1234"));
    CHECK_OK(check(false, "[2001:DB8::1]:443"));
}

TEST(a_name_with_a_port_is_ours_on_that_port_only)
{
    CHECK_OK(check(false, "gate.test:8443"));
    CHECK_ERR(check(false, "gate.test"), ERR_HTTP_HOST);
    CHECK_ERR(check(false, "gate.test:443"), ERR_HTTP_HOST);
}

TEST(loopback_names_are_ours_on_local_listeners_only)
{
    static const char *const loopback[] = { "localhost", "LocalHost:8080", "127.0.0.1",  "127.0.0.1:80",
                                            "127.8.9.1", "[::1]",          "[::1]:8080", "[0:0:0:0:0:0:0:1]" };

    for (size_t i = 0; i < N_ELEMENTS(loopback); i++) {
        CHECK_OK(check(true, loopback[i]));
        CHECK_ERR(check(false, loopback[i]), ERR_HTTP_HOST);
    }
}

TEST(look_alikes_of_loopback_and_public_names_are_not_ours)
{
    static const char *const foreign[] = { "evil.example",
                                           "localhost.evil.example",
                                           "127.0.0.1.evil.example",
                                           "gate.example.evil",
                                           "evilgate.example",
                                           "localhost.",
                                           "0.0.0.0",
                                           "[::]",
                                           "[::ffff:127.0.0.1]",
                                           "2130706433",
                                           "gate.example." };

    for (size_t i = 0; i < N_ELEMENTS(foreign); i++)
        CHECK_ERR(check(true, foreign[i]), ERR_HTTP_HOST);
}

TEST(what_is_no_host_with_a_port_is_malformed)
{
    static const char *const wrong[] = { "",
                                         ":80",
                                         "a b",
                                         "a:",
                                         "a:0",
                                         "a:65536",
                                         "a:1:2",
                                         "a:+1",
                                         "user@host",
                                         "[::1",
                                         "[::1]x",
                                         "[]",
                                         "[fe80::1%25eth0]",
                                         "a/b",
                                         "a,b",
                                         "http://a",
                                         "a..b",
                                         ".a",
                                         "::1",
                                         "a%41",
                                         "a:000800" };

    for (size_t i = 0; i < N_ELEMENTS(wrong); i++)
        CHECK_ERR(check(true, wrong[i]), ERR_HTTP_HOST_SYNTAX);
    CHECK_ERR(host_check(&rules, true, (struct slice){ "localhost\0x", 11 }), ERR_HTTP_HOST_SYNTAX);
}

TEST(an_absent_origin_is_fine_and_so_are_ours)
{
    CHECK_OK(host_check_origin(&rules, false, NO_SLICE));
    CHECK_OK(origin(false, "https://gate.example"));
    CHECK_OK(origin(false, "https://app.example"));
    CHECK_OK(origin(true, "http://localhost:6274"));
    CHECK_OK(origin(true, "http://[::1]:6274"));
}

TEST(foreign_opaque_and_malformed_origins_are_refused)
{
    static const char *const foreign[] = { "https://evil.example",
                                           "null",
                                           "",
                                           "gate.example",
                                           "ftp://gate.example",
                                           "https://gate.example.evil.example",
                                           "https://app.example:81",
                                           "http://app.example",
                                           "https://gate.example/",
                                           "http://localhost.evil",
                                           "https://",
                                           "http://user@localhost" };

    for (size_t i = 0; i < N_ELEMENTS(foreign); i++)
        CHECK_ERR(origin(true, foreign[i]), ERR_HTTP_ORIGIN);
    CHECK_ERR(origin(false, "http://localhost:6274"), ERR_HTTP_ORIGIN);
}

TEST(a_long_name_is_malformed_at_254_bytes)
{
    char name[255];

    memset(name, 'a', sizeof(name));
    CHECK_ERR(host_check(&rules, true, (struct slice){ name, 253 }), ERR_HTTP_HOST);
    CHECK_ERR(host_check(&rules, true, (struct slice){ name, 254 }), ERR_HTTP_HOST_SYNTAX);
}
