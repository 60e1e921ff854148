#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "cli/args.h"
#include "cli/help.h"
#include "cli/serve.h"
#include "config/config.h"
#include "config/describe.h"
#include "loop/warden.h"

#define OUTPUT_BYTES (1u << 20)

enum { EXIT_WRONG = 2 }; /* the command line or the configuration */

/* Ends with success only if the text has arrived: a full disk or a closed pipe is no success. */
static int print(struct buf *text)
{
    bool written = buf_ok(text) == OK && fwrite(text->ptr, 1, text->len, stdout) == text->len && fflush(stdout) == 0;

    return written ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int print_config(const struct args *args)
{
    auto_buf text = { 0 };

    buf_init(&text, OUTPUT_BYTES);
    if (args->wants_schema)
        describe_schema(&text);
    else
        describe_reference(&text);
    return print(&text);
}

static int print_help(const struct args *args)
{
    auto_buf text = { 0 };

    buf_init(&text, OUTPUT_BYTES);
    help_print(args->help_on, &text);
    return print(&text);
}

static int print_version(void)
{
    auto_buf text = { 0 };

    buf_init(&text, OUTPUT_BYTES);
    buf_put(&text, S("gatehouse " GATEHOUSE_VERSION "\n"));
    return print(&text);
}

/* Gives the configuration that the command line asks for, or says all that is wrong with it. */
static enum err load(const struct args *args, struct config **ret)
{
    struct problems problems = { 0 };
    auto_buf text = { 0 };
    auto_buf out = { 0 };
    enum err result = OK;

    if (args->file != NULL)
        result = config_read_file(args->file, &problems, &text);
    if (result == OK)
        result = config_load(&(struct config_source){ .file = args->file,
                                                      .text = buf_slice(&text),
                                                      .environment = (const char *const *)environ,
                                                      .flags = args->flags,
                                                      .n_flags = args->n_flags,
                                                      .command = args->command,
                                                      .url = args->url,
                                                      .command_env = args->env,
                                                      .n_command_env = args->n_env,
                                                      .reads_files = true },
                             &problems, ret);
    buf_init(&out, OUTPUT_BYTES);
    problems_print(&problems, &out);
    if (out.len > 0)
        fprintf(stderr, "%.*s", SLICE_ARGS(buf_slice(&out)));
    problems_done(&problems);
    return result;
}

static int run_check(const struct args *args)
{
    auto_free(config) config = NULL;
    auto_buf text = { 0 };

    if (load(args, &config) != OK)
        return EXIT_WRONG;
    buf_init(&text, OUTPUT_BYTES);
    buf_printf(&text, "%s: ok\n", args->file);
    return print(&text);
}

/* The warden comes first: it is forked while there is neither a thread nor a secret here. */
static int run_serve(const struct args *args)
{
    auto_free(warden) warden = NULL;
    auto_free(config) config = NULL;

    if (warden_start(&warden) != OK) {
        fputs("gatehouse: no process could be started\n", stderr);
        return EXIT_FAILURE;
    }
    if (load(args, &config) != OK)
        return EXIT_WRONG;
    return serve(config, warden, (const char *const *)environ);
}

static int run(const struct args *args)
{
    switch (args->verb) {
    case ARGS_SERVE_ONE:
    case ARGS_SERVE:
        return run_serve(args);
    case ARGS_CHECK:
        return run_check(args);
    case ARGS_CONFIG:
        return print_config(args);
    case ARGS_HELP:
        return print_help(args);
    case ARGS_VERSION:
        return print_version();
    case ARGS_NONE:
        break;
    }
    UNREACHABLE();
}

int cli_main(int argc, char **argv)
{
    struct args args;
    auto_buf why = { 0 };
    int status = EXIT_WRONG;

    buf_init(&why, OUTPUT_BYTES);
    if (args_parse(argc, (const char *const *)argv, &args, &why) == OK)
        status = run(&args);
    else
        fprintf(stderr, "gatehouse: %.*s\nTry: gatehouse --help\n", SLICE_ARGS(buf_slice(&why)));
    args_done(&args);
    return status;
}
