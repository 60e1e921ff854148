#include "crypto/aead.h"

#include "hex.h"

static const uint8_t key[AEAD_KEY_BYTES];
static const uint8_t nonce[AEAD_NONCE_BYTES];

TEST(gcm_as_in_its_specification_with_a_key_of_zeros)
{
    static const char zeros[16];
    auto_buf sealed;

    buf_init(&sealed, 100);
    CHECK_OK(aead_seal(key, nonce, NO_SLICE, (struct slice){ zeros, sizeof(zeros) }, &sealed));
    check_hex((const uint8_t *)sealed.ptr, sealed.len,
              "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
    buf_clear(&sealed);
    CHECK_OK(aead_seal(key, nonce, NO_SLICE, NO_SLICE, &sealed));
    check_hex((const uint8_t *)sealed.ptr, sealed.len, "530f8afbc74536b9a963b4f1c4cb738b");
}

TEST(what_was_sealed_opens_and_is_appended)
{
    auto_buf sealed, plain;

    buf_init(&sealed, 100);
    buf_init(&plain, 100);
    buf_put(&plain, S("before "));
    CHECK_OK(aead_seal(key, nonce, S("bound"), S("a text"), &sealed));
    CHECK_OK(aead_open(key, nonce, S("bound"), buf_slice(&sealed), &plain));
    CHECK_SLICE(buf_slice(&plain), "before a text");
}

TEST(nothing_opens_that_differs_in_one_bit)
{
    auto_buf sealed, plain;

    buf_init(&sealed, 100);
    buf_init(&plain, 100);
    CHECK_OK(aead_seal(key, nonce, S("bound"), S("a text"), &sealed));
    for (size_t bit = 0; bit < sealed.len * 8; bit++) {
        sealed.ptr[bit / 8] = (char)(sealed.ptr[bit / 8] ^ (1 << bit % 8));
        CHECK_ERR(aead_open(key, nonce, S("bound"), buf_slice(&sealed), &plain), ERR_SEAL);
        sealed.ptr[bit / 8] = (char)(sealed.ptr[bit / 8] ^ (1 << bit % 8));
    }
    CHECK_ERR(aead_open(key, nonce, S("Bound"), buf_slice(&sealed), &plain), ERR_SEAL);
    CHECK_ERR(aead_open(key, nonce, NO_SLICE, buf_slice(&sealed), &plain), ERR_SEAL);
    CHECK_ERR(aead_open(key, nonce, S("bound"), slice_from(buf_slice(&sealed), 1), &plain), ERR_SEAL);
    CHECK_ERR(aead_open(key, nonce, S("bound"), S("short"), &plain), ERR_SEAL);
    CHECK_EQ(plain.len, 0);
}

TEST(a_full_buffer_is_an_error)
{
    auto_buf sealed;

    buf_init(&sealed, 21);
    CHECK_ERR(aead_seal(key, nonce, NO_SLICE, S("a text"), &sealed), ERR_LIMIT);
    CHECK_EQ(sealed.len, 0);
}
