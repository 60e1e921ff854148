#include "mcp/message.h"

#include "mcp_case.h"

static enum err parse(const char *text, struct rpc *ret)
{
    return rpc_parse(value_of(text), test_arena(), ret);
}

static void check_refused(const char *text, enum err e, const char *id)
{
    struct rpc rpc;

    CHECK_ERR(parse(text, &rpc), e);
    CHECK_SLICE(rpc.id, id);
}

TEST(a_request_has_an_id_and_a_method)
{
    struct rpc rpc = rpc_of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");

    CHECK_EQ(rpc.kind, RPC_REQUEST);
    CHECK_SLICE(rpc.id, "1");
    CHECK_SLICE(rpc.method, "ping");
    CHECK(rpc.params == NULL && rpc.result == NULL && rpc.error == NULL);
    CHECK(json_is_object(rpc_of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{}}").params));
}

TEST(J_02_an_id_keeps_its_type_and_every_digit)
{
    CHECK_SLICE(rpc_of("{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"method\":\"m\"}").id, "\"1\"");
    CHECK_SLICE(rpc_of("{\"jsonrpc\":\"2.0\",\"id\":123456789012345678901,\"method\":\"m\"}").id,
                "123456789012345678901");
    CHECK_SLICE(rpc_of("{\"jsonrpc\":\"2.0\",\"id\":-1,\"method\":\"m\"}").id, "-1");
    CHECK_SLICE(rpc_of("{\"jsonrpc\":\"2.0\",\"id\":\"\",\"method\":\"m\"}").id, "\"\"");
    CHECK_SLICE(rpc_of("{\"jsonrpc\":\"2.0\",\"id\":\"a\\\"\\u0000\",\"method\":\"m\"}").id, "\"a\\\"\\u0000\"");
}

TEST(J_02_null_fractions_and_containers_are_no_ids)
{
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"m\"}", ERR_INVALID, "");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"m\"}", ERR_INVALID, "");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":1.0,\"method\":\"m\"}", ERR_INVALID, "");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":1e3,\"method\":\"m\"}", ERR_INVALID, "");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"m\"}", ERR_INVALID, "");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"m\"}", ERR_INVALID, "");
}

TEST(J_08_a_notification_has_no_id)
{
    struct rpc rpc = rpc_of("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");

    CHECK_EQ(rpc.kind, RPC_NOTIFICATION);
    CHECK_EQ(rpc.id.len, 0);
}

TEST(J_05_a_response_has_exactly_one_of_result_and_error)
{
    CHECK_EQ(rpc_of("{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}").kind, RPC_RESPONSE);
    CHECK(rpc_of("{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":{\"code\":1,\"message\":\"x\"}}").error != NULL);
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{},\"error\":{}}", ERR_INVALID, "7");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":7}", ERR_INVALID, "7");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":7,\"error\":\"x\"}", ERR_INVALID, "7");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"m\",\"result\":{}}", ERR_INVALID, "7");
}

TEST(an_error_to_a_message_that_could_not_be_read_has_no_id_or_null)
{
    struct rpc rpc = rpc_of("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,\"message\":\"x\"}}");

    CHECK_EQ(rpc.kind, RPC_RESPONSE);
    CHECK_EQ(rpc.id.len, 0);
    rpc = rpc_of("{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"x\"}}");
    CHECK_EQ(rpc.kind, RPC_RESPONSE);
    CHECK_EQ(rpc.id.len, 0);
    check_refused("{\"jsonrpc\":\"2.0\",\"result\":{}}", ERR_INVALID, "");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":{}}", ERR_INVALID, "");
}

TEST(R_41_the_id_is_read_even_if_nothing_else_is_right)
{
    check_refused("{\"id\":\"a\",\"method\":\"m\"}", ERR_INVALID, "\"a\"");
    check_refused("{\"jsonrpc\":\"1.0\",\"id\":5,\"method\":\"m\"}", ERR_INVALID, "5");
    check_refused("{\"jsonrpc\":2.0,\"id\":5,\"method\":\"m\"}", ERR_INVALID, "5");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":1}", ERR_INVALID, "5");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"m\",\"params\":[1]}", ERR_INVALID, "5");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"m\",\"params\":null}", ERR_INVALID, "5");
}

TEST(J_11_an_array_or_a_scalar_is_no_message)
{
    check_refused("[]", ERR_INVALID, "");
    check_refused("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}]", ERR_INVALID, "");
    check_refused("\"x\"", ERR_INVALID, "");
    check_refused("{}", ERR_INVALID, "");
}

TEST(S_78_a_name_that_comes_twice_is_refused_in_the_envelope_and_anywhere_in_params)
{
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"a\",\"method\":\"b\"}", ERR_DUPLICATE, "5");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":5,\"id\":6,\"method\":\"a\"}", ERR_DUPLICATE, "5");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"a\",\"m\\u0065thod\":\"b\"}", ERR_DUPLICATE, "5");
    check_refused("{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{\"name\":\"a\",\"name\":\"b\"}}",
                  ERR_DUPLICATE, "5");
    check_refused(
        "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/call\",\"params\":{\"arguments\":{\"x\":[{\"y\":1,\"y\":2}]}}}",
        ERR_DUPLICATE, "5");
}

TEST(S_78_names_differ_by_case)
{
    struct rpc rpc =
        rpc_of("{\"jsonrpc\":\"2.0\",\"Method\":\"b\",\"METHOD\":\"c\",\"method\":\"a\",\"id\":1,\"ID\":2}");

    CHECK_SLICE(rpc.method, "a");
    CHECK_SLICE(rpc.id, "1");
    check_refused("{\"JSONRPC\":\"2.0\",\"id\":1,\"method\":\"a\"}", ERR_INVALID, "1");
}
