#include "base/buf.h"

#include "support/test.h"

TEST(writes_follow_one_another)
{
    auto_buf b;

    buf_init(&b, 100);
    buf_put(&b, S("n="));
    buf_put_u64(&b, UINT64_MAX);
    buf_putc(&b, ' ');
    buf_put_u64(&b, 0);
    buf_printf(&b, " %s-%03d", "x", 7);
    CHECK_SLICE(buf_slice(&b), "n=18446744073709551615 0 x-007");
    CHECK_OK(buf_ok(&b));
}

TEST(a_write_that_does_not_fit_changes_nothing_and_is_remembered)
{
    auto_buf b;

    buf_init(&b, 8);
    buf_put(&b, S("12345678"));
    CHECK_OK(buf_ok(&b)); /* N fits */
    buf_putc(&b, '9');
    CHECK_SLICE(buf_slice(&b), "12345678");
    CHECK_ERR(buf_ok(&b), ERR_LIMIT);
    buf_consume(&b, 4);
    buf_put(&b, S("abc"));
    CHECK_SLICE(buf_slice(&b), "5678abc");
    CHECK_ERR(buf_ok(&b), ERR_LIMIT); /* until it is cleared */
    buf_clear(&b);
    CHECK_OK(buf_ok(&b));
}

TEST(memory_grows_no_further_than_the_ceiling)
{
    auto_buf b;

    buf_init(&b, 1000);
    for (int i = 0; i < 1000; i++)
        buf_putc(&b, 'x');
    CHECK_OK(buf_ok(&b));
    CHECK_EQ(b.size, 1000);
    CHECK_ERR(buf_reserve(&b, 1), ERR_LIMIT);
    CHECK_ERR(buf_reserve(&b, SIZE_MAX), ERR_LIMIT);
}

TEST(the_front_can_be_dropped_and_the_end_cut)
{
    auto_buf b;

    buf_init(&b, 100);
    buf_put(&b, S("gatehouse"));
    buf_consume(&b, 4);
    CHECK_SLICE(buf_slice(&b), "house");
    buf_truncate(&b, 3);
    CHECK_SLICE(buf_slice(&b), "hou");
    buf_consume(&b, 3);
    CHECK_EQ(b.len, 0);
    CHECK_OK(buf_reserve(&b, 5));
    memcpy(b.ptr + b.len, "again", 5);
    buf_added(&b, 5);
    CHECK_SLICE(buf_slice(&b), "again");
}
