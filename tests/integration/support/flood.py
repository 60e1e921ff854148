"""A stdio server of both eras that says far more than anybody asked for.

Its one tool, `flood`, takes {"log": N, "events": N, "size": BYTES, "answer": BYTES, "done": PATH}: it sends so many log messages of
the call, so many events beside it (of each subscription, in the modern era), makes the file `done`, then answers with so much text.
"""

import json
import sys
from pathlib import Path

META = "io.modelcontextprotocol/"
INFO = {"name": "flood", "version": "1"}
ABILITIES = {"tools": {"listChanged": True}, "logging": {}, "resources": {"subscribe": True, "listChanged": True}}
subscriptions: list[object] = []


def send(message: dict) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")


def event(number: int, size: int) -> None:
    params = {"uri": f"test://{number}/" + "e" * size}
    if not subscriptions:
        send({"method": "notifications/resources/updated", "params": params})
    for subscription in subscriptions:
        tagged = {**params, "_meta": {META + "subscriptionId": subscription}}
        send({"method": "notifications/resources/updated", "params": tagged})


def flood(given: dict) -> dict:
    for number in range(given.get("log", 0)):
        data = {"number": number, "pad": "l" * given["size"]}
        send({"method": "notifications/message", "params": {"level": "info", "data": data}})
    for number in range(given.get("events", 0)):
        event(number, given["size"])
    sys.stdout.flush()
    if "done" in given:
        Path(given["done"]).touch()
    return {"content": [{"type": "text", "text": "a" * given.get("answer", 1)}]}


def answer(message: dict) -> dict | None:
    method, params = message["method"], message.get("params") or {}
    complete = {"resultType": "complete"}
    cached = {"ttlMs": 0, "cacheScope": "private"}
    if method == "initialize":
        return {"result": {"protocolVersion": params["protocolVersion"], "capabilities": ABILITIES, "serverInfo": INFO}}
    if method == "server/discover":
        discovered = {"supportedVersions": ["2026-07-28"], "capabilities": ABILITIES, "serverInfo": INFO}
        return {"result": {**complete, **cached, **discovered}}
    if method == "tools/list":
        tool = {"name": "flood", "inputSchema": {"type": "object"}}
        return {"result": {**complete, **cached, "tools": [tool]}}
    if method == "tools/call":
        return {"result": {**complete, **flood(params["arguments"])}}
    if method == "subscriptions/listen":
        subscriptions.append(message["id"])
        taken = {"notifications": params["notifications"], "_meta": {META + "subscriptionId": message["id"]}}
        send({"method": "notifications/subscriptions/acknowledged", "params": taken})
        return None
    return {"error": {"code": -32601, "message": "unknown method"}}


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if message.get("method") == "notifications/cancelled" and message["params"]["requestId"] in subscriptions:
            subscriptions.remove(message["params"]["requestId"])
        if "id" in message and "method" in message and (found := answer(message)):
            send({"id": message["id"], **found})
        sys.stdout.flush()


if __name__ == "__main__":
    main()
