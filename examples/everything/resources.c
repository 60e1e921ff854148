/*
 * Resources: fixed ones, and those of a template.
 */
#include <string.h>

#include "everything.h"

static void static_text(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, "This is the content of the static text resource.");
}

static void static_binary(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_data(call, red_pixel_png, red_pixel_png_size);
}

static void watched(struct gatehouse_call *call, void *user)
{
    (void)user;
    gatehouse_add_text(call, "Whoever subscribes to this is told when it changes.");
}

static void by_id(struct gatehouse_call *call, void *user)
{
    (void)user;
    const char *id = gatehouse_arg_string(call, "id");

    if (strcmp(id, "missing") == 0) { /* the template fits, but nothing is there */
        gatehouse_not_found(call);
        return;
    }
    gatehouse_add_textf(call, "{\"id\":%s,\"templateTest\":true,\"data\":%s}", gatehouse_quote(call, id),
                        gatehouse_quote(call, gatehouse_format(call, "Data for ID: %s", id)));
}

/* Suggests ids that begin with the digits typed so far. */
static void complete_id(struct gatehouse_call *call, void *user)
{
    (void)user;
    for (int id = 100; id < 300; id++) {
        const char *text = gatehouse_format(call, "%d", id);
        if (strncmp(text, gatehouse_typed(call), strlen(gatehouse_typed(call))) == 0)
            gatehouse_suggest(call, text);
    }
}

void add_resources(struct gatehouse_server *server)
{
    gatehouse_add_resource(server, &(struct gatehouse_resource){ .uri = "test://static-text",
                                                                 .name = "Static text",
                                                                 .description = "A text that never changes",
                                                                 .mime_type = "text/plain",
                                                                 .handler = static_text });
    gatehouse_add_resource(server, &(struct gatehouse_resource){ .uri = "test://static-binary",
                                                                 .name = "Static picture",
                                                                 .description = "A picture of one red pixel",
                                                                 .mime_type = "image/png",
                                                                 .handler = static_binary });
    gatehouse_add_resource(server, &(struct gatehouse_resource){ .uri = "test://watched-resource",
                                                                 .name = "Watched",
                                                                 .description = "A text worth subscribing to",
                                                                 .mime_type = "text/plain",
                                                                 .handler = watched });
    gatehouse_add_template(server, &(struct gatehouse_template){ .uri_template = "test://template/{id}/data",
                                                                 .name = "Data by id",
                                                                 .description = "Made up for every id but \"missing\"",
                                                                 .mime_type = "application/json",
                                                                 .handler = by_id });
    gatehouse_add_completion(server, &(struct gatehouse_completion){ .uri_template = "test://template/{id}/data",
                                                                     .argument = "id",
                                                                     .handler = complete_id });
}
