#include "cli/serve.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "cli/command.h"
#include "cli/data_dir.h"
#include "crypto/keyring.h"
#include "embed/house.h"
#include "gateway/gateway.h"
#include "loop/loop.h"
#include "loop/signals.h"
#include "obs/log.h"
#include "upstream/http_upstream.h"
#include "upstream/stdio_upstream.h"

#define RESERVED_FDS 128u /* of the limit of open files, for all that is not a client's connection */

/* What is being put together. */
struct service {
    const struct config *config;
    struct warden *warden;
    const char *const *environment;
    struct log *log;
    struct loop *loop;
    struct keyring *keyring;
    struct gateway *gateway;
};

/* What could not be had, and why. */
static enum err fail(struct service *s, const char *event, struct slice what, const char *why)
{
    LOG(s->log, ERROR, "start.failed", F("part", event), F("name", what), F("reason", why));
    return ERR_SYSTEM;
}

static enum err fail_errno(struct service *s, const char *event, struct slice what, int code)
{
    char text[256];

    return fail(s, event, what, strerror_r(code, text, sizeof(text)));
}

static enum err open_log(struct service *s)
{
    const struct log_options options = {
        .format = s->config->log.format,
        .level = s->config->log.level,
        .fd = STDERR_FILENO,
        .colour = isatty(STDERR_FILENO) == 1 && getenv("NO_COLOR") == NULL,
    };

    return log_new(&options, &s->log);
}

/* Keys that outlive this process: sessions go on after a restart. */
static enum err open_keyring(struct service *s)
{
    struct slice data_dir = slice_of(s->config->data_dir);

    if (data_dir_make(s->config->data_dir) != OK)
        return fail_errno(s, "data_dir", data_dir, errno);
    enum err e = keyring_open(data_dir, &s->keyring);
    if (e == ERR_SYSTEM)
        return fail_errno(s, "master.key", data_dir, errno);
    if (e == ERR_PERMISSION)
        return fail(s, "master.key", data_dir, "others may read it, or it is not this user's");
    return e == OK ? OK : fail(s, "master.key", data_dir, "its length is not that of one to eight keys");
}

static enum err open_gateway(struct service *s)
{
    const struct gateway_options options = {
        .loop = s->loop,
        .log = s->log,
        .keyring = s->keyring,
        .json = { .max_depth = (uint32_t)s->config->limits.json_depth,
                  .max_nodes = (uint32_t)s->config->limits.json_nodes,
                  .max_number_len = (uint32_t)s->config->limits.json_number_chars },
        .max_sessions = (unsigned)s->config->limits.sessions_total,
        .max_sessions_per_principal = (unsigned)s->config->limits.sessions_per_principal,
        .session_idle_ms = s->config->limits.session_idle_ms,
        .call_idle_ms = s->config->limits.call_idle_ms,
        .call_total_ms = s->config->limits.call_timeout_ms,
        .question_ms = s->config->limits.question_timeout_ms,
        .heartbeat_ms = s->config->limits.heartbeat_ms,
        .queue_bytes = s->config->limits.unsent_bytes,
    };

    return gateway_new(&options, &s->gateway);
}

/* The program that is the server; it is started when a client comes. */
static enum err add_command(struct service *s, const struct config_server *server, struct slice folder)
{
    struct command command;
    struct slice name;

    for (size_t at = 0; command_lacks(server, s->environment, &at, &name);)
        LOG(s->log, WARN, "server.variable_absent", F("server", server->name), F("variable", name));
    command_build(server, s->environment, folder, &command);
    const struct stdio_upstream_options options = {
        .name = slice_of(server->name),
        .warden = s->warden,
        .command = command.child,
        .max_children = (unsigned)s->config->limits.children,
    };
    struct upstream *upstream = stdio_upstream_new(&options, s->loop, s->log);
    command_done(&command);
    return gateway_add(s->gateway, slice_of(server->path), upstream);
}

static enum err add_url(struct service *s, const struct config_server *server)
{
    const struct http_upstream_options options = {
        .name = slice_of(server->name),
        .url = slice_of(server->url),
        .max_sessions = (unsigned)s->config->limits.sessions_total,
    };
    struct upstream *upstream;

    TRY(http_upstream_new(&options, s->loop, s->log, &upstream));
    return gateway_add(s->gateway, slice_of(server->path), upstream);
}

static enum err add_servers(struct service *s)
{
    char folder[PATH_MAX];

