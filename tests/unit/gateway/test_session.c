#include "gateway/session.h"

#include "crypto/keyring.h"
#include "gateway/question.h"
#include "rig.h"

static struct rig rig;
static struct session_table table;
static struct clock hours;
static struct keyring *keyring;
static struct buf ids[4];

static void table_begin(unsigned max, unsigned max_per_owner)
{
    static const struct gateway_options options = { GATEWAY_DEFAULTS };

    rig_begin(&rig, &options);
    rig_be_legacy(&rig);
    hours = (struct clock){ .mono_ns = NS_PER_S, .wall_s = 1000000 };
    CHECK_OK(keyring_ephemeral(&keyring));
    session_table_init(&table, keyring, &hours, &(struct session_limits){ max, max_per_owner, 1000 });
}

static void table_end(void)
{
    session_table_done(&table);
    keyring_free(keyring);
    rig_end(&rig);
    for (unsigned i = 0; i < N_ELEMENTS(ids); i++)
        buf_done(&ids[i]);
}

/* A session of this principal, with its id, let go of. */
static struct session *begin_session(struct slice principal, struct buf *id)
{
    struct session *s;

    rig.envelope.principal = principal;
    CHECK_OK(session_begin(&table, rig.endpoint, &rig.envelope, &s));
    buf_init(id, 2 * SESSION_ID_MAX);
    CHECK_OK(session_put_id(s, id));
    session_release(s);
    return s;
}

static enum err find(struct slice principal, const struct buf *id, struct session **ret)
{
    *ret = NULL;
    return session_find(&table, rig.endpoint, principal, buf_slice(id), ret);
}

TEST(a_session_is_found_by_its_id_and_by_its_owner_only)
{
    struct session *s;
    auto_buf id;

    table_begin(10, 10);
    struct session *begun = begin_session(S("ada"), &id);
    CHECK_OK(find(S("ada"), &id, &s));
    CHECK(s == begun);
    session_release(s);
    CHECK_ERR(find(S("bob"), &id, &s), ERR_NOT_FOUND);
    CHECK_ERR(find(S(""), &id, &s), ERR_NOT_FOUND);
    CHECK_ERR(session_find(&table, rig.endpoint, S("ada"), S("nonsense"), &s), ERR_NOT_FOUND);
    CHECK_ERR(session_find(&table, rig.endpoint, S("ada"), NO_SLICE, &s), ERR_NOT_FOUND);
    table_end();
}

TEST(an_id_is_good_at_its_own_endpoint_only)
{
    struct session *s;
    auto_buf id;

    table_begin(10, 10);
    (void)begin_session(S("ada"), &id);
    CHECK_OK(gateway_add(rig.gateway, S("/other"), &fake_new(rig.loop)->base));
    CHECK_ERR(session_find(&table, gateway_find(rig.gateway, S("/other")), S("ada"), buf_slice(&id), &s),
              ERR_NOT_FOUND);
    table_end();
}

TEST(a_session_is_revived_after_a_restart_with_what_the_client_declared)
{
    struct session *s;
    auto_buf id;

    table_begin(10, 10);
    rig.envelope.client_info = S("{\"name\":\"c\"}");
    (void)begin_session(S("ada"), &id);
    session_table_done(&table);
    session_table_init(&table, keyring, &hours, &(struct session_limits){ 10, 10, 1000 });

    CHECK_ERR(find(S("bob"), &id, &s), ERR_NOT_FOUND);
    CHECK_OK(find(S("ada"), &id, &s));
    CHECK_EQ(s->envelope.revision, REVISION_2025_11_25);
    CHECK_SLICE(s->envelope.client_info, "{\"name\":\"c\"}");
    struct session *same;
    CHECK_OK(find(S("ada"), &id, &same));
    CHECK(s == same);
    session_release(s);
    session_release(same);
    table_end();
}

TEST(an_ended_session_is_not_found_again_and_not_revived)
{
    struct session *s;
    auto_buf id;

    table_begin(10, 10);
    (void)begin_session(S("ada"), &id);
    CHECK_OK(find(S("ada"), &id, &s));
    session_hold(s);
    session_end(s);
    session_end(s);
    session_release(s);
    struct session *again;
    CHECK_ERR(find(S("ada"), &id, &again), ERR_NOT_FOUND); /* while somebody still uses it */
    session_release(s);
    CHECK_EQ(table.sessions.n, 0);
    CHECK_ERR(find(S("ada"), &id, &again), ERR_NOT_FOUND);
    table_end();
}

