#include "load_rig.h"

TEST(a_small_file_and_the_defaults_make_a_configuration)
{
    auto_free(config) c = load_good_text("listen: [127.0.0.1:0, 'unix:/run/g.sock']\n"
                                         "log: {level: debug, format: json}\n"
                                         "limits:\n"
                                         "  body_bytes: 1MiB\n"
                                         "  head_deadline: 500ms\n"
                                         "servers:\n"
                                         "  files:\n"
                                         "    command: [npx, -y, \"a b\", '']\n"
                                         "    env: [GITHUB_TOKEN]\n"
                                         "    env_set: {A: 1, B: ''}\n"
                                         "    cwd: sub\n"
                                         "  web: {url: 'http://127.0.0.1:3001/mcp'}\n");

    CHECK_EQ(c->listen.n, 2);
    CHECK_SLICE(slice_of(c->listen.items[1]), "unix:/run/g.sock");
    CHECK(c->listen.items[2] == NULL);
    CHECK_EQ(c->log.level, LOG_DEBUG);
    CHECK_EQ(c->log.format, LOG_FORMAT_JSON);
    CHECK_EQ(c->limits.body_bytes, 1048576);
    CHECK_EQ(c->limits.head_deadline_ms, 500);
    CHECK_EQ(c->limits.json_nodes, 200000);
    CHECK_EQ(c->auth, CONFIG_AUTH_UNSET);
    CHECK_SLICE(slice_of(c->data_dir), "/home/ada/.local/share/gatehouse");
    CHECK(c->public_url == NULL);

    CHECK_EQ(c->n_servers, 2);
    const struct config_server *files = &c->servers[0];
    CHECK_SLICE(slice_of(files->name), "files");
    CHECK_SLICE(slice_of(files->path), "/files/mcp");
    CHECK_EQ(files->command.n, 4);
    CHECK_SLICE(slice_of(files->command.items[2]), "a b");
    CHECK_SLICE(slice_of(files->command.items[3]), "");
    CHECK(files->command.items[4] == NULL);
    CHECK_SLICE(slice_of(files->env.items[0]), "GITHUB_TOKEN");
    CHECK_SLICE(slice_of(files->env_set.items[0].name), "A");
    CHECK_SLICE(secret_reveal(&files->env_set.items[0].value), "1");
    CHECK_SLICE(secret_reveal(&files->env_set.items[1].value), "");
    CHECK_SLICE(slice_of(files->cwd), "sub");
    CHECK_SLICE(slice_of(c->servers[1].url), "http://127.0.0.1:3001/mcp");
    CHECK_EQ(c->servers[1].command.n, 0);
}

TEST(flags_win_over_variables_over_the_file_over_the_defaults)
{
    static const char *const environment[] = { "HOME=/h",
                                               "GATEHOUSE_LIMITS_JSON_DEPTH=30",
                                               "GATEHOUSE_LIMITS_JSON_NODES=3000",
                                               "GATEHOUSE_LISTEN=127.0.0.1:3, 127.0.0.1:4",
                                               "GATEHOUSE_LOG_LEVEL=",
                                               NULL };
    const struct config_flag flags[] = {
        { "--set", S("limits.json_depth"), S("40") },
        { "--listen", S("listen"), S("127.0.0.1:5") },
        { "--listen", S("listen"), S("[::1]:6") },
        { "--set", S("servers.a.cwd"), S("/x") },
        { "--set", S("servers.b.command"), S("[p, 'q,r']") },
        { "--set", S("servers.b.env_set"), S("{K: v}") },
    };
    auto_free(config) c = load_good(&(struct config_source){
        .file = "g.yaml",
        .text = S("limits: {json_depth: 20, json_nodes: 2000, header_fields: 50}\nlog: {level: warn}\n" A_SERVER),
        .environment = environment,
        .flags = flags,
        .n_flags = N_ELEMENTS(flags) });

    CHECK_EQ(c->limits.json_depth, 40);
    CHECK_EQ(c->limits.json_nodes, 3000);
    CHECK_EQ(c->limits.header_fields, 50);
    CHECK_EQ(c->limits.json_number_chars, 64);
    CHECK_EQ(c->log.level, LOG_WARN);
    CHECK_EQ(c->listen.n, 2); /* the variable's two are gone, the flags add up */
    CHECK_SLICE(slice_of(c->listen.items[0]), "127.0.0.1:5");
    CHECK_SLICE(slice_of(c->listen.items[1]), "[::1]:6");
    CHECK_EQ(c->n_servers, 2);
    CHECK_SLICE(slice_of(c->servers[0].cwd), "/x");
    CHECK_SLICE(slice_of(c->servers[1].command.items[1]), "q,r");
    CHECK_SLICE(secret_reveal(&c->servers[1].env_set.items[0].value), "v");
}

