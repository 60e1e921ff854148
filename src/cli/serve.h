/*
 * Serving: the one place that puts the program together, runs it until it is told to end, and takes it apart.
 */
#pragma once

#include "config/config.h"

struct warden;

/*
 * Serves what the configuration says until SIGTERM or SIGINT. Gives the exit status; what failed is in the log. The
 * environment is that from which programs inherit. All is borrowed.
 */
int serve(const struct config *config, struct warden *warden, const char *const *environment);
