/*
 * gatehouse/server.h: write a Model Context Protocol server in C.
 *
 * NAME
 *     A program makes a server, registers what it offers (tools, resources, prompts, completions), each with a handler,
 *     and hands the server to gatehouse_main(), which speaks the protocol on stdio or over HTTP, to clients of every
 *     revision from 2024-11-05 to 2026-07-28.
 *
 * SYNOPSIS
 *     static void greet(struct gatehouse_call *call, void *user)
 *     {
 *         (void)user;
 *         gatehouse_add_text(call, gatehouse_arg_string(call, "name"));
 *     }
 *
 *     int main(int argc, char **argv)
 *     {
 *         struct gatehouse_server *server =
 *             gatehouse_server_new(&(struct gatehouse_server_options){ .name = "hello", .version = "1.0" });
 *         gatehouse_add_tool(server, &(struct gatehouse_tool){
 *             .name = "greet", .input_schema = "…", .handler = greet });
 *         return gatehouse_main(server, argc, argv);
 *     }
 *
 * HANDLERS
 *     A handler gets one call, adds what it has to say, and returns; there is nothing to hand back. A handler that
 *     returns without a word gives an empty result. Whatever it registers or says is copied: no pointer of the
 *     program's is kept, except `user` and the handler itself.
 *
 * THREADS
 *     Handlers run on a small pool of threads, several at once, also several calls of one tool: what they share by
 *     `user` needs a lock of its own. Functions with a `call` are for the thread that runs its handler and until that
 *     returns. Functions with a `server` may be called from anywhere, handlers included, unless their text says
 *     otherwise.
 *
 * ERRORS
 *     Registering returns what is wrong with an entry, and the server remembers the first such failure in words:
 *     gatehouse_main() prints it and refuses to start, so a program may leave the results alone. What a client does
 *     wrong never reaches a handler as a crash: arguments are checked against `required` and the types of the schema's
 *     properties before the handler is called.
 *
 * TEXT
 *     All text is UTF-8 and ends with a NUL. JSON is passed as text too.
 */
#ifndef GATEHOUSE_SERVER_H
#define GATEHOUSE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define GATEHOUSE_API         __attribute__((visibility("default")))
#define GATEHOUSE_LIKE_PRINTF __attribute__((format(printf, 2, 3)))
#else
#define GATEHOUSE_API
#define GATEHOUSE_LIKE_PRINTF
#endif

struct gatehouse_server; /* what a program offers, and the threads that serve it */
struct gatehouse_call;   /* one request of a client, as its handler sees it */

typedef void (*gatehouse_handler_fn)(struct gatehouse_call *call, void *user);

/* ---- The server -------------------------------------------------------------------------------------------------- */

/* Zero or NULL means the default of every field but the first two. */
struct gatehouse_server_options {
    const char *name;             /* needed: the program's name for other programs, such as "weather" */
    const char *version;          /* needed: "1.0.3" */
    const char *title;            /* its name for people */
    const char *website_url;      /* where people read more */
    const char *instructions;     /* for the model: how to use what this server offers */
    unsigned page_size;           /* entries on one page of a list; default 100, at most 1000 */
    unsigned n_threads;           /* handlers that run at once; default 8, at most 64 */
    unsigned max_waiting;         /* calls that wait for a thread, beyond them clients hear "busy"; default 256 */
    unsigned max_result_bytes;    /* of one answer; default 4 MiB */
    unsigned lists_fresh_ms;      /* how long clients may keep lists and resources without asking again; default 0 */
    bool lists_same_for_everyone; /* shared caches may keep them too */
};

/* Gives a server. Never NULL: what is wrong with the options is remembered like a failed registration. */
GATEHOUSE_API struct gatehouse_server *gatehouse_server_new(const struct gatehouse_server_options *options);

/* Takes a server that gatehouse_main() has not; waits for running handlers. NULL is fine. Not from handlers. */
GATEHOUSE_API void gatehouse_server_free(struct gatehouse_server *server);

