/*
 * The parts of this example: each adds its tools, resources or prompts to the server.
 */
#pragma once

#include <stddef.h>

#include <gatehouse/server.h>

void add_content_tools(struct gatehouse_server *server);  /* what a tool can answer, and tell while it runs */
void add_question_tools(struct gatehouse_server *server); /* asking the client once */
void add_round_tools(struct gatehouse_server *server);    /* asking several times, with state */
void add_resources(struct gatehouse_server *server);
void add_prompts(struct gatehouse_server *server);
void add_change_tools(struct gatehouse_server *server); /* what clients are told of when it changes */

/* A tool with a name and a description, and arguments if `schema` is not NULL. `user` is the server. */
void add_tool(struct gatehouse_server *server, const char *name, const char *description, const char *schema,
              gatehouse_handler_fn handler);

/* Samples of binary content: a picture of one red pixel, and two thousandths of a second of silence. */
extern const unsigned char red_pixel_png[];
extern const size_t red_pixel_png_size;
extern const unsigned char silence_wav[];
extern const size_t silence_wav_size;
