#include "mcp/revision.h"

#include "support/test.h"

TEST(every_revision_has_one_text_and_one_era)
{
    for (enum revision r = REVISION_2024_11_05; r <= REVISION_2026_07_28; r++) {
        CHECK_EQ(revision_of(revision_text(r)), r);
        CHECK_EQ(revision_era(r), r == REVISION_2026_07_28 ? ERA_MODERN : ERA_LEGACY);
    }
    CHECK_SLICE(revision_text(REVISION_NEWEST_LEGACY), "2025-11-25");
    CHECK_SLICE(revision_text(REVISION_NEWEST_MODERN), "2026-07-28");
}

TEST(anything_else_is_no_revision_and_has_no_era)
{
    CHECK_EQ(revision_of(NO_SLICE), REVISION_UNKNOWN);
    CHECK_EQ(revision_of(S("")), REVISION_UNKNOWN);
    CHECK_EQ(revision_of(S("2025-11-26")), REVISION_UNKNOWN);
    CHECK_EQ(revision_of(S("2025-11-25 ")), REVISION_UNKNOWN);
    CHECK_EQ(revision_text(REVISION_UNKNOWN).len, 0);
    CHECK_EQ(revision_era(REVISION_UNKNOWN), ERA_UNKNOWN);
}