TEST(the_server_of_a_command_line_is_at_the_root_and_taken_as_it_is)
{
    static const char *const command[] = { "sh", "-c", "echo ${HOME} $${X} ,", NULL };
    static const char *const names[] = { "TOKEN" };
    auto_free(config) c = load_good(&(struct config_source){
        .environment = rig_environment, .command = command, .command_env = names, .n_command_env = 1 });

    CHECK_EQ(c->n_servers, 1);
    CHECK_SLICE(slice_of(c->servers[0].path), "/mcp");
    CHECK_EQ(c->servers[0].command.n, 3);
    CHECK_SLICE(slice_of(c->servers[0].command.items[2]), "echo ${HOME} $${X} ,");
    CHECK_SLICE(slice_of(c->servers[0].env.items[0]), "TOKEN");
    CHECK_SLICE(slice_of(c->listen.items[0]), "127.0.0.1:8080");

    auto_free(config) d =
        load_good(&(struct config_source){ .environment = rig_environment, .url = "http://a.example/mcp" });
    CHECK_SLICE(slice_of(d->servers[0].url), "http://a.example/mcp");
}

TEST(relative_paths_begin_at_the_folder_of_the_file)
{
    auto_free(config) c = load_good(&(struct config_source){
        .file = "/etc/gatehouse/g.yaml", .text = S("data_dir: state\nservers: {a: {command: [x], cwd: /abs}}\n") });
    CHECK_SLICE(slice_of(c->data_dir), "/etc/gatehouse/state");
    CHECK_SLICE(slice_of(c->servers[0].cwd), "/abs");
}

TEST(the_data_folder_follows_xdg)
{
    static const char *const xdg[] = { "HOME=/h", "XDG_DATA_HOME=/data", NULL };
    static const char *const relative[] = { "HOME=/h", "XDG_DATA_HOME=data", NULL };

    auto_free(config) a = load_good(&(struct config_source){ .url = "http://a.example", .environment = xdg });
    CHECK_SLICE(slice_of(a->data_dir), "/data/gatehouse");
    auto_free(config) b = load_good(&(struct config_source){ .url = "http://a.example", .environment = relative });
    CHECK_SLICE(slice_of(b->data_dir), "/h/.local/share/gatehouse");
    check_bad(&(struct config_source){ .url = "http://a.example" },
              "data_dir: this is not set, and neither XDG_DATA_HOME nor HOME says where it might be\n");
}