/*
 * Serves until the client goes or the program is told to stop (SIGTERM, SIGINT); gives the exit status of main().
 * Takes the server.
 *
 *     PROGRAM                             one client on stdin and stdout
 *     PROGRAM --http                      clients at http://127.0.0.1:8080/mcp
 *     PROGRAM --http --listen HOST:PORT   elsewhere; port 0 picks a free one, the first line on stdout tells which
 *
 * A handler must not write to stdout: on stdio that is the wire.
 */
GATEHOUSE_API int gatehouse_main(struct gatehouse_server *server, int argc, char **argv);

/* The first thing that went wrong while registering, as a sentence; NULL: nothing did. Valid as long as `server`. */
GATEHOUSE_API const char *gatehouse_problem(struct gatehouse_server *server);

/* ---- Registering ------------------------------------------------------------------------------------------------- */

enum gatehouse_result {
    GATEHOUSE_OK = 0,
    GATEHOUSE_BAD_NAME,  /* missing, too long, or with characters that names may not have */
    GATEHOUSE_BAD_JSON,  /* a schema or an annotation is no JSON, no object, or a schema without "type": "object" */
    GATEHOUSE_BAD_ENTRY, /* the handler is missing, a URI is not one, a template cannot be parsed, text is not UTF-8 */
    GATEHOUSE_DUPLICATE, /* the name, URI or argument is taken */
    GATEHOUSE_NOT_FOUND, /* nothing of that name is registered */
    GATEHOUSE_FULL       /* more than 10000 entries of a kind */
};

/* A tool: something the model may do. */
struct gatehouse_tool {
    const char *name;             /* needed: 1 to 128 of A-Z a-z 0-9 _ - . */
    const char *title;            /* for people */
    const char *description;      /* for the model */
    const char *input_schema;     /* JSON Schema (2020-12) of the arguments, an object; NULL: it takes none */
    const char *output_schema;    /* JSON Schema of what gatehouse_set_structured() gives */
    const char *annotations;      /* JSON object of hints, such as {"readOnlyHint":true} */
    gatehouse_handler_fn handler; /* needed */
    void *user;                   /* handed to the handler */
};

/* A resource: something to read, at a fixed URI. */
struct gatehouse_resource {
    const char *uri;  /* needed, with a scheme: "notes://today" */
    const char *name; /* needed */
    const char *title;
    const char *description;
    const char *mime_type;        /* of what is read */
    const char *annotations;      /* JSON object, such as {"audience":["user"]} */
    gatehouse_handler_fn handler; /* needed; called for each read */
    void *user;
};

/* A template: resources at all URIs of one shape. A variable {id} stands for one or more characters other than "/". */
struct gatehouse_template {
    const char *uri_template; /* needed: "notes://{year}/{day}" */
    const char *name;         /* needed */
    const char *title;
    const char *description;
    const char *mime_type;
    const char *annotations;
    gatehouse_handler_fn handler; /* needed; the variables are arguments of the call, percent-decoded */
    void *user;
};

struct gatehouse_prompt_argument {
    const char *name; /* needed: 1 to 128 bytes */
    const char *title;
    const char *description;
    bool required;
};

/* A prompt: messages for the model that a person picks by name. */
struct gatehouse_prompt {
    const char *name; /* needed; like a tool's */
    const char *title;
    const char *description;
    const struct gatehouse_prompt_argument *arguments;
    size_t n_arguments;
    gatehouse_handler_fn handler; /* needed */
    void *user;
};

/* A completion: values to suggest while a person types an argument of a prompt or a variable of a template. */
struct gatehouse_completion {
    const char *prompt;       /* the prompt's name; or … */
    const char *uri_template; /* … the template, spelled as registered; one of the two */
    const char *argument;     /* needed: the argument's or variable's name */
    gatehouse_handler_fn handler;
    void *user;
};

/*
 * Each adds one entry; lists show entries in the order they were added. While the server runs, clients that listen are
 * told that the list has changed.
 */
GATEHOUSE_API enum gatehouse_result gatehouse_add_tool(struct gatehouse_server *server,
                                                       const struct gatehouse_tool *tool);
GATEHOUSE_API enum gatehouse_result gatehouse_add_resource(struct gatehouse_server *server,
                                                           const struct gatehouse_resource *resource);