    if (getcwd(folder, sizeof(folder)) == NULL)
        return fail_errno(s, "working_directory", NO_SLICE, errno);
    for (size_t i = 0; i < s->config->n_servers; i++) {
        const struct config_server *server = &s->config->servers[i];
        enum err e = server->url != NULL ? add_url(s, server) : add_command(s, server, slice_of(folder));
        if (e != OK)
            return fail(s, "server", slice_of(server->name), err_text(e));
    }
    return OK;
}

/*
 * How many connections the limit of open files allows. The soft limit is raised to the hard one: it is low for the sake
 * of programs that call select(), which we do not; the warden was started before and its children keep the old one.
 */
static unsigned allowed_connections(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        return RESERVED_FDS;
    rlim_t soft = files.rlim_cur;
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0)
        files.rlim_cur = soft;
    /* A client's connection may need another one towards a server. */
    uint64_t n = files.rlim_cur > 2 * RESERVED_FDS ? (files.rlim_cur - RESERVED_FDS) / 2 : RESERVED_FDS;
    return (unsigned)min_u64(n, UINT16_MAX);
}

static struct server_limits server_limits(const struct config *config)
{
    unsigned allowed = allowed_connections();
    uint64_t connections = config->limits.connections_total != 0 ? config->limits.connections_total : allowed;

    /* Streams may not take the last connections: somebody may want to end a session or ask for health. */
    uint64_t streams = config->limits.streams_total != 0 ? config->limits.streams_total : connections - connections / 8;
    return (struct server_limits){
        .request_line_bytes = config->limits.request_line_bytes,
        .header_block_bytes = config->limits.header_block_bytes,
        .header_fields = config->limits.header_fields,
        .unsent_bytes = config->limits.unsent_bytes,
        .head_ms = config->limits.head_deadline_ms,
        .idle_ms = config->limits.keep_alive_idle_ms,
        .body_bytes_per_s = config->limits.body_rate_bytes_per_s,
        .connections = (unsigned)connections,
        .connections_per_peer = (unsigned)config->limits.connections_per_address,
        .streams = (unsigned)streams,
        .streams_per_peer = (unsigned)config->limits.streams_per_address,
    };
}

/* "gate.example:8443" of "https://gate.example:8443/": the Host under which clients come by the public URL. */
static struct slice public_authority(const char *url)
{
    struct slice rest = slice_of(url);
    size_t scheme = slice_search(rest, S("://"));

    if (scheme == SIZE_MAX)
        return NO_SLICE;
    rest = slice_from(rest, scheme + strlen("://"));
    return slice_first(rest, slice_find(rest, '/'));
}

static enum err run(struct service *s)
{
    const struct config *config = s->config;
    struct address *addresses = mem_zalloc(config->listen.n, sizeof(*addresses));
    struct slice *origins = mem_zalloc(config->origins.n + 1, sizeof(*origins));
    struct slice name = public_authority(config->public_url);
    size_t which = SIZE_MAX;

    for (size_t i = 0; i < config->listen.n; i++)
        CHECK(address_parse(slice_of(config->listen.items[i]), &addresses[i]) == OK); /* config_load has seen them */
    for (size_t i = 0; i < config->origins.n; i++)
        origins[i] = slice_of(config->origins.items[i]);
    const struct house_options options = {
        .loop = s->loop,
        .log = s->log,
        .gateway = s->gateway,
        .addresses = addresses,
        .n_addresses = config->listen.n,
        .limits = server_limits(config),
        .hosts = { .names = &name, .n_names = name.len > 0, .origins = origins, .n_origins = config->origins.n },
        .body_bytes = config->limits.body_bytes,
        .drain_ms = config->limits.drain_deadline_ms,
    };
    enum err e = house_run(&options, &which);
    if (e != OK)
        e = fail(s, "listener", which < config->listen.n ? slice_of(config->listen.items[which]) : NO_SLICE,
                 err_text(e));
    free(origins);
    free(addresses);
    return e;
}

static enum err open_and_run(struct service *s)
{
    TRY(open_log(s));
    TRY(open_keyring(s));
    if (loop_new(0, &s->loop) != OK || open_gateway(s) != OK)
        return fail(s, "loop", NO_SLICE, err_text(ERR_SYSTEM));
    TRY(add_servers(s));
    return run(s);
}

int serve(const struct config *config, struct warden *warden, const char *const *environment)
{
    struct service s = { .config = config, .warden = warden, .environment = environment };

    signals_ignore_pipe();
    enum err e = open_and_run(&s);
    gateway_free(s.gateway);
    loop_free(s.loop);
    keyring_free(s.keyring);
    log_free(s.log);
    return e == OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