TEST(each_fault_of_a_file_has_its_place_and_message)
{
    static const struct bad_text rows[] = {
        /* unknown keys, with what was probably meant */
        { A_SERVER "lisen: [127.0.0.1:1]\n", "g.yaml:2:1: unknown key \"lisen\"; did you mean \"listen\"?\n" },
        { A_SERVER "limits:\n  body_byte: 1MiB\n",
          "g.yaml:3:3: unknown key \"body_byte\"; did you mean \"body_bytes\"?\n" },
        { A_SERVER "body_bytes: 1MiB\n",
          "g.yaml:2:1: unknown key \"body_bytes\"; did you mean \"limits.body_bytes\"?\n" },
        { A_SERVER "limits.body_bytes: 1MiB\n", "g.yaml:2:1: unknown key \"limits.body_bytes\"\n" },
        { A_SERVER "colour: red\n", "g.yaml:2:1: unknown key \"colour\"\n" },
        { A_SERVER "'': red\n", "g.yaml:2:1: unknown key \"\"\n" },
        { A_SERVER "\"a\\nb\\e\": red\n", "g.yaml:2:1: unknown key \"a\\nb\\u001b\"\n" },
        { "servers:\n  a:\n    comand: [x]\n    command: [x]\n",
          "g.yaml:3:5: unknown key \"comand\"; did you mean \"command\"?\n" },

        /* wrong types */
        { A_SERVER "limits: 5\n", "g.yaml:2:9: limits: this must be a map of keys and values\n" },
        { A_SERVER "limits: [5]\n", "g.yaml:2:9: limits: this must be a map of keys and values\n" },
        { A_SERVER "limits: {body_bytes: [5]}\n",
          "g.yaml:2:22: limits.body_bytes: this must be a size such as 64KiB\n" },
        { A_SERVER "limits: {body_bytes: big}\n",
          "g.yaml:2:22: limits.body_bytes: \"big\" is not a size such as 64KiB\n" },
        { A_SERVER "limits: {json_depth: 1.5}\n", "g.yaml:2:22: limits.json_depth: \"1.5\" is not a whole number\n" },
        { A_SERVER "limits: {call_idle: 10}\n",
          "g.yaml:2:21: limits.call_idle: \"10\" is not a time such as 500ms, 10s or 1h\n" },
        { A_SERVER "limits: {json_depth: }\n", "g.yaml:2:10: limits.json_depth: there is no value\n" },
        { A_SERVER "listen: {a: b}\n",
          "g.yaml:2:9: listen: this must be HOST:PORT with an address or localhost, [IPV6]:PORT, or unix:/PATH\n" },
        { A_SERVER "listen: [[x]]\n",
          "g.yaml:2:10: listen: this must be HOST:PORT with an address or localhost, [IPV6]:PORT, or unix:/PATH\n" },
        { A_SERVER "public_url: [x]\n",
          "g.yaml:2:13: public_url: this must be an http or https URL without user and fragment\n" },
        { A_SERVER "data_dir: ''\n", "g.yaml:2:11: data_dir: there is no value\n" },
        { "- a\n- b\n", "g.yaml:1:1: a configuration is a map of keys and values\n" },
        { "servers: {a: x}\n", "g.yaml:1:14: a: this must be a map of keys and values\n" },

        /* out of range */
        { A_SERVER "limits: {body_bytes: 1023}\n",
          "g.yaml:2:22: limits.body_bytes: \"1023\" is out of range: from 1KiB to 1GiB\n" },
        { A_SERVER "limits: {body_bytes: 2GiB}\n",
          "g.yaml:2:22: limits.body_bytes: \"2GiB\" is out of range: from 1KiB to 1GiB\n" },
        { A_SERVER "limits: {json_depth: 99999999999999999999}\n",
          "g.yaml:2:22: limits.json_depth: \"99999999999999999999\" is out of range: from 8 to 256\n" },
        { A_SERVER "auth: off\n", "g.yaml:2:7: auth: \"off\" is not one of none\n" },
        { A_SERVER "log: {level: loud}\n", "g.yaml:2:14: log.level: \"loud\" is not one of error warn info debug\n" },
        { A_SERVER "log: {format: ''}\n", "g.yaml:2:15: log.format: \"\" is not one of json text\n" },

        /* what is there twice */
        { A_SERVER "auth: none\nauth: none\n", "g.yaml:3:1: the key \"auth\" is already in line 2\n" },
        { "servers:\n  a: {command: [x]}\n  a: {command: [y]}\n", "g.yaml:3:3: the key \"a\" is already in line 2\n" },
        { A_SERVER "listen: [127.0.0.1:1, 127.0.0.1:1]\n",
          "g.yaml:2:23: listen: \"127.0.0.1:1\" is in the list already\n" },

        /* names and addresses */
        { "servers: {My_Files: {command: [x]}, b: {command: [x]}}\n",
          "g.yaml:1:11: \"My_Files\" cannot be the name of a server: it takes a-z, 0-9 and inner dashes\n" },
        { "servers: {a: {command: [x], env: [A=B]}}\n",
          "g.yaml:1:35: servers.a.env: \"A=B\" is not the name of a variable\n" },
        { "servers: {a: {command: [x], env_set: {A-B: 1}}}\n",
          "g.yaml:1:44: servers.a.env_set: \"A-B\" is not the name of a variable\n" },
        { "servers: {a: {command: [x], env_set: {A: [1]}}}\n",
          "g.yaml:1:42: servers.a.env_set: \"A\" must have a text as its value\n" },
        { "servers: {a: {command: []}}\n", "g.yaml:1:24: servers.a.command: there is no program\n" },
        { "servers: {a: {command: ['']}}\n", "g.yaml:1:24: servers.a.command: there is no program\n" },
        { "servers: {a: {url: 'ftp://x'}}\n",
          "g.yaml:1:20: servers.a.url: \"ftp://x\" is not an http or https URL without user and fragment\n" },
        { A_SERVER "listen: example.com:80\n",
          "g.yaml:2:9: listen: \"example.com:80\" is not HOST:PORT with an address or localhost, [IPV6]:PORT, or "
          "unix:/PATH\n" },
        { A_SERVER "listen: unix:g.sock\n",
          "g.yaml:2:9: listen: \"unix:g.sock\" is not HOST:PORT with an address or localhost, [IPV6]:PORT, or "
          "unix:/PATH\n" },
        { A_SERVER "listen: []\n", "g.yaml:2:9: listen: there is no listener\n" },
        { A_SERVER "origins: ['*']\n", "g.yaml:2:11: origins: \"*\" is not an origin such as https://app.example\n" },
        { A_SERVER "origins: ['https://a.example/']\n",
          "g.yaml:2:11: origins: \"https://a.example/\" is not an origin such as https://app.example\n" },

        /* not YAML at all */
        { "servers: {a\n", "g.yaml:2:1: this is not YAML: missing comma in flow mapping\n" },
    };

    check_bad_texts(rows, N_ELEMENTS(rows));
}

