#include "config/problems.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "obs/log_line.h"

#define MESSAGE_BYTES (8u << 10)
#define QUOTED_BYTES  80u

void problems_done(struct problems *p)
{
    for (size_t i = 0; i < p->n; i++) {
        free(p->items[i].origin);
        free(p->items[i].text);
    }
    free(p->items);
    *p = (struct problems){ 0 };
}

void problem_add(struct problems *p, struct place place, const char *format, ...)
{
    auto_buf text = { 0 };
    va_list args;

    if (p->n == PROBLEMS_MAX) {
        p->n_more++;
        return;
    }
    if (p->items == NULL)
        p->items = mem_zalloc(PROBLEMS_MAX, sizeof(*p->items));

    buf_init(&text, MESSAGE_BYTES);
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    p->items[p->n++] =
        (struct problem){ mem_strdup(slice_of(place.origin)), place.line, place.column, mem_strdup(buf_slice(&text)) };
}

struct buf problem_quote(struct slice text)
{
    struct slice shown = slice_first(text, QUOTED_BYTES);
    struct buf b;

    if (shown.len < text.len) /* not in the middle of a character */
        while (shown.len > QUOTED_BYTES - 4 && ((unsigned char)text.ptr[shown.len] & 0xc0) == 0x80)
            shown.len--;
    buf_init(&b, 6 * QUOTED_BYTES + 16);
    buf_putc(&b, '"');
    log_escape(&b, shown);
    if (shown.len < text.len)
        buf_put(&b, S("…"));
    buf_put(&b, (struct slice){ "\"", 2 }); /* with the NUL, for %s */
    return b;
}

/* The first problem with the same origin as this one: origins keep the order in which they were met. */
static size_t first_of_origin(const struct problems *p, const struct problem *problem)
{
    size_t i = 0;

    while (strcmp(p->items[i].origin, problem->origin) != 0)
        i++;
    return i;
}

/* Is `a`, which was found later, to be printed before `b`? */
static bool comes_before(const struct problems *p, const struct problem *a, const struct problem *b)
{
    size_t origin_a = first_of_origin(p, a);
    size_t origin_b = first_of_origin(p, b);

    if (origin_a != origin_b)
        return origin_a < origin_b;
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

static void print_one(const struct problem *problem, struct buf *ret)
{
    if (problem->line > 0)
        buf_printf(ret, "%s:%u:%u: %s\n", problem->origin, problem->line, problem->column, problem->text);
    else
        buf_printf(ret, "%s: %s\n", problem->origin, problem->text);
}

void problems_print(const struct problems *p, struct buf *ret)
{
    const struct problem *order[PROBLEMS_MAX];

    for (size_t i = 0; i < p->n; i++) {
        size_t at = i;
        for (; at > 0 && comes_before(p, &p->items[i], order[at - 1]); at--)
            order[at] = order[at - 1];
        order[at] = &p->items[i];
    }
    for (size_t i = 0; i < p->n; i++)
        print_one(order[i], ret);
    if (p->n_more > 0)
        buf_printf(ret, "and %zu more\n", p->n_more);
}
