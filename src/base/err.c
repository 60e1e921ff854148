#include "base/err.h"

#include <stddef.h>

#include "base/attr.h"

static const struct row {
    const char *name;
    const char *text;
    enum err_class class;
} rows[] = {
    [WAIT] = { "wait", "not yet", ERR_CLASS_NONE },
    [OK] = { "ok", "no failure", ERR_CLASS_NONE },
#define ERR(name, class, text) [ERR_##name] = { #name, text, ERR_CLASS_##class },
#include "base/err.def"
#undef ERR
};

static const struct row *row_of(enum err e)
{
    static const struct row unknown = { "unknown", "an unknown failure", ERR_CLASS_SYSTEM };

    return (size_t)e < N_ELEMENTS(rows) ? &rows[e] : &unknown;
}

const char *err_name(enum err e)
{
    return row_of(e)->name;
}

const char *err_text(enum err e)
{
    return row_of(e)->text;
}

enum err_class err_class(enum err e)
{
    return row_of(e)->class;
}
