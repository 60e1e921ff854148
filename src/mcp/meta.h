/*
 * The reserved keys of _meta that the modern era uses (requirements J-15, J-16, S-04).
 */
#pragma once

#include "base/slice.h"

#define META_PREFIX              S("io.modelcontextprotocol/")
#define META_PROTOCOL_VERSION    S("io.modelcontextprotocol/protocolVersion")
#define META_CLIENT_CAPABILITIES S("io.modelcontextprotocol/clientCapabilities")
#define META_CLIENT_INFO         S("io.modelcontextprotocol/clientInfo")
#define META_SERVER_INFO         S("io.modelcontextprotocol/serverInfo")
#define META_LOG_LEVEL           S("io.modelcontextprotocol/logLevel")
#define META_SUBSCRIPTION_ID     S("io.modelcontextprotocol/subscriptionId")
