#include "base/arena.h"

#include <stdalign.h>

#include "support/test.h"

TEST(pieces_are_zeroed_aligned_and_apart)
{
    struct arena a;

    arena_init(&a, 64 * 1024);
    for (size_t size = 1; size < 200; size++) {
        unsigned char *p = arena_alloc(&a, size);
        CHECK(p != NULL && (uintptr_t)p % alignof(max_align_t) == 0);
        for (size_t i = 0; i < size; i++) {
            CHECK_EQ(p[i], 0);
            p[i] = 0xff; /* a piece that overlaps would be found not zero */
        }
    }
    arena_done(&a);
}

TEST(the_ceiling_is_kept)
{
    struct arena a;

    arena_init(&a, 10000);
    CHECK(arena_alloc(&a, 10001) == NULL);
    CHECK(arena_alloc(&a, 8000) != NULL);
    CHECK(arena_alloc(&a, 8000) == NULL);
    CHECK(arena_alloc(&a, 1000) != NULL); /* a refusal costs nothing */
    CHECK(arena_alloc(&a, SIZE_MAX) == NULL);
    arena_done(&a);
}

TEST(a_reset_arena_starts_anew_with_zeroed_memory)
{
    struct arena a;

    arena_init(&a, 64 * 1024);
    char *first = arena_alloc(&a, 100);
    memset(first, 'x', 100);
    CHECK(arena_alloc(&a, 30000) != NULL);
    arena_reset(&a);
    char *again = arena_alloc(&a, 100);
    CHECK(again == first && again[0] == 0 && again[99] == 0);
    CHECK(a.used <= 4096);
    arena_done(&a);
}

TEST(copies_have_a_nul_behind_them)
{
    struct arena a;

    arena_init(&a, 4096);
    struct slice copy = arena_dup(&a, slice_first(S("gatehouse"), 4));
    CHECK_SLICE(copy, "gate");
    CHECK_EQ(copy.ptr[4], 0);
    CHECK(arena_dup(&a, (struct slice){ "", 0 }).ptr != NULL); /* empty is not the same as no room */
    arena_done(&a);
}
