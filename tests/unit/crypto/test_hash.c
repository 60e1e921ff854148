#include "crypto/hash.h"

#include "hex.h"

TEST(sha256_of_nothing_and_of_abc)
{
    uint8_t digest[HASH_SHA256_BYTES];

    hash_sha256(NO_SLICE, digest);
    check_hex(digest, sizeof(digest), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hash_sha256(S("abc"), digest);
    check_hex(digest, sizeof(digest), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(hmac_as_in_rfc_4231)
{
    uint8_t mac[HASH_SHA256_BYTES];

    hash_hmac_sha256(S("Jefe"), S("what do ya want for nothing?"), mac);
    check_hex(mac, sizeof(mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(hmac_of_nothing_with_no_key)
{
    uint8_t mac[HASH_SHA256_BYTES];

    hash_hmac_sha256(NO_SLICE, NO_SLICE, mac);
    check_hex(mac, sizeof(mac), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(hkdf_as_in_rfc_5869_with_salt_and_info)
{
    struct slice key = S("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b");
    struct slice salt = S("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c");
    struct slice info = S("\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9");
    uint8_t out[42];

    hash_hkdf_sha256(key, salt, info, out, sizeof(out));
    check_hex(out, sizeof(out), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST(hkdf_as_in_rfc_5869_without_salt_and_info)
{
    struct slice key = S("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b");
    uint8_t out[42];

    hash_hkdf_sha256(key, NO_SLICE, NO_SLICE, out, sizeof(out));
    check_hex(out, sizeof(out), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}