GATEHOUSE_API enum gatehouse_result gatehouse_add_template(struct gatehouse_server *server,
                                                           const struct gatehouse_template *resource_template);
GATEHOUSE_API enum gatehouse_result gatehouse_add_prompt(struct gatehouse_server *server,
                                                         const struct gatehouse_prompt *prompt);
GATEHOUSE_API enum gatehouse_result gatehouse_add_completion(struct gatehouse_server *server,
                                                             const struct gatehouse_completion *completion);

/*
 * Each takes one entry away, by the name, URI or template it was added with; a prompt or template takes its completions
 * along. A handler that is running goes on, so `user` must stay until it has returned. Not kept by gatehouse_problem().
 */
GATEHOUSE_API enum gatehouse_result gatehouse_remove_tool(struct gatehouse_server *server, const char *name);
GATEHOUSE_API enum gatehouse_result gatehouse_remove_resource(struct gatehouse_server *server, const char *uri);
GATEHOUSE_API enum gatehouse_result gatehouse_remove_template(struct gatehouse_server *server,
                                                              const char *uri_template);
GATEHOUSE_API enum gatehouse_result gatehouse_remove_prompt(struct gatehouse_server *server, const char *name);

/* ---- Telling of changes ------------------------------------------------------------------------------------------ */

/* Adding and removing entries tells by itself; these are for lists that changed in some other way. */
GATEHOUSE_API void gatehouse_tools_changed(struct gatehouse_server *server);
GATEHOUSE_API void gatehouse_prompts_changed(struct gatehouse_server *server);
GATEHOUSE_API void gatehouse_resources_changed(struct gatehouse_server *server);

/* What is read at `uri` is no longer what it was: tells the clients that subscribed to it. */
GATEHOUSE_API void gatehouse_resource_updated(struct gatehouse_server *server, const char *uri);

/* ---- In a handler: what was asked -------------------------------------------------------------------------------- */

/* The tool's or prompt's name, the URI being read, or the prompt or template being completed. */
GATEHOUSE_API const char *gatehouse_subject(const struct gatehouse_call *call);

/* Who is calling: the subject of the login in front of this server, or NULL where there is none. */
GATEHOUSE_API const char *gatehouse_principal(const struct gatehouse_call *call);

/*
 * Arguments of a tool or prompt, variables of a template, or, for completions, arguments chosen so far. Pointers are
 * valid until the handler returns. An argument that is absent or of another type gives NULL or the fallback; so does a
 * string that holds U+0000, which C would read half.
 */
GATEHOUSE_API const char *gatehouse_arg_string(struct gatehouse_call *call, const char *name);
GATEHOUSE_API int64_t gatehouse_arg_int(struct gatehouse_call *call, const char *name, int64_t fallback);
GATEHOUSE_API double gatehouse_arg_number(struct gatehouse_call *call, const char *name, double fallback);
GATEHOUSE_API bool gatehouse_arg_bool(struct gatehouse_call *call, const char *name, bool fallback);
GATEHOUSE_API const char *gatehouse_arg_json(struct gatehouse_call *call, const char *name); /* whatever its type */
GATEHOUSE_API const char *gatehouse_args_json(struct gatehouse_call *call); /* all of them, as one JSON object */

/*
 * For writing JSON, valid until the handler returns: a text as a JSON string with its quotes and escapes, and
 * text formatted like printf's. NULL when memory for this call runs out or the text is not UTF-8; the call then fails
 * by itself.
 */
GATEHOUSE_API const char *gatehouse_quote(struct gatehouse_call *call, const char *text);
GATEHOUSE_API const char *gatehouse_format(struct gatehouse_call *call, const char *format, ...) GATEHOUSE_LIKE_PRINTF;

/* ---- In a handler: what to answer -------------------------------------------------------------------------------- */

/*
 * Each adds one part, in order. In a tool a part is a block of content; in a prompt it is a message; in a resource it
 * is a piece of its contents, at the URI that was asked for unless one is given here. Missing text counts as empty.
 */
