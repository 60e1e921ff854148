#!/bin/sh
# Serves the example with everything in it, and says what to tell a client.
#
# Usage: tools/run.sh HOST:PORT
set -eu
cd "$(dirname "$0")/.."

url="http://$1/mcp"
cat <<TEXT

Serving build/examples/everything at $url (no login, this machine only). Ctrl-C ends it.

Claude Code      claude mcp add --transport http gatehouse $url
VS Code          code --add-mcp '{"name":"gatehouse","type":"http","url":"$url"}'
Other clients    { "mcpServers": { "gatehouse": { "type": "http", "url": "$url" } } }

TEXT
exec build/gatehouse --listen "$1" --auth none -- build/examples/everything
