"""A small legacy stdio server that can be as troublesome as a child gets.

Usage: child.py [--mark WORD] [--deaf] [--family] [--daemon]
  --mark    a word for the command line, to find the process by; those it starts carry it too
  --deaf    ignores SIGTERM, and the end of its input
  --family  starts two processes of its own, one of which starts a third
  --daemon  starts one more that leaves its session and process group, as daemons do

Tools: `inspect` tells environment and descriptors, `exit` ends the process at once, `pid` tells who it is.
"""

import json
import os
import signal
import subprocess
import sys
import time

SLEEP = "import time, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
PARENT = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', sys.argv[2], sys.argv[1]]).wait()"


def start_family(mark: str) -> None:
    subprocess.Popen([sys.executable, "-c", SLEEP, mark], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    subprocess.Popen([sys.executable, "-c", PARENT, mark, SLEEP], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def start_daemon(mark: str) -> None:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-c", SLEEP, mark])
        os._exit(0)
    os.wait()


def inspect() -> dict:
    descriptors = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            descriptors[name] = os.readlink(f"/proc/self/fd/{name}")
        except OSError:
            continue
    status = dict(line.split(":\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\t" in line)
    return {
        "environment": dict(os.environ),
        "descriptors": {k: v for k, v in descriptors.items() if not v.startswith("/proc/")},
        "umask": status["Umask"],
        "blocked": int(status["SigBlk"], 16),
        "cwd": os.getcwd(),
    }


def call(name: str) -> str:
    if name == "exit":
        os._exit(3)
    if name == "pid":
        return str(os.getpid())
    return json.dumps(inspect())


def answer(message: dict) -> dict:
    method, params = message["method"], message.get("params") or {}
    if method == "initialize":
        info = {"name": "child", "version": "1"}
        return {"result": {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": info}}
    if method == "tools/list":
        return {"result": {"tools": [{"name": n, "inputSchema": {"type": "object"}} for n in ("inspect", "exit", "pid")]}}
    if method == "tools/call":
        return {"result": {"content": [{"type": "text", "text": call(params["name"])}]}}
    if method == "ping":
        return {"result": {}}
    return {"error": {"code": -32601, "message": "unknown method"}}


def main(arguments: list[str]) -> None:
    mark = arguments[arguments.index("--mark") + 1] if "--mark" in arguments else ""
    if "--deaf" in arguments:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "--family" in arguments:
        start_family(mark)
    if "--daemon" in arguments:
        start_daemon(mark)
    for line in sys.stdin:
        message = json.loads(line)
        if "id" in message and "method" in message:
            print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **answer(message)}), flush=True)
    while "--deaf" in arguments:
        time.sleep(60)


if __name__ == "__main__":
    main(sys.argv[1:])
