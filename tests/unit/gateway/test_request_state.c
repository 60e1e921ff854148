#include "gateway/request_state.h"

#include "crypto/keyring.h"
#include "mcp/message.h"
#include "rig.h"

static struct rig rig;
static struct rpc rpc;
static struct json *params;
static struct buf sealed;
static struct buf inner;

static void ask_for(struct slice method, const char *text)
{
    json_free(params);
    params = fake_json(text);
    rpc = (struct rpc){ .kind = RPC_REQUEST, .id = S("1"), .method = method, .params = json_root(params) };
}

static void begin(void)
{
    static const struct gateway_options options = { GATEWAY_DEFAULTS };

    rig_begin(&rig, &options);
    rig_be_modern(&rig);
    buf_init(&sealed, REQUEST_STATE_MAX);
    buf_init(&inner, REQUEST_STATE_MAX);
    ask_for(S("tools/call"), "{\"name\":\"x\",\"arguments\":{\"a\":1}}");
}

static void end(void)
{
    json_free(TAKE(params));
    buf_done(&sealed);
    buf_done(&inner);
    rig_end(&rig);
}

static void wrap(struct slice state)
{
    CHECK_OK(request_state_wrap(rig.endpoint, &rig.envelope, &rpc, state, &sealed));
}

static enum err unwrap(void)
{
    buf_clear(&inner);
    return request_state_unwrap(rig.endpoint, &rig.envelope, &rpc, buf_slice(&sealed), &inner);
}

TEST(a_state_comes_back_with_the_same_call)
{
    begin();
    wrap(S("the \"state\""));
    CHECK(slice_search(buf_slice(&sealed), S("state")) == SIZE_MAX);
    ask_for(S("tools/call"), "{\"name\":\"x\",\"arguments\":{\"a\":1},\"inputResponses\":{},\"_meta\":{\"n\":2}}");
    CHECK_OK(unwrap());
    CHECK_SLICE(buf_slice(&inner), "the \"state\"");
    end();
}

TEST(a_state_of_another_call_is_refused)
{
    static const struct {
        struct slice method;
        const char *params;
    } others[] = {
        { S("tools/call"), "{\"name\":\"y\",\"arguments\":{\"a\":1}}" },
        { S("tools/call"), "{\"name\":\"x\",\"arguments\":{\"a\":2}}" },
        { S("tools/call"), "{\"name\":\"x\",\"arguments\":{\"a\":1,\"b\":1}}" },
        { S("tools/call"), "{\"name\":\"x\"}" },
        { S("tools/call"), "{\"name\":\"x\",\"arguments\":{\"a\":1},\"uri\":\"a:b\"}" },
        { S("prompts/get"), "{\"name\":\"x\",\"arguments\":{\"a\":1}}" },
        { S("tools/call"), "{}" },
    };

    begin();
    wrap(S("state"));
    for (size_t i = 0; i < N_ELEMENTS(others); i++) {
        ask_for(others[i].method, others[i].params);
        CHECK_ERR(unwrap(), ERR_SEAL);
        CHECK_EQ(inner.len, 0);
    }
    end();
}

TEST(a_state_of_another_caller_or_endpoint_is_refused)
{
    begin();
    wrap(S("state"));
    rig.envelope.principal = S("bob");
    CHECK_ERR(unwrap(), ERR_SEAL);
    rig.envelope.principal = S("ada");
    CHECK_OK(gateway_add(rig.gateway, S("/other"), &fake_new(rig.loop)->base));
    CHECK_ERR(
        request_state_unwrap(gateway_find(rig.gateway, S("/other")), &rig.envelope, &rpc, buf_slice(&sealed), &inner),
        ERR_SEAL);
    CHECK_OK(unwrap());
    end();
}

TEST(a_state_that_was_altered_or_cut_is_refused)
{
    begin();
    wrap(S("state"));
    for (size_t i = 0; i < sealed.len; i++) {
        char was = sealed.ptr[i];
        sealed.ptr[i] = was == 'A' ? 'B' : 'A';
        CHECK(unwrap() != OK);
        sealed.ptr[i] = was;
    }
    CHECK_OK(unwrap());
    buf_truncate(&sealed, sealed.len - 1);
    CHECK(unwrap() != OK);
    buf_clear(&sealed);
    CHECK(unwrap() != OK);
    end();
}

TEST(a_state_expires)
{
    static const struct gateway_options options = { GATEWAY_DEFAULTS };
    struct keyring *keyring;
    auto_buf old;

    begin();
    CHECK_OK(keyring_ephemeral(&keyring));
    struct gateway_options o = options;
    struct gateway *g;
    o.loop = rig.loop;
    o.keyring = keyring;
    CHECK_OK(gateway_new(&o, &g));
    CHECK_OK(gateway_add(g, S("/mcp"), &fake_new(rig.loop)->base));
    wrap(S("state"));
    CHECK_ERR(request_state_unwrap(gateway_find(g, S("/mcp")), &rig.envelope, &rpc, buf_slice(&sealed), &inner),
              ERR_SEAL); /* of another keyring */
    buf_init(&old, REQUEST_STATE_MAX);
    struct clock *clock = (struct clock *)(uintptr_t)loop_clock(rig.loop);
    clock->wall_s -= REQUEST_STATE_LIFE_S + 10;
    CHECK_OK(request_state_wrap(gateway_find(g, S("/mcp")), &rig.envelope, &rpc, S("state"), &old));
    clock->wall_s += REQUEST_STATE_LIFE_S + 10;
    CHECK_ERR(request_state_unwrap(gateway_find(g, S("/mcp")), &rig.envelope, &rpc, buf_slice(&old), &inner),
              ERR_EXPIRED);
    gateway_free(g);
    keyring_free(keyring);
    end();
}

TEST(the_largest_state_fits_and_one_byte_more_does_not)
{
    static char large[REQUEST_STATE_INNER_MAX + 1];

    begin();
    memset(large, 'x', sizeof(large));
    wrap((struct slice){ large, REQUEST_STATE_INNER_MAX });
    CHECK_OK(unwrap());
    CHECK_EQ(inner.len, REQUEST_STATE_INNER_MAX);
    buf_clear(&sealed);
    CHECK_ERR(request_state_wrap(rig.endpoint, &rig.envelope, &rpc, (struct slice){ large, sizeof(large) }, &sealed),
              ERR_LIMIT);
    char *huge = mem_zalloc(1, REQUEST_STATE_MAX + 1);
    CHECK_ERR(
        request_state_unwrap(rig.endpoint, &rig.envelope, &rpc, (struct slice){ huge, REQUEST_STATE_MAX + 1 }, &inner),
        ERR_SEAL);
    free(huge);
    end();
}

TEST(an_empty_state_is_a_state)
{
    begin();
    wrap(S(""));
    CHECK(sealed.len > 0);
    CHECK_OK(unwrap());
    CHECK_EQ(inner.len, 0);
    end();
}
