/* A kit's life, and the facts about it. */
#include "kit/kit_internal.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"
#include "loop/work.h"
#include "json/json_write.h"

#define MAX_INFO_BYTES     65536u
#define MAX_PROBLEM_BYTES  1024u
#define MAX_PAGE_SIZE      1000u
#define MAX_THREADS        64u
#define MAX_WAITING        65536u
#define DEFAULT_PAGE_SIZE  100u
#define DEFAULT_THREADS    8u
#define DEFAULT_WAITING    256u
#define DEFAULT_MAX_RESULT (4u << 20)

void kit_lock(struct kit *kit)
{
    CHECK(pthread_mutex_lock(&kit->lock) == 0);
}

void kit_unlock(struct kit *kit)
{
    CHECK(pthread_mutex_unlock(&kit->lock) == 0);
}

void kit_remember_problem(struct kit *kit, const char *format, ...)
{
    auto_buf text;
    va_list args;

    buf_init(&text, MAX_PROBLEM_BYTES);
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    if (buf_ok(&text) != OK) /* some name in it is endless */
        buf_put(&text, S("a registration failed: its name or text is far too long"));

    kit_lock(kit);
    if (kit->problem == NULL)
        kit->problem = mem_strdup(buf_slice(&text));
    kit_unlock(kit);
}

static unsigned or_default(unsigned value, unsigned fallback)
{
    return value != 0 ? value : fallback;
}

static void set_text(struct kit *kit, struct json_writer *w, const char *member, const char *text)
{
    if (text == NULL)
        return;
    if (!utf8_is_valid(slice_of(text)))
        kit_remember_problem(kit, "the server's %s is not UTF-8", member);
    else
        json_set_string(w, slice_of(member), slice_of(text));
}

static void put_info(struct kit *kit, const struct gatehouse_server_options *o)
{
    struct json_writer w = json_writer(&kit->info);

    json_begin_object(&w);
    set_text(kit, &w, "name", o->name != NULL ? o->name : "");
    set_text(kit, &w, "title", o->title);
    set_text(kit, &w, "version", o->version != NULL ? o->version : "");
    set_text(kit, &w, "websiteUrl", o->website_url);
    json_end_object(&w);
}

static char *make_freshness(const struct kit *kit)
{
    auto_buf text;

    buf_init(&text, 128);
    if (kit->fresh_ms > 0 || kit->same_for_everyone)
        buf_printf(&text, "\"ttlMs\":%u,\"cacheScope\":\"%s\"", kit->fresh_ms,
                   kit->same_for_everyone ? "public" : "private");
    return mem_strdup(buf_slice(&text));
}

static void check_options(struct kit *kit, const struct gatehouse_server_options *o)
{
    if (o->name == NULL || o->name[0] == '\0')
        kit_remember_problem(kit, "the server has no name");
    if (o->version == NULL || o->version[0] == '\0')
        kit_remember_problem(kit, "the server has no version");
    if (o->instructions != NULL && !utf8_is_valid(slice_of(o->instructions)))
        kit_remember_problem(kit, "the server's instructions are not UTF-8");
    if (buf_ok(&kit->info) != OK)
        kit_remember_problem(kit, "the server's name, title and version are too long together");
    if (!in_range(kit->page_size, 1, MAX_PAGE_SIZE))
        kit_remember_problem(kit, "page_size is above %u", MAX_PAGE_SIZE);
    if (!in_range(kit->n_threads, 1, MAX_THREADS))
        kit_remember_problem(kit, "n_threads is above %u", MAX_THREADS);
    if (!in_range(kit->max_waiting, 1, MAX_WAITING))
        kit_remember_problem(kit, "max_waiting is above %u", MAX_WAITING);
}

struct gatehouse_server *gatehouse_server_new(const struct gatehouse_server_options *options)
{
    struct gatehouse_server *server = mem_zalloc(1, sizeof(*server));
    struct kit *kit = &server->kit;