TEST(the_oldest_tombstone_makes_room)
{
    struct session *s;
    auto_buf first;

    table_begin(10, 10);
    (void)begin_session(S("ada"), &first);
    CHECK_OK(find(S("ada"), &first, &s));
    session_end(s);
    session_release(s);
    for (unsigned i = 0; i < TOMBSTONES_MAX - 1; i++) {
        CHECK_OK(session_begin(&table, rig.endpoint, &rig.envelope, &s));
        session_end(s);
        session_release(s);
    }
    CHECK_EQ(table.tombstones.n, TOMBSTONES_MAX);
    CHECK_ERR(find(S("ada"), &first, &s), ERR_NOT_FOUND);
    CHECK_OK(session_begin(&table, rig.endpoint, &rig.envelope, &s));
    session_end(s);
    session_release(s);
    CHECK_EQ(table.tombstones.n, TOMBSTONES_MAX);
    CHECK_OK(find(S("ada"), &first, &s)); /* what is forgotten cannot be refused */
    session_release(s);
    table_end();
}

TEST(an_id_expires)
{
    struct session *s;
    auto_buf id;

    table_begin(10, 10);
    (void)begin_session(S("ada"), &id);
    hours.wall_s += SESSION_LIFE_S + 1;
    CHECK_ERR(find(S("ada"), &id, &s), ERR_NOT_FOUND);
    table_end();
}

TEST(as_many_sessions_as_allowed_stay_and_one_more_forgets_the_longest_idle)
{
    struct session *s, *first;

    table_begin(3, 10);
    for (unsigned i = 0; i < 3; i++) {
        (void)begin_session(S("ada"), &ids[i]);
        CHECK_EQ(table.sessions.n, i + 1);
    }
    CHECK_OK(find(S("ada"), &ids[0], &first)); /* busy: not the one that goes */
    (void)begin_session(S("ada"), &ids[3]);
    CHECK_EQ(table.sessions.n, 3);
    CHECK_EQ(rig.fake->n_opened, 0);

    CHECK_OK(find(S("ada"), &ids[1], &s)); /* it was forgotten, its id is good: back it comes, in place of [2] */
    session_release(s);
    session_release(first);
    CHECK_EQ(table.sessions.n, 3);
    table_end();
}

TEST(when_all_are_busy_there_is_no_room)
{
    struct session *a, *b, *s;
    auto_buf id;

    table_begin(2, 10);
    (void)begin_session(S("bob"), &id);
    rig.envelope.principal = S("ada");
    CHECK_OK(session_begin(&table, rig.endpoint, &rig.envelope, &a));
    CHECK_OK(session_begin(&table, rig.endpoint, &rig.envelope, &b)); /* bob's is gone */
    CHECK_ERR(session_begin(&table, rig.endpoint, &rig.envelope, &s), ERR_BUSY);
    CHECK_ERR(find(S("bob"), &id, &s), ERR_BUSY);
    CHECK_EQ(table.owners.n, 1);
    session_release(a);
    CHECK_OK(find(S("bob"), &id, &s));
    session_release(b);
    session_release(s);
    table_end();
}

TEST(each_owner_has_a_limit_of_its_own)
{
    struct session *s;
    auto_buf others;

    table_begin(10, 2);
    (void)begin_session(S("bob"), &others);
    struct session *first = begin_session(S("ada"), &ids[0]);
    (void)begin_session(S("ada"), &ids[1]);
    CHECK_EQ(table.sessions.n, 3);
    CHECK_OK(find(S("ada"), &ids[0], &s));
    CHECK(s == first); /* two are allowed, so the first is still there */
    (void)begin_session(S("ada"), &ids[2]);
    CHECK_EQ(table.sessions.n, 3);

    struct session *second;
    CHECK_OK(find(S("ada"), &ids[1], &second));
    struct session *third;
    CHECK_ERR(find(S("ada"), &ids[2], &third), ERR_BUSY); /* two of ada's are busy, whatever others do */
    session_release(second);
    session_release(s);
    table_end();
}

TEST(as_many_owners_as_sessions_are_remembered)
{
    table_begin(3, 10);
    (void)begin_session(S("a"), &ids[0]);
    (void)begin_session(S("b"), &ids[1]);
    (void)begin_session(S("c"), &ids[2]);
    (void)begin_session(S("d"), &ids[3]);
    CHECK_EQ(table.sessions.n, 3);
    CHECK_EQ(table.owners.n, 3);
    table_end();
}

