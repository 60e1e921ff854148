#include "mcp/revision.h"

#include "base/attr.h"

static const struct slice texts[] = {
    [REVISION_UNKNOWN] = { "", 0 },          [REVISION_2024_11_05] = S("2024-11-05"),
    [REVISION_2025_03_26] = S("2025-03-26"), [REVISION_2025_06_18] = S("2025-06-18"),
    [REVISION_2025_11_25] = S("2025-11-25"), [REVISION_2026_07_28] = S("2026-07-28"),
};

enum revision revision_of(struct slice text)
{
    for (enum revision r = REVISION_2024_11_05; r <= REVISION_2026_07_28; r++)
        if (slice_eq(text, texts[r]))
            return r;
    return REVISION_UNKNOWN;
}

struct slice revision_text(enum revision r)
{
    return texts[r];
}

enum era revision_era(enum revision r)
{
    if (r == REVISION_UNKNOWN)
        return ERA_UNKNOWN;
    return r >= REVISION_2026_07_28 ? ERA_MODERN : ERA_LEGACY;
}
