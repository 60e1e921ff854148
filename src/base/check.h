/*
 * CHECK: an assertion that stays in release builds. Our own bugs abort; other people's input returns an error.
 */
#pragma once

_Noreturn void check_failed(const char *condition, const char *file, int line);

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            check_failed(#condition, __FILE__, __LINE__);                                                              \
    } while (0)
