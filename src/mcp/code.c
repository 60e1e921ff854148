#include "mcp/code.h"

struct slice rpc_fault_kind(enum err failure)
{
    switch (err_class(failure)) {
    case ERR_CLASS_UPSTREAM:
        break;
    case ERR_CLASS_NONE:
    case ERR_CLASS_INPUT:
    case ERR_CLASS_UNAUTHENTICATED:
    case ERR_CLASS_FORBIDDEN:
    case ERR_CLASS_MISSING:
    case ERR_CLASS_LIMIT:
    case ERR_CLASS_BUSY:
    case ERR_CLASS_SYSTEM:
        return NO_SLICE;
    }
    if (failure == ERR_TIMEOUT)
        return S("upstream_timeout");
    if (failure == ERR_CONNECT || failure == ERR_RESOLVE || failure == ERR_SPAWN)
        return S("upstream_unreachable");
    return S("upstream_aborted");
}

enum rpc_code rpc_code_of(enum err failure)
{
    return err_class(failure) == ERR_CLASS_INPUT ? RPC_INVALID_PARAMS : RPC_INTERNAL_ERROR;
}
