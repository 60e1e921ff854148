/*
 * The error codes of JSON-RPC and MCP by name, and the one place where a failure of ours becomes one of them.
 */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum rpc_code {
    RPC_PARSE_ERROR = -32700,
    RPC_INVALID_REQUEST = -32600,
    RPC_METHOD_NOT_FOUND = -32601,
    RPC_INVALID_PARAMS = -32602,
    RPC_INTERNAL_ERROR = -32603,
    RPC_HEADER_MISMATCH = -32020,
    RPC_MISSING_CAPABILITY = -32021,
    RPC_UNSUPPORTED_VERSION = -32022,
    RPC_LEGACY_RESOURCE_NOT_FOUND = -32002, /* read from and written to legacy peers only (J-23) */
    RPC_LEGACY_URL_ELICITATION = -32042,    /* likewise, and 2025-11-25 alone */
};

/* What an upstream fault is called in data.kind (decision 14); empty: the failure is not the upstream's. */
struct slice rpc_fault_kind(enum err failure);
enum rpc_code rpc_code_of(enum err failure);
