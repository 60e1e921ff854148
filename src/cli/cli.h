/*
 * The command line: what `gatehouse ...` does.
 */
#pragma once

/* Does it. Gives the exit status: 0 done, 1 it failed, 2 the command line or the configuration is wrong. */
int cli_main(int argc, char **argv);
