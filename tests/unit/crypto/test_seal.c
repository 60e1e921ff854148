#include "crypto/seal.h"

#include "hex.h"

#define NOW 1000

static struct keyring *ring_of(const char *name)
{
    char key[KEYRING_KEY_BYTES] = { 0 };
    struct keyring *ring = NULL;

    memcpy(key, name, strlen(name));
    CHECK_OK(keyring_of((struct slice){ key, sizeof(key) }, &ring));
    return ring;
}

static enum err open_it(const struct keyring *ring, enum seal_purpose purpose, struct slice context, struct slice text,
                        int64_t now_s)
{
    auto_buf plain;

    buf_init(&plain, 100000);
    enum err e = unseal(ring, purpose, context, text, now_s, &plain);
    CHECK(e == OK || plain.len == 0);
    return e;
}

TEST(what_was_sealed_comes_back_until_it_expires)
{
    auto_free(keyring) ring = ring_of("a");
    auto_buf text, plain;

    buf_init(&text, 1000);
    buf_init(&plain, 1000);
    CHECK_OK(seal(ring, SEAL_SESSION, S("ada"), S("session\0of ada"), NOW + 10, &text));
    CHECK_OK(unseal(ring, SEAL_SESSION, S("ada"), buf_slice(&text), NOW + 9, &plain));
    CHECK(slice_eq(buf_slice(&plain), S("session\0of ada")));
    CHECK_ERR(open_it(ring, SEAL_SESSION, S("ada"), buf_slice(&text), NOW + 10), ERR_EXPIRED);
    CHECK_ERR(open_it(ring, SEAL_SESSION, S("ada"), buf_slice(&text), INT64_MAX), ERR_EXPIRED);
}

