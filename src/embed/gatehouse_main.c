/*
 * gatehouse_main: a server written with the kit as a program of its own, over stdio or HTTP, through the same edges
 * that Gatehouse itself has.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "embed/house.h"
#include "embed/stdio.h"
#include "gateway/gateway.h"
#include "kit/kit.h"
#include "loop/loop.h"
#include "loop/signals.h"
#include "obs/log.h"
#include "upstream/kit_upstream.h"
#include <gatehouse/server.h>

#define EXIT_SERVED  0
#define EXIT_FAILED  1
#define EXIT_USAGE   2
#define DEFAULT_PORT S("127.0.0.1:8080")
#define BODY_BYTES   (4u * 1024 * 1024)
#define DRAIN_MS     (5u * 1000)
#define PATH         S("/mcp")

struct choices {
    bool http;
    struct address address;
};

static void print_usage(FILE *to, struct slice name)
{
    (void)fprintf(to,
                  "usage: %.*s [--http [--listen HOST:PORT]]\n\n"
                  "Serves the Model Context Protocol on stdin and stdout, or over HTTP.\n\n"
                  "  --http              serve streamable HTTP at /mcp\n"
                  "  --listen HOST:PORT  there; port 0 picks a free one (default 127.0.0.1:8080, loopback only)\n"
                  "  --help              this text\n",
                  SLICE_ARGS(name));
}

/* WAIT: go on; else the process ends with *ret_exit. */
static enum err parse_arguments(int argc, char **argv, struct slice name, struct choices *ret, int *ret_exit)
{
    *ret_exit = EXIT_USAGE;
    if (address_parse(DEFAULT_PORT, &ret->address) != OK)
        return ERR_INVALID;
    for (int i = 1; i < argc; i++) {
        struct slice argument = slice_of(argv[i]);
        if (slice_eq(argument, S("--help"))) {
            print_usage(stdout, name);
            *ret_exit = EXIT_SERVED;
            return OK;
        }
        if (slice_eq(argument, S("--http"))) {
            ret->http = true;
        } else if (slice_eq(argument, S("--listen")) && i + 1 < argc &&
                   address_parse(slice_of(argv[i + 1]), &ret->address) == OK) {
            i++;
        } else {
            (void)fprintf(stderr, "%.*s: cannot make sense of '%s'\n", SLICE_ARGS(name), argv[i]);
            print_usage(stderr, name);
            return ERR_INVALID;
        }
    }
    if (!address_is_loopback(&ret->address)) {
        (void)fprintf(stderr, "%.*s: without a login only loopback addresses are served; put Gatehouse in front\n",
                      SLICE_ARGS(name));
        return ERR_INVALID;
    }
    return WAIT;
}

static enum err serve(struct loop *loop, struct log *log, struct kit *kit, const struct choices *choices)
{
    const struct gateway_options options = { GATEWAY_DEFAULTS, .loop = loop, .log = log };
    auto_free(gateway) gateway = NULL;
    size_t which;

    TRY(gateway_new(&options, &gateway));
    TRY(gateway_add(gateway, PATH, kit_upstream_new(kit, loop, log)));
    if (!choices->http)
        return stdio_run(loop, log, gateway, PATH);

    const struct house_options house = {
        .loop = loop,
        .log = log,
        .gateway = gateway,
        .addresses = &choices->address,
        .n_addresses = 1,
        .body_bytes = BODY_BYTES,
        .drain_ms = DRAIN_MS,
    };
    return house_run(&house, &which);
}

static int run(struct kit *kit, const struct choices *choices)
{
    const struct log_options log_options = { .level = LOG_WARN, .fd = 2 };
    auto_free(log) log = NULL;
    auto_free(loop) loop = NULL;

    signals_ignore_pipe();
    if (kit_problem(kit) != NULL) {
        (void)fprintf(stderr, "%.*s: %s\n", SLICE_ARGS(kit_name(kit)), kit_problem(kit));
        return EXIT_FAILED;
    }
    enum err e = log_new(&log_options, &log);
    if (e == OK)
        e = loop_new(0, &loop);
    if (e == OK)
        e = serve(loop, log, kit, choices);
    if (e != OK)
        (void)fprintf(stderr, "%.*s: cannot serve: %s\n", SLICE_ARGS(kit_name(kit)), err_text(e));
    return e == OK ? EXIT_SERVED : EXIT_FAILED;
}

/* A standard stream that is closed must not become a socket of ours: what is printed there would go astray. */
static bool open_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0) {
            int opened = open("/dev/null", O_RDWR); /* as the lowest that is free */

            if (opened != fd)
                return false;
        }
    return true;
}

int gatehouse_main(struct gatehouse_server *server, int argc, char **argv)
{
    auto_free(kit) kit = kit_of(server); /* taken: the program ends with it */
    struct choices choices = { 0 };
    int exit_status;

    if (!open_standard_streams())
        return EXIT_FAILED;
    if (parse_arguments(argc, argv, kit_name(kit), &choices, &exit_status) != WAIT)
        return exit_status;
    return run(kit, &choices);
}
