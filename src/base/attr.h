/*
 * The few macros that every file leans on: attributes, ownership of locals, early return.
 */
#pragma once

#include <stddef.h>

#define must_use          __attribute__((warn_unused_result))
#define format_like(f, a) __attribute__((format(printf, f, a)))
#define FALLTHROUGH       __attribute__((fallthrough))
#define UNREACHABLE()     __builtin_trap()
#define N_ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* auto_free(thing) t = NULL; calls thing_free(t) when t leaves its scope, however it leaves. */
#define auto_free(type) __attribute__((cleanup(type##_freep))) struct type *
#define DEFINE_AUTO_FREE(type)                                                                                         \
    static inline void type##_freep(struct type **p)                                                                   \
    {                                                                                                                  \
        type##_free(*p);                                                                                               \
    }

/* Moves a pointer out of its variable: the variable becomes NULL, the value is the caller's. */
#define TAKE(var)                                                                                                      \
    __extension__({                                                                                                    \
        __typeof__(var) taken_ = (var);                                                                                \
        (var) = NULL;                                                                                                  \
        taken_;                                                                                                        \
    })

/* The struct of `type` whose `member` is at `ptr`. */
#define container_of(ptr, type, member) ((type *)(void *)(((char *)(ptr)) - offsetof(type, member)))

/* The only macro that may return: leaves with whatever is not OK, an error or WAIT. Needs "base/err.h". */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        enum err try_ = (call);                                                                                        \
        if (try_ != OK)                                                                                                \
            return try_;                                                                                               \
    } while (0)
