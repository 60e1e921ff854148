#include "config/config.h"

#include <stdlib.h>

#include "config/options.h"

void config_list_done(struct config_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct config_list){ 0 };
}

void config_values_done(struct config_values *values)
{
    for (size_t i = 0; i < values->n; i++) {
        free(values->items[i].name);
        secret_done(&values->items[i].value);
    }
    free(values->items);
    *values = (struct config_values){ 0 };
}

/* What the table says about the members is enough to free them. */
static void settings_done(void *base, bool of_server)
{
    for (size_t i = 0; i < options_count(); i++) {
        const struct option *option = options_at(i);
        void *value = (char *)base + option->offset;

        if (option->of_server != of_server)
            continue;
        if (option_is_list(option))
            config_list_done(value);
        else if (option->kind == OPTION_VALUES)
            config_values_done(value);
        else if (option->kind == OPTION_PATH || option->kind == OPTION_URL)
            free(*(char **)value);
    }
}

void config_free(struct config *config)
{
    if (config == NULL)
        return;
    settings_done(config, false);
    for (size_t i = 0; i < config->n_servers; i++) {
        settings_done(&config->servers[i], true);
        free(config->servers[i].name);
        free(config->servers[i].path);
    }
    free(config->servers);
    free(config);
}
