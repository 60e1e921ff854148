#include "mcp/code.h"

#include "support/test.h"

TEST(faults_of_an_upstream_are_named_by_kind)
{
    CHECK_SLICE(rpc_fault_kind(ERR_TIMEOUT), "upstream_timeout");
    CHECK_SLICE(rpc_fault_kind(ERR_CONNECT), "upstream_unreachable");
    CHECK_SLICE(rpc_fault_kind(ERR_RESOLVE), "upstream_unreachable");
    CHECK_SLICE(rpc_fault_kind(ERR_SPAWN), "upstream_unreachable");
    CHECK_SLICE(rpc_fault_kind(ERR_CLOSED), "upstream_aborted");
    CHECK_SLICE(rpc_fault_kind(ERR_EXITED), "upstream_aborted");
    CHECK_EQ(rpc_fault_kind(ERR_INVALID).len, 0);
    CHECK_EQ(rpc_fault_kind(OK).len, 0);
}

TEST(what_the_peer_got_wrong_is_told_from_what_we_could_not_do)
{
    CHECK_EQ(rpc_code_of(ERR_INVALID), RPC_INVALID_PARAMS);
    CHECK_EQ(rpc_code_of(ERR_SEAL), RPC_INVALID_PARAMS);
    CHECK_EQ(rpc_code_of(ERR_EXPIRED), RPC_INVALID_PARAMS);
    CHECK_EQ(rpc_code_of(ERR_TIMEOUT), RPC_INTERNAL_ERROR);
    CHECK_EQ(rpc_code_of(ERR_BUSY), RPC_INTERNAL_ERROR);
    CHECK_EQ(rpc_code_of(ERR_MEMORY), RPC_INTERNAL_ERROR);
}
