#include "cli/args.h"

#include "support/test.h"

#define MAX_WORDS 16

/* Words parted by blanks, as a shell would hand them over. */
struct line {
    char text[256];
    const char *argv[MAX_WORDS + 1];
    int argc;
};

static void split(struct line *line, const char *text)
{
    *line = (struct line){ .argv = { "gatehouse" }, .argc = 1 };
    CHECK(strlen(text) < sizeof(line->text));
    memcpy(line->text, text, strlen(text));
    for (char *at = line->text; *at != '\0';) {
        CHECK(line->argc < MAX_WORDS);
        line->argv[line->argc++] = at;
        at += strcspn(at, " ");
        while (*at == ' ')
            *at++ = '\0';
    }
}

static void parse_good(struct line *line, const char *text, struct args *ret)
{
    auto_buf why = { 0 };

    buf_init(&why, 4096);
    split(line, text);
    enum err result = args_parse(line->argc, line->argv, ret, &why);
    CHECK_SLICE(buf_slice(&why), "");
    CHECK_OK(result);
}

TEST(a_command_stands_behind_two_dashes_and_is_left_alone)
{
    struct line line;
    struct args args;

    parse_good(&line, "--listen 127.0.0.1:0 --env A --env B --auth none -- npx -y --listen x -- y", &args);
    CHECK_EQ(args.verb, ARGS_SERVE_ONE);
    CHECK_SLICE(slice_of(args.command[0]), "npx");
    CHECK_SLICE(slice_of(args.command[1]), "-y");
    CHECK_SLICE(slice_of(args.command[4]), "--");
    CHECK_SLICE(slice_of(args.command[5]), "y");
    CHECK(args.command[6] == NULL);
    CHECK_EQ(args.n_env, 2);
    CHECK_SLICE(slice_of(args.env[1]), "B");
    CHECK_EQ(args.n_flags, 2);
    CHECK_SLICE(slice_of(args.flags[0].origin), "--listen");
    CHECK_SLICE(args.flags[0].path, "listen");
    CHECK_SLICE(args.flags[0].value, "127.0.0.1:0");
    CHECK_SLICE(args.flags[1].path, "auth");
    args_done(&args);
}

TEST(a_url_is_a_server_too)
{
    struct line line;
    struct args args;

    parse_good(&line, "http://127.0.0.1:3001/mcp --log-level=debug", &args);
    CHECK_EQ(args.verb, ARGS_SERVE_ONE);
    CHECK_SLICE(slice_of(args.url), "http://127.0.0.1:3001/mcp");
    CHECK_SLICE(args.flags[0].path, "log.level");
    CHECK_SLICE(args.flags[0].value, "debug");
    args_done(&args);
}

TEST(serve_and_check_take_a_file_and_settings)
{
    struct line line;
    struct args args;

    parse_good(&line, "serve -c g.yaml --set limits.body_bytes=1MiB --set a=b=c", &args);
    CHECK_EQ(args.verb, ARGS_SERVE);
    CHECK_SLICE(slice_of(args.file), "g.yaml");
    CHECK_SLICE(args.flags[0].path, "limits.body_bytes");
    CHECK_SLICE(args.flags[1].value, "b=c");
    args_done(&args);

    parse_good(&line, "--config=g.yaml check", &args);
    CHECK_EQ(args.verb, ARGS_CHECK);
    CHECK_SLICE(slice_of(args.file), "g.yaml");
    args_done(&args);
}

TEST(every_verb_is_found)
{
    static const struct {
        const char *line;
        enum args_verb verb;
        enum args_verb help_on;
    } rows[] = {
        { "version", ARGS_VERSION, ARGS_NONE },
        { "--version", ARGS_VERSION, ARGS_NONE },
        { "config schema", ARGS_CONFIG, ARGS_NONE },
        { "config reference", ARGS_CONFIG, ARGS_NONE },
        { "--help", ARGS_HELP, ARGS_NONE },
        { "-h", ARGS_HELP, ARGS_NONE },
        { "help", ARGS_HELP, ARGS_NONE },
        { "help serve", ARGS_HELP, ARGS_SERVE },
        { "serve --help", ARGS_HELP, ARGS_SERVE },
        { "--help check", ARGS_HELP, ARGS_CHECK },
        { "check -h -c x", ARGS_HELP, ARGS_CHECK },
        { "config --help", ARGS_HELP, ARGS_CONFIG },
        { "version --help", ARGS_HELP, ARGS_VERSION },
        { "--help -- x", ARGS_HELP, ARGS_SERVE_ONE },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        struct line line;
        struct args args;
        parse_good(&line, rows[i].line, &args);
        CHECK_EQ(args.verb, rows[i].verb);
        CHECK_EQ(args.help_on, rows[i].help_on);
        args_done(&args);
    }
}

