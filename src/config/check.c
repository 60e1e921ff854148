/*
 * What no single setting can know: settings that exclude or need each other, and what would not be safe.
 */
#include <string.h>

#include "base/check.h"
#include "config/load_internal.h"
#include "config/value.h"
#include "net/address.h"

/* Where to point when something is missing: at the configuration as a whole. */
static struct place whole(const struct load *l)
{
    return l->source->file != NULL ? (struct place){ l->source->file, 1, 1 } : (struct place){ "command line", 0, 0 };
}

static struct place place_of(const struct load *l, const char *path, const struct config_server *server)
{
    return load_mark_of(l, path, server)->place;
}

static bool is_set(const struct load *l, const char *path, const struct config_server *server)
{
    return load_mark_of(l, path, server)->stage != LOAD_UNSET;
}

/* Decision 16: whoever can reach a listener may call, so without a login only this machine may. */
static void check_listeners(struct load *l)
{
    const struct config_list *listen = &l->config->listen;
    struct address address;

    for (size_t i = 0; i < listen->n; i++) {
        CHECK(address_parse(slice_of(listen->items[i]), &address) == OK);
        if (!address_is_loopback(&address))
            problem_add(l->problems, place_of(l, "listen", NULL),
                        "listen: \"%s\" can be reached from other machines, and without a login Gatehouse serves this "
                        "machine only: listen on a loopback address, localhost or a unix socket",
                        listen->items[i]);
    }
}

static void check_public_url(struct load *l)
{
    struct place place = place_of(l, "public_url", NULL);
    struct value_url url;

    if (l->config->public_url == NULL)
        return;
    CHECK(value_url(slice_of(l->config->public_url), &url) == OK);
    if (url.has_path)
        problem_add(l->problems, place, "public_url: it ends behind the host and port, without a path");
    if (!url.is_local)
        problem_add(l->problems, place,
                    "public_url: \"%s\" is not on this machine, and without a login Gatehouse serves this machine only",
                    l->config->public_url);
}

/* Settings that only mean something for a server that we start. */
static void check_command_only(struct load *l, const struct config_server *server)
{
    static const char *const paths[] = { "servers.*.env", "servers.*.env_set", "servers.*.cwd" };

    for (size_t i = 0; i < N_ELEMENTS(paths); i++)
        if (is_set(l, paths[i], server))
            problem_add(l->problems, place_of(l, paths[i], server),
                        "servers.%s%s: this is for servers that are started by a command", server->name,
                        paths[i] + strlen("servers.*"));
}

/* A promise that is not kept is worse than none: https to servers comes with the checks of their certificates. */
static void check_server_url(struct load *l, const struct config_server *server)
{
    struct value_url url;

    if (server->url != NULL && value_url(slice_of(server->url), &url) == OK && url.is_https)
        problem_add(l->problems, place_of(l, "servers.*.url", server),
                    "servers.%s.url: https is not spoken to servers yet; http is", server->name);
}

static void check_server(struct load *l, const struct config_server *server, struct place place)
{
    bool has_command = is_set(l, "servers.*.command", server);
    bool has_url = is_set(l, "servers.*.url", server);

    if (has_command && has_url)
        problem_add(l->problems, place, "servers.%s: there is both a command and a url; which of them is the server?",
                    server->name);
    else if (!has_command && !has_url)
        problem_add(l->problems, place, "servers.%s: there is neither a command nor a url", server->name);
    else if (has_url)
        check_command_only(l, server);
    check_server_url(l, server);

    for (size_t i = 0; i < server->env_set.n; i++)
        for (size_t j = 0; j < server->env.n; j++)
            if (strcmp(server->env_set.items[i].name, server->env.items[j]) == 0)
                problem_add(l->problems, place_of(l, "servers.*.env", server),
                            "servers.%s.env: \"%s\" gets its value in env_set", server->name, server->env.items[j]);
}

/*
 * Somebody who wants a part larger than its whole will not get it. The default of a part may be larger, that does no
 * harm; a whole of 0 is one without a number of its own.
 */
static void check_part(struct load *l, const char *part_path, uint64_t part, const char *whole_path, uint64_t total)
{
    const struct load_mark *mark = load_mark_of(l, part_path, NULL);

    if (part > total && total != 0 && mark->stage > LOAD_DEFAULT)
        problem_add(l->problems, mark->place, "%s is more than %s allows in all", part_path, whole_path);
}

void load_check(struct load *l)
{
    const struct config *c = l->config;

    check_listeners(l);
    check_public_url(l);
    for (size_t i = 0; i < c->n_servers; i++)
        check_server(l, &c->servers[i], l->servers[i].place);
    if (c->n_servers == 0 && !problems_any(l->problems))
        problem_add(l->problems, whole(l), "there is no server: name one under \"" SERVERS_SECTION "\"");

    check_part(l, "limits.connections_per_address", c->limits.connections_per_address, "limits.connections_total",
               c->limits.connections_total);
    check_part(l, "limits.streams_per_address", c->limits.streams_per_address, "limits.streams_total",
               c->limits.streams_total);
    check_part(l, "limits.sessions_per_principal", c->limits.sessions_per_principal, "limits.sessions_total",
               c->limits.sessions_total);
    check_part(l, "limits.call_idle", c->limits.call_idle_ms, "limits.call_timeout", c->limits.call_timeout_ms);
}
