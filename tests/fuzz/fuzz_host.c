/*
 * Host and Origin: whatever is let through names one of our own hosts and has nothing hidden in it.
 */
#include "base/check.h"
#include "http/host.h"
#include "support/fuzz.h"

int fuzz_one(const uint8_t *data, size_t size)
{
    const struct slice names[] = { S("gate.example"), S("other.example:8443") };
    const struct slice origins[] = { S("https://app.example") };
    const struct host_rules rules = { .names = names, .n_names = 2, .origins = origins, .n_origins = 1 };
    struct slice text = { (const char *)data, size };
    struct authority authority;

    if (authority_parse(text, &authority) == OK) {
        CHECK(authority.host.len > 0 && authority.host.len <= text.len);
        CHECK(authority.host.ptr >= text.ptr && authority.host.ptr + authority.host.len <= text.ptr + text.len);
        CHECK(slice_find(authority.host, '@') == SIZE_MAX && slice_find(authority.host, '\0') == SIZE_MAX);
    } else {
        authority.host = NO_SLICE;
    }
    if (host_check(&rules, false, text) == OK)
        CHECK(slice_eq_nocase(authority.host, S("gate.example")) ||
              (slice_eq_nocase(authority.host, S("other.example")) && authority.port == 8443));
    if (host_check_origin(&rules, false, text) == OK)
        CHECK(slice_find(text, ' ') == SIZE_MAX);
    return 0;
}
