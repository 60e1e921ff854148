#include <stdio.h>
#include <unistd.h>

#include "load_rig.h"

TEST(variables_are_put_in)
{
    auto_free(config) c = load_good_text(
        "listen: '127.0.0.1:${PORT}'\n"
        "servers:\n"
        "  a:\n"
        "    command: [x, 'a${TOKEN}b${TOKEN}', '${NONE:-there}', '${EMPTY:-}', $5, '$${HOME}', '$$']\n");
    const struct config_list *command = &c->servers[0].command;

    CHECK_SLICE(slice_of(c->listen.items[0]), "127.0.0.1:9000");
    CHECK_SLICE(slice_of(command->items[1]), "as3cretbs3cret");
    CHECK_SLICE(slice_of(command->items[2]), "there");
    CHECK_SLICE(slice_of(command->items[3]), "");
    CHECK_SLICE(slice_of(command->items[4]), "$5");
    CHECK_SLICE(slice_of(command->items[5]), "${HOME}");
    CHECK_SLICE(slice_of(command->items[6]), "$$");
}

TEST(a_variable_is_put_in_once_and_not_looked_through)
{
    static const char *const environment[] = { "HOME=/h", "A=${B}", "B=b", NULL };
    auto_free(config) c = load_good(&(struct config_source){
        .file = "g.yaml", .text = S("servers: {a: {command: ['${A}']}}"), .environment = environment });

    CHECK_SLICE(slice_of(c->servers[0].command.items[0]), "${B}");
}

TEST(a_reference_that_leads_nowhere_is_a_problem)
{
    static const struct bad_text rows[] = {
        { "servers: {a: {command: [x, '${NONE}']}}\n", "g.yaml:1:28: the environment variable NONE is not set\n" },
        { "servers: {a: {command: [x, '${A B}']}}\n",
          "g.yaml:1:28: \"A B\" is not the name of a variable; $${ stands for ${\n" },
        { "servers: {a: {command: [x, 'a ${A']}}\n", "g.yaml:1:28: there is a ${ without its }; $${ stands for ${\n" },
        { "servers: {a: {command: [x], env_set: {A: 'file:secret'}}}\n",
          "g.yaml:1:42: the file \"secret\" cannot be read here\n" },
    };

    check_bad_texts(rows, N_ELEMENTS(rows));
}

TEST(values_of_variables_may_come_from_files)
{
    char folder[] = "/tmp/gatehouse-test-XXXXXX";
    char path[64];
    char file[64];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof(path), "%s/token", folder);
    snprintf(file, sizeof(file), "%s/g.yaml", folder);
    FILE *f = fopen(path, "w");
    CHECK(f != NULL);
    fputs("from a file\n", f);
    fclose(f);

    auto_free(config) c = load_good(&(struct config_source){
        .file = file,
        .text = S(
            "servers: {a: {command: ['file:token'], env_set: {A: 'file:token', B: 'file:///x', C: '${D:-file:token}'}}}"),
        .environment = rig_environment,
        .reads_files = true });
    const struct config_server *a = &c->servers[0];
    CHECK_SLICE(slice_of(a->command.items[0]), "file:token"); /* arguments are no secrets: everybody sees them */
    CHECK_SLICE(secret_reveal(&a->env_set.items[0].value), "from a file");
    CHECK_SLICE(secret_reveal(&a->env_set.items[1].value), "file:///x");
    CHECK_SLICE(secret_reveal(&a->env_set.items[2].value), "file:token"); /* what a variable holds leads to no file */
    unlink(path);

    check_bad(&(struct config_source){ .file = "g.yaml",
                                       .text = S("servers: {a: {command: [x], env_set: {A: 'file:/nowhere/x'}}}"),
                                       .environment = rig_environment,
                                       .reads_files = true },
              "g.yaml:1:42: the file \"/nowhere/x\": there is no such file\n");
    rmdir(folder);
}