TEST(the_text_fits_a_header_a_url_and_json)
{
    auto_free(keyring) ring = ring_of("a");
    auto_buf text;

    buf_init(&text, 1000);
    CHECK_OK(seal(ring, SEAL_SESSION, NO_SLICE, S("\xff\x00\x10"), NOW, &text));
    CHECK(slice_starts(buf_slice(&text), S("v1.")));
    for (size_t i = 0; i < text.len; i++)
        CHECK(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.", text.ptr[i]) != NULL);
}

TEST(two_seals_of_one_thing_differ)
{
    auto_free(keyring) ring = ring_of("a");
    auto_buf one, other;

    buf_init(&one, 1000);
    buf_init(&other, 1000);
    CHECK_OK(seal(ring, SEAL_SESSION, NO_SLICE, S("x"), NOW, &one));
    CHECK_OK(seal(ring, SEAL_SESSION, NO_SLICE, S("x"), NOW, &other));
    CHECK(!slice_eq(slice_from(buf_slice(&one), 12), slice_from(buf_slice(&other), 12)));
}

TEST(another_purpose_context_or_key_does_not_open_it)
{
    auto_free(keyring) ring = ring_of("a");
    auto_free(keyring) stranger = ring_of("b");
    auto_buf text;

    buf_init(&text, 1000);
    CHECK_OK(seal(ring, SEAL_SESSION, S("ada"), S("x"), NOW + 10, &text));
    CHECK_ERR(open_it(ring, SEAL_REQUEST_STATE, S("ada"), buf_slice(&text), NOW), ERR_SEAL);
    CHECK_ERR(open_it(ring, SEAL_SESSION, S("bob"), buf_slice(&text), NOW), ERR_SEAL);
    CHECK_ERR(open_it(ring, SEAL_SESSION, NO_SLICE, buf_slice(&text), NOW), ERR_SEAL);
    CHECK_ERR(open_it(stranger, SEAL_SESSION, S("ada"), buf_slice(&text), NOW), ERR_SEAL);
}

TEST(no_character_can_be_changed_added_or_left_out)
{
    auto_free(keyring) ring = ring_of("a");
    auto_buf text;

    buf_init(&text, 1000);
    CHECK_OK(seal(ring, SEAL_SESSION, S("ada"), S("hello"), NOW + 10, &text));
    for (size_t i = 0; i < text.len; i++) {
        char before = text.ptr[i];
        for (const char *c = "Aa0-_.=/ "; *c != '\0'; c++) {
            text.ptr[i] = *c;
            CHECK_ERR(open_it(ring, SEAL_SESSION, S("ada"), buf_slice(&text), NOW), *c == before ? OK : ERR_SEAL);
        }
        text.ptr[i] = before;
        CHECK_ERR(open_it(ring, SEAL_SESSION, S("ada"), slice_first(buf_slice(&text), i), NOW), ERR_SEAL);
    }
    buf_putc(&text, 'A');
    CHECK_ERR(open_it(ring, SEAL_SESSION, S("ada"), buf_slice(&text), NOW), ERR_SEAL);
}

TEST(what_never_was_a_seal_is_refused_the_same_way)
{
    auto_free(keyring) ring = ring_of("a");
    static char long_text[SEAL_MAX_BYTES + 1];
    const char *texts[] = { "",
                            "v1",
                            "v1.",
                            "v1..",
                            "v1.00000000.",
                            "v1.00000000.AAAA",
                            "v2.00000000.AAAA",
                            "....",
                            "1868a90d-e4b7-4b0c-a7b8-8d3d1a3b6f0e" };

    for (size_t i = 0; i < N_ELEMENTS(texts); i++)
        CHECK_ERR(open_it(ring, SEAL_SESSION, NO_SLICE, slice_of(texts[i]), NOW), ERR_SEAL);
    CHECK_ERR(open_it(ring, SEAL_SESSION, NO_SLICE, NO_SLICE, NOW), ERR_SEAL);
    memset(long_text, 'A', sizeof(long_text));
    CHECK_ERR(open_it(ring, SEAL_SESSION, NO_SLICE, (struct slice){ long_text, sizeof(long_text) }, NOW), ERR_SEAL);
}

TEST(an_old_key_opens_and_the_new_one_seals)
{
    char keys[2 * KEYRING_KEY_BYTES] = "new";
    auto_free(keyring) old = ring_of("old");
    auto_free(keyring) both = NULL;
    auto_buf text, newer;

    memcpy(keys + KEYRING_KEY_BYTES, "old", 3);
    CHECK_OK(keyring_of((struct slice){ keys, sizeof(keys) }, &both));
    buf_init(&text, 1000);
    buf_init(&newer, 1000);
    CHECK_OK(seal(old, SEAL_SESSION, NO_SLICE, S("x"), NOW + 10, &text));
    CHECK_OK(open_it(both, SEAL_SESSION, NO_SLICE, buf_slice(&text), NOW));
    CHECK_OK(seal(both, SEAL_SESSION, NO_SLICE, S("x"), NOW + 10, &newer));
    CHECK_ERR(open_it(old, SEAL_SESSION, NO_SLICE, buf_slice(&newer), NOW), ERR_SEAL);
}

TEST(sixteen_kib_of_state_fit_and_more_than_comes_back_is_refused_at_once)
{
    auto_free(keyring) ring = ring_of("a");
    static char state[SEAL_MAX_BYTES];
    auto_buf text;

    memset(state, 's', sizeof(state));
    buf_init(&text, 1u << 20);
    CHECK_OK(seal(ring, SEAL_REQUEST_STATE, NO_SLICE, (struct slice){ state, 16 * 1024 + 512 }, NOW + 1, &text));
    CHECK_OK(open_it(ring, SEAL_REQUEST_STATE, NO_SLICE, buf_slice(&text), NOW));
    buf_clear(&text);
    CHECK_ERR(seal(ring, SEAL_REQUEST_STATE, NO_SLICE, (struct slice){ state, sizeof(state) }, NOW + 1, &text),
              ERR_LIMIT);
    CHECK_EQ(text.len, 0);
}

TEST(a_full_buffer_is_an_error_both_ways)
{
    auto_free(keyring) ring = ring_of("a");
    auto_buf text, plain;

    buf_init(&text, 80);
    buf_init(&plain, 4);
    CHECK_ERR(seal(ring, SEAL_SESSION, NO_SLICE, S("hello"), NOW, &text), ERR_LIMIT);
    CHECK_EQ(text.len, 0);
    buf_done(&text);
    buf_init(&text, 1000);
    CHECK_OK(seal(ring, SEAL_SESSION, NO_SLICE, S("hello"), NOW + 1, &text));
    CHECK_ERR(unseal(ring, SEAL_SESSION, NO_SLICE, buf_slice(&text), NOW, &plain), ERR_LIMIT);
}