GATEHOUSE_API void gatehouse_add_text(struct gatehouse_call *call, const char *text);
GATEHOUSE_API void gatehouse_add_textf(struct gatehouse_call *call, const char *format, ...) GATEHOUSE_LIKE_PRINTF;
GATEHOUSE_API void gatehouse_add_image(struct gatehouse_call *call, const void *data, size_t size,
                                       const char *mime_type);
GATEHOUSE_API void gatehouse_add_audio(struct gatehouse_call *call, const void *data, size_t size,
                                       const char *mime_type);
GATEHOUSE_API void gatehouse_add_data(struct gatehouse_call *call, const void *data, size_t size); /* resources only */
GATEHOUSE_API void gatehouse_add_resource_text(struct gatehouse_call *call, const char *uri, const char *mime_type,
                                               const char *text);
GATEHOUSE_API void gatehouse_add_resource_data(struct gatehouse_call *call, const char *uri, const char *mime_type,
                                               const void *data, size_t size);

/* Tools and prompts: names a resource the client may read, without its contents. `mime_type` may be NULL. */
GATEHOUSE_API void gatehouse_add_link(struct gatehouse_call *call, const char *uri, const char *name,
                                      const char *mime_type);

/* Tools and prompts: a block of content as JSON, for what has no function of its own here. */
GATEHOUSE_API void gatehouse_add_json(struct gatehouse_call *call, const char *json);

/* Tools: the result as JSON for programs, beside the text for models; when no part is added, its text is made of it. */
GATEHOUSE_API void gatehouse_set_structured(struct gatehouse_call *call, const char *json);

/* Prompts: who says the messages that follow (the user, unless told), and what the prompt is about. */
enum gatehouse_role { GATEHOUSE_USER, GATEHOUSE_ASSISTANT };
GATEHOUSE_API void gatehouse_speak_as(struct gatehouse_call *call, enum gatehouse_role role);
GATEHOUSE_API void gatehouse_set_description(struct gatehouse_call *call, const char *text);

/* Completions: what has been typed so far, and one value to suggest; clients are shown the first hundred. */
GATEHOUSE_API const char *gatehouse_typed(const struct gatehouse_call *call);
GATEHOUSE_API void gatehouse_suggest(struct gatehouse_call *call, const char *value);

/*
 * The call failed, and the model shall read why and try something else: a tool's result with that text and nothing but
 * it. Prompts and resources have no such result; there it is an error -32603.
 */
GATEHOUSE_API void gatehouse_fail(struct gatehouse_call *call, const char *text);
GATEHOUSE_API void gatehouse_failf(struct gatehouse_call *call, const char *format, ...) GATEHOUSE_LIKE_PRINTF;

/* The call is refused by an error of the protocol (JSON-RPC): -32602 for parameters that make no sense. */
GATEHOUSE_API void gatehouse_error(struct gatehouse_call *call, int code, const char *message);

/* Resources: nothing is there. */
GATEHOUSE_API void gatehouse_not_found(struct gatehouse_call *call);

/* ---- In a handler: while it runs --------------------------------------------------------------------------------- */

/*
 * How far it is; `progress` grows from call to call, `total` is 0 when unknown, `message` may be NULL. Costs nothing
 * when the client did not ask for it.
 */
GATEHOUSE_API void gatehouse_progress(struct gatehouse_call *call, double progress, double total, const char *message);

enum gatehouse_level {
    GATEHOUSE_DEBUG,
    GATEHOUSE_INFO,
    GATEHOUSE_NOTICE,
    GATEHOUSE_WARNING,
    GATEHOUSE_ERROR,
    GATEHOUSE_CRITICAL,
    GATEHOUSE_ALERT,
    GATEHOUSE_EMERGENCY
};

/* A message for the client's log, if it wants that level; never secrets. `logger` names who speaks, or is NULL. */
GATEHOUSE_API void gatehouse_log(struct gatehouse_call *call, enum gatehouse_level level, const char *logger,
                                 const char *text);
GATEHOUSE_API void gatehouse_log_json(struct gatehouse_call *call, enum gatehouse_level level, const char *logger,
                                      const char *json);

/* Nobody waits for this call any more: return soon. What is added from now on is thrown away. */
GATEHOUSE_API bool gatehouse_cancelled(const struct gatehouse_call *call);

