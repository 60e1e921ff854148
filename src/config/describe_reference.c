#include <string.h>

#include "config/describe.h"
#include "config/options.h"

/* clang-format off */
static const char intro[] =
    "# Configuration\n"
    "\n"
    "This page is written by `gatehouse config reference`; `gatehouse config schema` gives the same as a JSON Schema for\n"
    "editors. `gatehouse check -c FILE` reads a file as `gatehouse serve -c FILE` would, and says all that is wrong with\n"
    "it, or `ok`.\n"
    "\n"
    "```yaml\n"
    "listen: 127.0.0.1:8080\n"
    "log: {level: info}\n"
    "servers:\n"
    "  files:                      # served at /files/mcp\n"
    "    command: [npx, -y, \"@modelcontextprotocol/server-filesystem\", \"${HOME}/documents\"]\n"
    "  issues:                     # served at /issues/mcp\n"
    "    command: [issues-mcp]\n"
    "    env_set:\n"
    "      ISSUES_TOKEN: file:issues.token\n"
    "  search:                     # served at /search/mcp\n"
    "    url: http://127.0.0.1:3001/mcp\n"
    "```\n"
    "\n"
    "## Where settings come from\n"
    "\n"
    "From flags, variables of the environment, the file and the defaults; the first of these that has a setting decides.\n"
    "A change counts from the next start on.\n"
    "\n"
    "- **File.** YAML 1.2 without anchors, aliases and tags. A key that is unknown, or there twice, is an error.\n"
    "- **Variable.** `GATEHOUSE_` and the path in capitals, with `_` for `.`: `GATEHOUSE_LIMITS_BODY_BYTES=1MiB`. Lists are\n"
    "  parted by commas. An empty variable counts as not set; one whose name is nearly that of a setting is an error.\n"
    "  Settings of servers have none.\n"
    "- **Flag.** `--set PATH=VALUE` for every setting: `--set limits.body_bytes=1MiB`, `--set servers.files.cwd=/srv`. Lists\n"
    "  are parted by commas, or written as `[a, b]`; a flag that comes again adds to its list. `--listen`, `--public-url`,\n"
    "  `--auth`, `--data-dir`, `--log-format` and `--log-level` are short for the settings of these names.\n"
    "\n"
    "## Values\n"
    "\n"
    "- **Size**: bytes, or `KiB`, `MiB`, `GiB`. **Time**: `ms`, `s`, `m`, `h` or `d`, never without. **Number**: `200000` or\n"
    "  `200_000`.\n"
    "- `${NAME}` in a value is the variable of this name, and it is an error when there is none; `${NAME:-text}` is `text`\n"
    "  then. `$${` stands for `${`.\n"
    "- `file:PATH` as a value in `env_set` is the content of that file, without the newline at its end. So a secret need\n"
    "  not stand in the configuration.\n"
    "- Relative paths in a file begin at the folder of the file.\n";
/* clang-format on */

static const struct section {
    const char *path; /* what all its settings begin with; "" for those without a dot */
    const char *text;
} sections[] = {
    { "", "## Settings\n" },
    { "servers.*",
      "## Servers\n\nUnder `servers`, each server has a name of a-z, 0-9 and inner dashes, and is served at "
      "`/NAME/mcp`. It has\neither a `command` or a `url`.\n" },
    { "log", "## Log\n\nEvents go to standard error, one a line.\n" },
    { "limits", "## Limits\n\nEverything that somebody else can make grow has a bound.\n" },
};

/* The part of an option's path that follows the section's, or NO_SLICE when it is in another section. */
static struct slice name_in(const struct option *option, struct slice section)
{
    struct slice path = option->path;

    if (section.len == 0)
        return slice_find(path, '.') == SIZE_MAX ? path : NO_SLICE;
    if (!slice_starts(path, section) || path.len == section.len || path.ptr[section.len] != '.')
        return NO_SLICE;
    return slice_from(path, section.len + 1);
}

/* "one of `json`, `text`" */
static void put_choices(struct buf *b, const struct option *option)
{
    struct slice name;
    unsigned value;
    const char *between = "one of";

    for (size_t at = 0; option_next_choice(option, &at, &name, &value); between = ",")
        buf_printf(b, "%s `%.*s`", between, SLICE_ARGS(name));
}

/* What may be written: "default `4MiB`, from `1KiB` to `1GiB`". */
static void put_values(struct buf *b, const struct option *option)
{
    bool has_default = option->default_text.len > 0;

    if (has_default)
        buf_printf(b, "default `%.*s`", SLICE_ARGS(option->default_text));
    if (has_default && option->kind <= OPTION_CHOICE)
        buf_put(b, S(", "));
    if (option->kind == OPTION_CHOICE)
        put_choices(b, option);
    else if (option->kind <= OPTION_DURATION)
        buf_printf(b, "from `%.*s` to `%.*s`", SLICE_ARGS(option->low), SLICE_ARGS(option->high));
    else if (!has_default)
        buf_put(b, option_is_list(option) ? S("a list") : option->kind == OPTION_VALUES ? S("a map") : S("a text"));
}

static void put_setting(struct buf *b, const struct option *option)
{
    buf_printf(b, "\n- **`%.*s`** (", SLICE_ARGS(option->path));
    put_values(b, option);
    buf_printf(b, "%s)\\\n  %.*s\n", option->is_reloadable ? "; a reload takes it over" : "",
               SLICE_ARGS(option->sentence));
}

void describe_reference(struct buf *b)
{
    buf_put(b, slice_of(intro));
    for (size_t i = 0; i < N_ELEMENTS(sections); i++) {
        buf_printf(b, "\n%s", sections[i].text);
        for (size_t j = 0; j < options_count(); j++)
            if (name_in(options_at(j), slice_of(sections[i].path)).ptr != NULL)
                put_setting(b, options_at(j));
    }
}