    CHECK(pthread_mutex_init(&kit->lock, NULL) == 0);
    list_init(&kit->ears);
    atomic_init(&kit->n_users, 0);
    kit->registry = registry_new();
    kit->name = mem_strdup(slice_of(options->name != NULL ? options->name : ""));
    kit->instructions = options->instructions != NULL ? mem_strdup(slice_of(options->instructions)) : NULL;
    kit->page_size = or_default(options->page_size, DEFAULT_PAGE_SIZE);
    kit->n_threads = or_default(options->n_threads, DEFAULT_THREADS);
    kit->max_waiting = or_default(options->max_waiting, DEFAULT_WAITING);
    kit->max_result_bytes = or_default(options->max_result_bytes, DEFAULT_MAX_RESULT);
    kit->fresh_ms = options->lists_fresh_ms;
    kit->same_for_everyone = options->lists_same_for_everyone;
    kit->freshness = make_freshness(kit);
    buf_init(&kit->info, MAX_INFO_BYTES);
    put_info(kit, options);
    check_options(kit, options);
    return server;
}

void kit_free(struct kit *kit)
{
    if (kit == NULL)
        return;
    CHECK(atomic_load(&kit->n_users) == 0 && list_is_empty(&kit->ears));
    lane_free(kit->lane);
    registry_free(kit->registry);
    buf_done(&kit->info);
    free(kit->name);
    free(kit->instructions);
    free(kit->freshness);
    free(kit->problem);
    CHECK(pthread_mutex_destroy(&kit->lock) == 0);
    free(container_of(kit, struct gatehouse_server, kit));
}

void gatehouse_server_free(struct gatehouse_server *server)
{
    if (server != NULL)
        kit_free(&server->kit);
}

struct kit *kit_of(struct gatehouse_server *server)
{
    return &server->kit;
}

struct lane *kit_lane(struct kit *kit)
{
    kit_lock(kit);
    if (kit->lane == NULL) {
        struct lane_options options = {
            .name = "handler",
            .n_threads = (unsigned)min_u64(kit->n_threads, MAX_THREADS),
            .max_queued = (unsigned)min_u64(kit->max_waiting, MAX_WAITING),
        };
        if (lane_new(&options, &kit->lane) != OK)
            kit->lane = NULL;
    }
    struct lane *lane = kit->lane;
    kit_unlock(kit);
    return lane;
}

/* ---- Facts ---- */

const char *kit_problem(struct kit *kit)
{
    kit_lock(kit);
    const char *problem = kit->problem; /* set once */
    kit_unlock(kit);
    return problem;
}

const char *gatehouse_problem(struct gatehouse_server *server)
{
    return kit_problem(&server->kit);
}

struct slice kit_instructions(const struct kit *kit)
{
    return slice_of(kit->instructions);
}

struct slice kit_name(const struct kit *kit)
{
    return slice_of(kit->name);
}

uint64_t kit_fresh_ms(const struct kit *kit)
{
    return kit->fresh_ms;
}

bool kit_is_same_for_everyone(const struct kit *kit)
{
    return kit->same_for_everyone;
}

void kit_put_server_info(struct kit *kit, struct buf *to)
{
    buf_put(to, buf_slice(&kit->info));
}

static bool has(struct kit *kit, enum entry_kind kind)
{
    return registry_count(kit->registry, kind) > 0;
}

void kit_put_capabilities(struct kit *kit, struct buf *to)
{
    struct json_writer w = json_writer(to);

    json_begin_object(&w);
    json_set_raw(&w, S("logging"), S("{}"));
    if (has(kit, ENTRY_TOOL))
        json_set_raw(&w, S("tools"), S("{\"listChanged\":true}"));
    if (has(kit, ENTRY_PROMPT))
        json_set_raw(&w, S("prompts"), S("{\"listChanged\":true}"));
    if (has(kit, ENTRY_RESOURCE) || has(kit, ENTRY_TEMPLATE))
        json_set_raw(&w, S("resources"), S("{\"subscribe\":true,\"listChanged\":true}"));
    if (has(kit, ENTRY_COMPLETION))
        json_set_raw(&w, S("completions"), S("{}"));
    json_end_object(&w);
}
