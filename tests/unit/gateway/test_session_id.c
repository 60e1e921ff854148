#include "gateway/session_id.h"

#include "crypto/keyring.h"
#include "crypto/seal.h"
#include "support/test.h"

#define NOW 1000000

static const struct session_id ada = {
    .name = "0123456789abcde",
    .endpoint = S("/mcp"),
    .envelope = { .era = ERA_LEGACY,
                  .revision = REVISION_2025_06_18,
                  .principal = S("ada"),
                  .capabilities = S("{\"elicitation\":{},\"roots\":{\"listChanged\":true}}"),
                  .client_info = S("{\"name\":\"c\",\"version\":\"1\"}") },
};

static struct keyring *keyring;
static struct arena arena;
static struct session_id got;

static void begin(struct buf *id)
{
    CHECK_OK(keyring_ephemeral(&keyring));
    arena_init(&arena, 64 * 1024);
    buf_init(id, 64 * 1024);
}

static void end(void)
{
    keyring_free(keyring);
    arena_done(&arena);
}

TEST(an_id_says_who_where_and_what_the_client_can)
{
    auto_buf id;

    begin(&id);
    CHECK_OK(session_id_seal(&ada, keyring, NOW, &id));
    CHECK_OK(session_id_open(buf_slice(&id), keyring, NOW, &arena, &got));
    CHECK(memcmp(got.name, ada.name, SESSION_NAME_BYTES) == 0);
    CHECK_SLICE(got.endpoint, "/mcp");
    CHECK_SLICE(got.envelope.principal, "ada");
    CHECK_EQ(got.envelope.era, ERA_LEGACY);
    CHECK_EQ(got.envelope.revision, REVISION_2025_06_18);
    CHECK_EQ(got.envelope.log_level, SEVERITY_DEBUG);
    CHECK_SLICE(got.envelope.capabilities, "{\"elicitation\":{},\"roots\":{\"listChanged\":true}}");
    CHECK_SLICE(got.envelope.client_info, "{\"name\":\"c\",\"version\":\"1\"}");
    CHECK(envelope_can(&got.envelope, ENVELOPE_CAN_ELICIT_FORM) && !envelope_can(&got.envelope, ENVELOPE_CAN_SAMPLE));
    end();
}

TEST(what_was_not_declared_is_not_declared)
{
    struct session_id bare = ada;
    auto_buf id;

    begin(&id);
    bare.envelope.capabilities = bare.envelope.client_info = NO_SLICE;
    CHECK_OK(session_id_seal(&bare, keyring, NOW, &id));
    CHECK_OK(session_id_open(buf_slice(&id), keyring, NOW, &arena, &got));
    CHECK_EQ(got.envelope.capabilities.len + got.envelope.client_info.len, 0);
    CHECK_EQ(got.envelope.abilities, 0);
    end();
}

TEST(an_id_holds_only_characters_that_a_header_may)
{
    auto_buf id;

    begin(&id);
    CHECK_OK(session_id_seal(&ada, keyring, NOW, &id));
    for (size_t i = 0; i < id.len; i++)
        CHECK(id.ptr[i] > 0x20 && id.ptr[i] < 0x7f);
    end();
}

TEST(an_id_ends_with_its_life)
{
    auto_buf id;

    begin(&id);
    CHECK_OK(session_id_seal(&ada, keyring, NOW, &id));
    CHECK_OK(session_id_open(buf_slice(&id), keyring, NOW + SESSION_LIFE_S - 1, &arena, &got));
    CHECK_ERR(session_id_open(buf_slice(&id), keyring, NOW + SESSION_LIFE_S + 1, &arena, &got), ERR_EXPIRED);
    end();
}

TEST(an_altered_id_is_refused_wherever_it_was_altered)
{
    auto_buf id;

    begin(&id);
    CHECK_OK(session_id_seal(&ada, keyring, NOW, &id));
    for (size_t i = 0; i < id.len; i++) {
        char was = id.ptr[i];
        id.ptr[i] = was == 'A' ? 'B' : 'A';
        CHECK(session_id_open(buf_slice(&id), keyring, NOW, &arena, &got) != OK);
        id.ptr[i] = was;
    }
    for (size_t len = 0; len < id.len; len++)
        CHECK(session_id_open(slice_first(buf_slice(&id), len), keyring, NOW, &arena, &got) != OK);
    CHECK_OK(session_id_open(buf_slice(&id), keyring, NOW, &arena, &got));
    end();
}

TEST(an_id_of_another_house_or_another_purpose_is_refused)
{
    auto_free(keyring) other = NULL;
    auto_buf id;
    auto_buf state;

    begin(&id);
    CHECK_OK(keyring_ephemeral(&other));
    CHECK_OK(session_id_seal(&ada, keyring, NOW, &id));
    CHECK_ERR(session_id_open(buf_slice(&id), other, NOW, &arena, &got), ERR_SEAL);

    buf_init(&state, 1000);
    CHECK_OK(seal(keyring, SEAL_REQUEST_STATE, NO_SLICE, S("{}"), NOW + 1, &state));
    CHECK_ERR(session_id_open(buf_slice(&state), keyring, NOW, &arena, &got), ERR_SEAL);
    end();
}

TEST(sealed_nonsense_is_refused_all_the_same)
{
    static const struct slice texts[] = { S(""), S("{"), S("[]"), S("{\"name\":\"AAAA\"}"), S("{\"name\":\"!\"}") };
    auto_buf id;

    begin(&id);
    for (size_t i = 0; i < N_ELEMENTS(texts); i++) {
        buf_clear(&id);
        CHECK_OK(seal(keyring, SEAL_SESSION, NO_SLICE, texts[i], NOW + 1, &id));
        CHECK(session_id_open(buf_slice(&id), keyring, NOW, &arena, &got) != OK);
    }
    end();
}

TEST(a_client_that_declares_too_much_gets_no_id)
{
    static char large[SESSION_ID_MAX + 100];
    struct session_id greedy = ada;
    auto_buf id;

    begin(&id);
    memset(large, 'x', sizeof(large));
    large[0] = large[sizeof(large) - 1] = '"';
    greedy.envelope.client_info = (struct slice){ large, sizeof(large) };
    CHECK_ERR(session_id_seal(&greedy, keyring, NOW, &id), ERR_LIMIT);

    large[5000] = '"'; /* fits, but not when it is sealed */
    greedy.envelope.client_info.len = 5001;
    buf_put(&id, S("before"));
    CHECK_ERR(session_id_seal(&greedy, keyring, NOW, &id), ERR_LIMIT);
    CHECK_SLICE(buf_slice(&id), "before");

    large[4000] = '"';
    greedy.envelope.client_info.len = 4001;
    buf_clear(&id);
    CHECK_OK(session_id_seal(&greedy, keyring, NOW, &id));
    CHECK(id.len <= SESSION_ID_MAX);
    CHECK_OK(session_id_open(buf_slice(&id), keyring, NOW, &arena, &got));

    buf_put(&id, (struct slice){ large, sizeof(large) });
    CHECK_ERR(session_id_open(buf_slice(&id), keyring, NOW, &arena, &got), ERR_LIMIT);
    end();
}

TEST(an_arena_that_is_full_is_a_limit_not_half_an_id)
{
    auto_buf id;
    struct arena small;

    begin(&id);
    CHECK_OK(session_id_seal(&ada, keyring, NOW, &id));
    arena_init(&small, 1);
    CHECK_ERR(session_id_open(buf_slice(&id), keyring, NOW, &small, &got), ERR_LIMIT);
    arena_done(&small);
    end();
}