TEST(the_sweep_forgets_what_was_idle_long_enough_and_nothing_else)
{
    struct session *s, *busy;

    table_begin(10, 10);
    (void)begin_session(S("ada"), &ids[0]);
    (void)begin_session(S("ada"), &ids[1]);
    CHECK_OK(find(S("ada"), &ids[1], &busy));
    hours.mono_ns += 600 * NS_PER_MS;
    (void)begin_session(S("ada"), &ids[2]);
    hours.mono_ns += 399 * NS_PER_MS;
    session_table_sweep(&table);
    CHECK_EQ(table.sessions.n, 3);
    hours.mono_ns += 1 * NS_PER_MS;
    session_table_sweep(&table);
    CHECK_EQ(table.sessions.n, 2);
    CHECK_OK(find(S("ada"), &ids[0], &s)); /* the memory was freed, not the id */
    session_release(s);
    session_release(busy);
    table_end();
}

TEST(the_upstream_session_opens_when_it_is_needed_and_again_when_it_was_lost)
{
    struct upstream_session *first, *again;
    struct session *s;

    table_begin(10, 10);
    CHECK_OK(session_begin(&table, rig.endpoint, &rig.envelope, &s));
    CHECK_EQ(rig.fake->n_opened, 0);
    CHECK_OK(session_upstream(s, &first));
    CHECK_OK(session_upstream(s, &again));
    CHECK(first == again);
    CHECK_EQ(rig.fake->n_opened, 1);
    first->state = UPSTREAM_FAILED;
    CHECK_OK(session_upstream(s, &again));
    CHECK_EQ(rig.fake->n_opened, 2);
    again->state = UPSTREAM_FAILED;
    rig.fake->refuses = ERR_SPAWN;
    CHECK_ERR(session_upstream(s, &again), ERR_SPAWN);
    rig.fake->refuses = WAIT;
    CHECK_OK(session_upstream(s, &again));
    session_release(s);
    table_end();
}

TEST(a_session_alone_is_freed_when_it_is_let_go_of)
{
    struct upstream_session *upstream;
    struct session *s;

    table_begin(1, 1);
    CHECK_OK(session_alone(rig.endpoint, &rig.envelope, &s));
    CHECK_OK(session_upstream(s, &upstream));
    session_release(s);
    CHECK_EQ(rig.fake->n_closed, 1);
    table_end();
}

TEST(when_the_server_has_no_room_the_session_that_was_idle_longest_lends_its_place)
{
    static const struct gateway_options options = { GATEWAY_DEFAULTS };
    struct upstream_session *upstream;
    struct session *s[3];

    rig_begin(&rig, &options);
    rig_be_legacy(&rig);
    rig.fake->max_sessions = 2;
    struct session_table *t = &rig.gateway->sessions;
    for (unsigned i = 0; i < 3; i++)
        CHECK_OK(session_begin(t, rig.endpoint, &rig.envelope, &s[i]));
    CHECK_OK(session_upstream(s[0], &upstream));
    CHECK_OK(session_upstream(s[1], &upstream));
    CHECK_ERR(session_upstream(s[2], &upstream), ERR_BUSY); /* both are in use */
    CHECK(!session_table_yield(t, rig.endpoint));

    session_release(s[1]);
    session_release(s[0]);
    CHECK_OK(session_upstream(s[2], &upstream));
    CHECK(s[1]->upstream == NULL && s[0]->upstream != NULL);
    CHECK_EQ(t->sessions.n, 3); /* it lost its server's attention, not itself */

    rig_be_modern(&rig); /* clients without a session get room, too */
    CHECK_OK(endpoint_upstream(rig.endpoint, &rig.envelope, &upstream));
    CHECK(s[0]->upstream == NULL);
    session_release(s[2]);
    rig_end(&rig);
}

TEST(a_client_that_declares_more_than_a_session_holds_gets_none)
{
    static char large[64 * 1024];
    struct session *s;

    table_begin(1, 1);
    memset(large, ' ', sizeof(large));
    rig.envelope.client_info = (struct slice){ large, sizeof(large) };
    CHECK_ERR(session_begin(&table, rig.endpoint, &rig.envelope, &s), ERR_LIMIT);
    CHECK_EQ(table.owners.n, 0);
    rig.envelope.client_info.len = 10 * 1024; /* a session, but no id that fits into a header */
    CHECK_OK(session_begin(&table, rig.endpoint, &rig.envelope, &s));
    auto_buf id;
    buf_init(&id, 1 << 20);
    CHECK_ERR(session_put_id(s, &id), ERR_LIMIT);
    session_release(s);
    table_end();
}