TEST(all_faults_of_a_file_are_told_at_once)
{
    check_bad_texts(
        &(struct bad_text){
            "lisen: x\n"
            "limits:\n"
            "  body_bytes: huge\n"
            "  json_depth: 0\n"
            "servers:\n"
            "  a: {}\n"
            "  b: {command: [x], url: 'http://b.example/'}\n",
            "g.yaml:1:1: unknown key \"lisen\"; did you mean \"listen\"?\n"
            "g.yaml:3:15: limits.body_bytes: \"huge\" is not a size such as 64KiB\n"
            "g.yaml:4:15: limits.json_depth: \"0\" is out of range: from 8 to 256\n"
            "g.yaml:6:3: servers.a: there is neither a command nor a url\n"
            "g.yaml:7:3: servers.b: there is both a command and a url; which of them is the server?\n" },
        1);
}

TEST(variables_are_held_to_the_same_rules)
{
    static const char *const environment[] = {
        "HOME=/h",
        "GATEHOUSE_LIMITS_BODY_BYTES=many",
        "GATEHOUSE_LIMITS_BODY_BYTE=1MiB",
        "GATEHOUSE_LIMITS_WHATEVER=1",
        "GATEHOUSE_LISTN=127.0.0.1:1",
        "GATEHOUSE_SERVERS_A_URL=http://a",
        "GATEHOUSE_BUILD=build-asan",      /* nobody's setting */
        "GATEHOUSE_SERVICE_HOST=10.0.0.1", /* Kubernetes */
        "GATEHOUSE_PORT_80_TCP=tcp://10.0.0.1:80",
        "GATEHOUSE_PORT=tcp://10.0.0.1:80",
        NULL,
    };

    check_bad(&(struct config_source){ .file = "g.yaml", .text = S(A_SERVER), .environment = environment },
              "GATEHOUSE_LIMITS_BODY_BYTES: limits.body_bytes: \"many\" is not a size such as 64KiB\n"
              "GATEHOUSE_LIMITS_BODY_BYTE: unknown setting; did you mean GATEHOUSE_LIMITS_BODY_BYTES?\n"
              "GATEHOUSE_LIMITS_WHATEVER: unknown setting\n"
              "GATEHOUSE_LISTN: unknown setting; did you mean GATEHOUSE_LISTEN?\n"
              "GATEHOUSE_SERVERS_A_URL: unknown setting\n");
}

TEST(flags_are_held_to_the_same_rules)
{
    const struct config_flag flags[] = {
        { "--set", S("limits.body_byte"), S("1MiB") },          { "--set", S("what.ever"), S("1") },
        { "--set", S("servers.A.url"), S("http://a.example") }, { "--listen", S("listen"), S("8080") },
        { "--set", S("servers.a.command"), S("[x, [y]]") },
    };

    check_bad(
        &(struct config_source){
            .environment = rig_environment, .url = "http://a.example", .flags = flags, .n_flags = N_ELEMENTS(flags) },
        "--set: unknown setting \"limits.body_byte\"; did you mean \"limits.body_bytes\"?\n"
        "--set: unknown setting \"what.ever\"\n"
        "--set: \"A\" cannot be the name of a server: it takes a-z, 0-9 and inner dashes\n"
        "--set:1:5: servers.a.command: this must be a program and its arguments\n"
        "--listen: listen: \"8080\" is not HOST:PORT with an address or localhost, [IPV6]:PORT, or unix:/PATH\n");
}
