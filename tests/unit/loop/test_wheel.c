#include "loop/wheel.h"

#include "base/num.h"
#include "support/test.h"

#define START_NS (UINT64_C(1234567) * NS_PER_MS)

static struct wheel wheel;
static unsigned n_expired;

static void on_expired(struct wheel_entry *entry)
{
    (void)entry;
    n_expired++;
}

static unsigned expired_at(uint64_t now_ns)
{
    n_expired = 0;
    wheel_advance(&wheel, now_ns, on_expired);
    return n_expired;
}

TEST(an_entry_expires_once_not_before_its_time_and_less_than_a_tick_after)
{
    static const uint64_t waits_ms[] = { 0, 1, 9, 10, 11, 500, 999, 1000, 1001, 15000, 30000, 127999, 128000, 3600000 };

    for (size_t i = 0; i < N_ELEMENTS(waits_ms); i++) {
        struct wheel_entry entry;
        uint64_t after_ns = waits_ms[i] * NS_PER_MS;
        uint64_t tick_ns = after_ns < NS_PER_S ? WHEEL_FINE_TICK_NS : WHEEL_COARSE_TICK_NS;

        wheel_init(&wheel, START_NS);
        wheel_add(&wheel, &entry, START_NS, after_ns);
        if (after_ns > 0)
            CHECK_EQ(expired_at(START_NS + after_ns - 1), 0);
        CHECK_EQ(expired_at(START_NS + after_ns + tick_ns), 1);
        CHECK_EQ(expired_at(START_NS + 2 * after_ns + 10 * NS_PER_S), 0);
    }
}

TEST(the_next_moment_is_never_after_an_expiry_and_always_brings_progress)
{
    struct wheel_entry entries[64];
    uint64_t now_ns = START_NS;
    unsigned left = N_ELEMENTS(entries);
    unsigned n_looks = 0;

    wheel_init(&wheel, now_ns);
    for (size_t i = 0; i < N_ELEMENTS(entries); i++)
        wheel_add(&wheel, &entries[i], now_ns, (i * i * i) * 3 * NS_PER_MS); /* up to 12 minutes */
    while (left > 0) {
        CHECK(wheel.next_ns != UINT64_MAX);
        CHECK_EQ(expired_at(wheel.next_ns - 1), 0);
        left -= expired_at(wheel.next_ns);
        CHECK(++n_looks < 1000);
    }
    CHECK_EQ(wheel.next_ns, UINT64_MAX);
}

TEST(a_removed_entry_never_expires)
{
    struct wheel_entry a;
    struct wheel_entry b;

    wheel_init(&wheel, START_NS);
    wheel_add(&wheel, &a, START_NS, 5 * NS_PER_S);
    wheel_add(&wheel, &b, START_NS, 5 * NS_PER_S);
    wheel_remove(&a);
    wheel_remove(&a);
    CHECK_EQ(expired_at(START_NS + 10 * NS_PER_S), 1);
}

TEST(a_leap_over_many_rounds_expires_everything_due)
{
    struct wheel_entry entries[300];
    struct wheel_entry far;

    wheel_init(&wheel, START_NS);
    for (size_t i = 0; i < N_ELEMENTS(entries); i++)
        wheel_add(&wheel, &entries[i], START_NS, i * NS_PER_S);
    wheel_add(&wheel, &far, START_NS, UINT64_MAX);
    CHECK_EQ(expired_at(START_NS + 86400 * NS_PER_S), N_ELEMENTS(entries));
}

static struct wheel_entry again;
static uint64_t again_now_ns;

static void on_expired_start_again(struct wheel_entry *entry)
{
    n_expired++;
    wheel_add(&wheel, entry, again_now_ns, 0);
}

TEST(an_entry_started_again_as_it_expires_comes_with_the_next_tick_not_in_a_circle)
{
    wheel_init(&wheel, START_NS);
    wheel_add(&wheel, &again, START_NS, 0);
    n_expired = 0;
    again_now_ns = START_NS + NS_PER_S;
    wheel_advance(&wheel, again_now_ns, on_expired_start_again);
    CHECK_EQ(n_expired, 1);
    again_now_ns += WHEEL_FINE_TICK_NS;
    wheel_advance(&wheel, again_now_ns, on_expired_start_again);
    CHECK_EQ(n_expired, 2);
}
