#include "cli/help.h"

#include <string.h>

#define PROGRAM "gatehouse"

static const char overview[] =
    "Gatehouse stands in front of MCP servers and makes them one HTTP endpoint for clients of all revisions.\n"
    "\n"
    "Usage:\n"
    "  " PROGRAM " [OPTIONS] -- COMMAND [ARG...]   serve a program that speaks MCP on stdin and stdout\n"
    "  " PROGRAM " [OPTIONS] URL                   serve a server that speaks MCP over HTTP\n"
    "  " PROGRAM " serve [OPTIONS] -c FILE         serve several, each at /NAME/mcp\n"
    "  " PROGRAM " check [OPTIONS] -c FILE         say all that is wrong with a configuration\n"
    "  " PROGRAM " config schema|reference         print the settings for editors, or for people\n"
    "  " PROGRAM " version                         print the version\n"
    "  " PROGRAM " VERB --help                     print more on a verb\n";

static const char serve[] =
    "Usage: " PROGRAM " serve [OPTIONS] -c FILE\n"
    "\n"
    "Serves the servers of the configuration, each at /NAME/mcp. The endpoints are the first lines on standard output,\n"
    "events go to standard error. SIGTERM and SIGINT stop accepting, finish what was begun, and end it with status 0.\n"
    "Options win over variables (GATEHOUSE_...), these over the file.\n";

static const char serve_one[] =
    "Usage: " PROGRAM " [OPTIONS] -- COMMAND [ARG...]\n"
    "       " PROGRAM " [OPTIONS] URL\n"
    "\n"
    "Serves one MCP server at /mcp: a program that is started for its clients, or a URL. The endpoint is the first line\n"
    "on standard output, events go to standard error. SIGTERM and SIGINT stop accepting, finish what was begun, and end\n"
    "it with status 0. The program gets PATH, HOME, USER, LANG, TZ and TMPDIR, and what --env names.\n";

static const char check[] =
    "Usage: " PROGRAM " check [OPTIONS] -c FILE\n"
    "\n"
    "Reads the configuration as serve would, and starts nothing. Says \"ok\", or all that is wrong, one a line as\n"
    "FILE:LINE:COLUMN: what it is. Ends with status 0, or 2 when something is wrong.\n";

static const char config[] =
    "Usage: " PROGRAM " config schema      a JSON Schema of the configuration, for editors\n"
    "       " PROGRAM " config reference   all settings with their defaults and ranges, in Markdown\n";

static const char version[] = "Usage: " PROGRAM " version\n"
                              "\n"
                              "Prints the version.\n";

/* The option belongs to this page? --env has no place where there is no command, -c none where there is no file. */
static bool belongs(const struct args_option *option, enum args_verb verb)
{
    if (strcmp(option->name, "--env") == 0)
        return verb == ARGS_NONE || verb == ARGS_SERVE_ONE;
    if (strcmp(option->name, "--config") == 0)
        return verb != ARGS_SERVE_ONE;
    return true;
}

static void print_options(enum args_verb verb, struct buf *b)
{
    size_t n;
    const struct args_option *options = args_options(&n);

    buf_put(b, S("\nOptions:\n"));
    for (size_t i = 0; i < n; i++)
        if (belongs(&options[i], verb))
            buf_printf(b, "  %-12s %-11s %s\n", options[i].name, options[i].takes, options[i].sentence);
}

void help_print(enum args_verb verb, struct buf *b)
{
    switch (verb) {
    case ARGS_NONE:
    case ARGS_HELP:
        buf_put(b, slice_of(overview));
        print_options(ARGS_NONE, b);
        return;
    case ARGS_SERVE_ONE:
        buf_put(b, slice_of(serve_one));
        print_options(verb, b);
        return;
    case ARGS_SERVE:
        buf_put(b, slice_of(serve));
        print_options(verb, b);
        return;
    case ARGS_CHECK:
        buf_put(b, slice_of(check));
        print_options(verb, b);
        return;
    case ARGS_CONFIG:
        buf_put(b, slice_of(config));
        return;
    case ARGS_VERSION:
        buf_put(b, slice_of(version));
        return;
    }
    UNREACHABLE();
}
