#include "load_rig.h"

#define THIS_MACHINE_ONLY                                                                                               \
    "can be reached from other machines, and without a login Gatehouse serves this machine only: listen on a loopback " \
    "address, localhost or a unix socket\n"

TEST(without_a_login_only_this_machine_is_served)
{
    static const struct bad_text rows[] = {
        { A_SERVER "listen: 0.0.0.0:80\n", "g.yaml:2:9: listen: \"0.0.0.0:80\" " THIS_MACHINE_ONLY },
        { A_SERVER "auth: none\nlisten: [127.0.0.1:1, '[::]:80']\n",
          "g.yaml:3:9: listen: \"[::]:80\" " THIS_MACHINE_ONLY },
        { A_SERVER "listen: 192.168.1.2:80\n", "g.yaml:2:9: listen: \"192.168.1.2:80\" " THIS_MACHINE_ONLY },
        { A_SERVER "public_url: https://tools.example\n",
          "g.yaml:2:13: public_url: \"https://tools.example\" is not on this machine, and without a login Gatehouse "
          "serves this machine only\n" },
    };

    check_bad_texts(rows, N_ELEMENTS(rows));
    auto_free(config) c = load_good_text(A_SERVER "auth: none\nlisten: [localhost:1, '[::1]:1', 127.9.9.9:1]\n"
                                                  "public_url: http://localhost:8080/\n");
    CHECK_EQ(c->auth, CONFIG_AUTH_NONE);
}

TEST(settings_that_exclude_or_need_each_other_are_told)
{
    static const struct bad_text rows[] = {
        { "", "g.yaml:1:1: there is no server: name one under \"servers\"\n" },
        { "servers:\n", "g.yaml:1:1: there is no server: name one under \"servers\"\n" },
        { A_SERVER "public_url: http://localhost/x\n",
          "g.yaml:2:13: public_url: it ends behind the host and port, without a path\n" },
        { "servers: {a: {url: 'http://a.example', env: [X], cwd: y}}\n",
          "g.yaml:1:45: servers.a.env: this is for servers that are started by a command\n"
          "g.yaml:1:55: servers.a.cwd: this is for servers that are started by a command\n" },
        { "servers: {a: {url: 'https://a.example'}}\n",
          "g.yaml:1:20: servers.a.url: https is not spoken to servers yet; http is\n" },
        { "servers: {a: {command: [x], env: [K], env_set: {K: 1}}}\n",
          "g.yaml:1:34: servers.a.env: \"K\" gets its value in env_set\n" },
        { A_SERVER "limits: {sessions_per_principal: 60, sessions_total: 50}\n",
          "g.yaml:2:34: limits.sessions_per_principal is more than limits.sessions_total allows in all\n" },
        { A_SERVER "limits: {sessions_per_principal: 20000}\n",
          "g.yaml:2:34: limits.sessions_per_principal is more than limits.sessions_total allows in all\n" },
        { A_SERVER "limits: {streams_total: 5, streams_per_address: 6}\n",
          "g.yaml:2:49: limits.streams_per_address is more than limits.streams_total allows in all\n" },
    };

    check_bad_texts(rows, N_ELEMENTS(rows));
}

TEST(a_whole_may_be_made_smaller_than_the_default_of_its_part)
{
    auto_free(config) c =
        load_good_text(A_SERVER "limits: {sessions_total: 5, streams_total: 0, streams_per_address: 99}\n");
    CHECK_EQ(c->limits.sessions_total, 5);
}
