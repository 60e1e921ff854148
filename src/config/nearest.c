#include "config/nearest.h"

#include <stdint.h>

#include "base/num.h"

#define MAX_WORD 64u

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c == '_' ? '-' : c;
}

size_t nearest_distance(struct slice a, struct slice b)
{
    /* Three rows of the table are enough: each cell looks at most two rows up. */
    uint8_t rows[3][MAX_WORD + 1];
    uint8_t *before = rows[0];
    uint8_t *above = rows[1];
    uint8_t *row = rows[2];

    if (a.len > MAX_WORD || b.len > MAX_WORD)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        above[j] = (uint8_t)j;

    for (size_t i = 1; i <= a.len; i++) {
        row[0] = (uint8_t)i;
        for (size_t j = 1; j <= b.len; j++) {
            char x = fold(a.ptr[i - 1]);
            char y = fold(b.ptr[j - 1]);
            uint64_t cost = min_u64(above[j - 1] + (x != y ? 1u : 0u), min_u64(above[j], row[j - 1]) + 1u);
            if (i > 1 && j > 1 && x == fold(b.ptr[j - 2]) && fold(a.ptr[i - 2]) == y)
                cost = min_u64(cost, before[j - 2] + 1u);
            row[j] = (uint8_t)cost;
        }
        uint8_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b.len];
}

struct nearest nearest_to(struct slice wanted)
{
    /* About a third of the letters may be wrong; of short words, one. */
    return (struct nearest){ .wanted = wanted, .best = NO_SLICE, .distance = wanted.len < 4 ? 1 : wanted.len / 3 + 1 };
}

void nearest_offer(struct nearest *n, struct slice candidate)
{
    size_t distance = nearest_distance(n->wanted, candidate);

    if (distance < n->distance || (distance == n->distance && n->best.ptr == NULL)) {
        n->best = candidate;
        n->distance = distance;
    }
}