TEST(help_of_the_command_behind_two_dashes_is_its_own)
{
    struct line line;
    struct args args;

    parse_good(&line, "-- prog --help --version", &args);
    CHECK_EQ(args.verb, ARGS_SERVE_ONE);
    args_done(&args);
}

TEST(each_fault_has_its_message)
{
    static const struct {
        const char *line;
        const char *why;
    } rows[] = {
        { "", "there is nothing to serve: give a command behind --, a URL, or serve -c FILE" },
        { "--listen 127.0.0.1:1", "there is nothing to serve: give a command behind --, a URL, or serve -c FILE" },
        { "--", "behind -- stands the command to serve" },
        { "--lisen x -- y", "unknown option \"--lisen\"; did you mean \"--listen\"?" },
        { "--loglevel x -- y", "unknown option \"--loglevel\"; did you mean \"--log-level\"?" },
        { "--zzzzz -- y", "unknown option \"--zzzzz\"" },
        { "-x", "unknown option \"-x\"" },
        { "--lisen=x -- y", "unknown option \"--lisen\"; did you mean \"--listen\"?" },
        { "--listen", "--listen takes a value: HOST:PORT" },
        { "--listen -- y", "--listen takes a value: HOST:PORT" },
        { "--set x -- y", "--set takes PATH=VALUE, which \"x\" is not" },
        { "--set =x -- y", "--set takes PATH=VALUE, which \"=x\" is not" },
        { "srve -c g.yaml", "unknown verb \"srve\"; did you mean \"serve\"?" },
        { "npx server", "unknown verb \"npx\"; a program that is to be served stands behind --" },
        { "http://a/ -- b", "there is both a URL and a command; which of them is the server?" },
        { "http://a/ http://b/", "there is no use for \"http://b/\"" },
        { "http://a/ b c", "there is no use for \"c\"" },
        { "http://a/ --env X", "--env is for a command behind --" },
        { "-c g.yaml -- x", "a configuration is served by: gatehouse serve -c FILE" },
        { "serve", "which configuration? -c FILE names it" },
        { "check", "which configuration? -c FILE names it" },
        { "serve -c", "--config takes a value: FILE" },
        { "serve -c a -c b", "there are two configurations; which is it?" },
        { "serve -c a b", "there is no use for \"b\"" },
        { "serve -c a -- b", "a command behind -- is served without a verb" },
        { "serve -c a --env X", "--env is for a command behind --; in a file it is env" },
        { "config", "config is followed by schema or reference" },
        { "config shcema", "config is followed by schema or reference" },
        { "config schema x", "there is no use for \"x\"" },
        { "config schema --listen x", "config takes no options" },
        { "config schema -c x", "-c is for serve and check" },
        { "version x", "there is no use for \"x\"" },
        { "version --listen x", "this verb takes no options" },
    };

    for (size_t i = 0; i < N_ELEMENTS(rows); i++) {
        auto_buf why = { 0 };
        struct line line;
        struct args args;
        buf_init(&why, 4096);
        split(&line, rows[i].line);
        enum err result = args_parse(line.argc, line.argv, &args, &why);
        CHECK_SLICE(buf_slice(&why), rows[i].why);
        CHECK_ERR(result, ERR_INVALID);
        args_done(&args);
    }
}

TEST(a_program_may_be_started_without_even_its_name)
{
    static const char *const none[] = { NULL };
    auto_buf why = { 0 };
    struct args args;

    buf_init(&why, 4096);
    CHECK_ERR(args_parse(0, none, &args, &why), ERR_INVALID);
    args_done(&args);
}
