/*
 * The revisions of the protocol, and the two eras they fall into (eras 1).
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

enum revision {
    REVISION_UNKNOWN = 0,
    REVISION_2024_11_05,
    REVISION_2025_03_26,
    REVISION_2025_06_18,
    REVISION_2025_11_25,
    REVISION_2026_07_28,
};

enum era {
    ERA_UNKNOWN = 0,
    ERA_LEGACY, /* a handshake, then a session */
    ERA_MODERN, /* every request says everything */
};

#define REVISION_NEWEST_LEGACY REVISION_2025_11_25
#define REVISION_NEWEST_MODERN REVISION_2026_07_28

enum revision revision_of(struct slice text); /* "2025-11-25"; anything else is REVISION_UNKNOWN */
struct slice revision_text(enum revision r);  /* empty for REVISION_UNKNOWN */
enum era revision_era(enum revision r);
