#!/bin/sh
# What a proxied call costs: processor time per call of Gatehouse and of nginx's bare proxy_pass, in turns, in front of
# the same server, as medians and a ratio. Needs nginx and wrk (Debian's packages nginx-light and wrk).
#
# Usage: bench/proxy.sh BUILD_FOLDER [ROUNDS] [SECONDS_EACH]
set -eu

build=$1
rounds=${2:-5}
seconds=${3:-3}
for program in nginx wrk; do
    if ! command -v "$program" >/dev/null && ! [ -x "/usr/sbin/$program" ]; then
        echo "proxy: $program is not installed; nothing was measured"
        exit 0
    fi
done

work=$(mktemp -d)
pids=
finish() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# Starts a program that says where it listens, and waits until it has said so.
start() { # NAME PROGRAM ARGS...
    name=$1
    shift
    mkfifo "$work/$name"
    "$@" >"$work/$name" 2>"$work/$name.log" &
    pids="$pids $!"
    eval "pid_$name=$!"
    read -r _ _ url <"$work/$name"
    eval "url_$name=$url"
}

url_server='' pid_gatehouse='' url_gatehouse=''
start server "$build/examples/everything" --http --listen 127.0.0.1:0
start gatehouse "$build/gatehouse" --listen 127.0.0.1:0 --data-dir "$work/data" --log-level error "$url_server"

server_port=$(echo "$url_server" | sed 's/.*:\([0-9]*\).*/\1/')
nginx_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$work/nginx.conf" <<CONF
daemon off; master_process off; worker_processes 1; pid $work/nginx.pid; error_log $work/nginx.log crit;
events { worker_connections 1024; }
http {
    access_log off; client_body_temp_path $work/b; proxy_temp_path $work/p; fastcgi_temp_path $work/f;
    uwsgi_temp_path $work/u; scgi_temp_path $work/s;
    upstream server { server 127.0.0.1:$server_port; keepalive 64; }
    server {
        listen 127.0.0.1:$nginx_port;
        location / { proxy_pass http://server; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host \$http_host; }
    }
}
CONF
PATH=$PATH:/usr/sbin nginx -c "$work/nginx.conf" 2>"$work/nginx.err" &
pids="$pids $!"
pid_nginx=$!

cat >"$work/call.lua" <<'LUA'
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json, text/event-stream"
wrk.headers["MCP-Protocol-Version"] = "2026-07-28"
wrk.headers["Mcp-Method"] = "tools/call"
wrk.headers["Mcp-Name"] = "test_simple_text"
wrk.body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"test_simple_text","_meta":{' ..
    '"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}'
LUA

# Processor time of a process in clock ticks.
ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }

# Microseconds of processor time per call.
measure() { # PID URL
    before=$(ticks "$1")
    calls=$(wrk -t1 -c32 -d"${seconds}s" -s "$work/call.lua" "$2" |
        awk '/requests in/ {n = $1} /Non-2xx/ {bad = 1} END {print bad ? 0 : n}')
    after=$(ticks "$1")
    [ "$calls" -gt 0 ] || { echo "proxy: calls to $2 failed" >&2; exit 1; }
    echo $(((after - before) * 1000000 / $(getconf CLK_TCK) / calls))
}

measure "$pid_gatehouse" "$url_gatehouse" >/dev/null # warm
measure "$pid_nginx" "http://127.0.0.1:$nginx_port/mcp" >/dev/null
for _ in $(seq "$rounds"); do
    echo "$(measure "$pid_gatehouse" "$url_gatehouse") $(measure "$pid_nginx" "http://127.0.0.1:$nginx_port/mcp")"
done >"$work/rounds"

median() { sort -n | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }
gatehouse=$(cut -d' ' -f1 "$work/rounds" | median)
nginx=$(cut -d' ' -f2 "$work/rounds" | median)
ratio=$(awk '{print $1 / $2}' "$work/rounds" | median)
echo "processor time per proxied call, median of $rounds: gatehouse $gatehouse us, nginx proxy_pass $nginx us, ratio $ratio"
echo "anonymous memory of gatehouse afterwards: $(awk '/RssAnon/ {print $2, $3}' "/proc/$pid_gatehouse/status")"