/* Sleeps; false, and early, when the call was cancelled. */
GATEHOUSE_API bool gatehouse_wait_ms(struct gatehouse_call *call, unsigned ms);

/* ---- In a handler: asking the client ----------------------------------------------------------------------------- */

/*
 * A handler never blocks to ask. Each function below looks for the answer: true means it is there. False means that it
 * is not, and that the question will be put when the handler returns; so return. The handler is then called again, from
 * its beginning, with the same arguments and the answers, on whatever thread, perhaps in another process that runs the
 * same program. What it does before it asks must therefore be harmless to repeat.
 *
 *     if (!gatehouse_ask_elicit(call, "who", "What is your name?", SCHEMA))
 *         return;
 *     if (!gatehouse_answer_accepted(call, "who"))
 *         ...
 *     name = gatehouse_answer_string(call, "who", "/content/name");
 *
 * Ask for several things before returning and the client gets all questions at once. Ask for one thing after another
 * and there are several rounds: each time the handler asks for the earlier ones again it finds them answered, for the
 * answers travel along with the call. An answer that does not have the shape of its kind counts as none.
 *
 * `key` names the question within this call. A client that cannot do what is asked (see gatehouse_client_can) ends the
 * call with the error -32021, which names the missing capability; the functions return false.
 */

/* A form for the user. `schema` is a flat JSON Schema object: texts, numbers, yes or no, choices. Never for secrets. */
GATEHOUSE_API bool gatehouse_ask_elicit(struct gatehouse_call *call, const char *key, const char *message,
                                        const char *schema);
/* A page for the user to open, for what must not pass through the client. */
GATEHOUSE_API bool gatehouse_ask_elicit_url(struct gatehouse_call *call, const char *key, const char *message,
                                            const char *url);
/* A completion by the client's model. `params` are those of sampling/createMessage, as JSON. */
GATEHOUSE_API bool gatehouse_ask_sample(struct gatehouse_call *call, const char *key, const char *params);
/* The folders the client works in. */
GATEHOUSE_API bool gatehouse_ask_roots(struct gatehouse_call *call, const char *key);

/*
 * The answer under `key`, once a function above has said true: whole, as JSON text; or a part of it, by JSON Pointer
 * (RFC 6901), such as "/content/name", "/content/text", "/roots/0/uri". NULL when there is none (or no string there).
 */
GATEHOUSE_API const char *gatehouse_answer(struct gatehouse_call *call, const char *key);
GATEHOUSE_API const char *gatehouse_answer_string(struct gatehouse_call *call, const char *key, const char *pointer);
GATEHOUSE_API const char *gatehouse_answer_json(struct gatehouse_call *call, const char *key, const char *pointer);
GATEHOUSE_API bool gatehouse_answer_accepted(struct gatehouse_call *call, const char *key); /* of an elicitation */

/*
 * Bytes for the next round, up to 8 KiB, kept for the caller of this very call, encrypted and sealed: nobody reads or
 * alters them. They last for one round unless set again. gatehouse_state() gives those of the round before, or NULL in
 * the first.
 */
GATEHOUSE_API void gatehouse_set_state(struct gatehouse_call *call, const void *data, size_t size);
GATEHOUSE_API const void *gatehouse_state(const struct gatehouse_call *call, size_t *size);

/* What the client can do, of the things a server may ask of it. */
enum gatehouse_capability {
    GATEHOUSE_CAN_ELICIT_FORM,
    GATEHOUSE_CAN_ELICIT_URL,
    GATEHOUSE_CAN_SAMPLE,
    GATEHOUSE_CAN_SAMPLE_WITH_TOOLS,
    GATEHOUSE_CAN_LIST_ROOTS
};
GATEHOUSE_API bool gatehouse_client_can(const struct gatehouse_call *call, enum gatehouse_capability capability);

/* True if the client can; otherwise the call ends with the error -32021 and the handler should return. */
GATEHOUSE_API bool gatehouse_need_capability(struct gatehouse_call *call, enum gatehouse_capability capability);

#ifdef __cplusplus
}
#endif

#endif
