"""A minimal MCP client in both eras that shows everything: heads, bodies, events."""

import contextlib
import itertools
import json
from dataclasses import dataclass

from .http import Connection, Message, request

MODERN = "2026-07-28"
META = "io.modelcontextprotocol/"
ACCEPT = "application/json, text/event-stream"


def sse_events(body: bytes) -> list[dict[str, str]]:
    """The events of an event stream as their fields; comments are dropped, an unfinished event too."""
    events = []
    for block in body.decode("utf-8").replace("\r\n", "\n").split("\n\n")[:-1]:
        event: dict[str, str] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            if name:
                value = value.removeprefix(" ")
                event[name] = f"{event[name]}\n{value}" if name in event else value
        if event:
            events.append(event)
    return events


def messages_in(response: Message) -> list[dict]:
    """The JSON-RPC messages of a response, whether it is JSON or an event stream."""
    kind = response.get("content-type").split(";")[0].strip()
    if kind == "text/event-stream":
        return [json.loads(e["data"]) for e in sse_events(response.body) if e.get("data")]
    if kind == "application/json" and response.body:
        decoded = json.loads(response.body)
        return [m for m in (decoded if isinstance(decoded, list) else [decoded]) if isinstance(m, dict) and "jsonrpc" in m]
    return []


class Stream:
    """The event stream that a request is answered with, read message by message."""

    def __init__(self, connection: Connection):
        self.connection = connection
        self.head = connection.reader.head()
        self._pieces = connection.reader.pieces(self.head)
        self._text = b""

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.socket.close()

    @property
    def status(self) -> int:
        return self.head.status

    def block(self) -> bytes:
        """The next lines up to an empty one: an event, or comments. StopIteration: the stream has ended as it should."""
        while b"\n\n" not in self._text:
            self._text += next(self._pieces)
        block, _, self._text = self._text.partition(b"\n\n")
        return block

    def next(self) -> dict:
        """The next message; comments and events without data are passed over."""
        while True:
            data = [line[5:].strip() for line in self.block().split(b"\n") if line.startswith(b"data:")]
            if any(data):
                return json.loads(b"\n".join(data))

    def rest(self) -> list[dict]:
        """All messages up to the end of the stream; Incomplete: it broke off."""
        messages = []
        with contextlib.suppress(StopIteration):
            while True:
                messages.append(self.next())
        return messages


@dataclass
class Answer:
    """What one POST brought."""

    http: Message
    messages: list[dict]

    @property
    def status(self) -> int:
        return self.http.status

    @property
    def final(self) -> dict:
        """The response to the request, behind whatever came before it."""
        return next(m for m in self.messages if "method" not in m)

    @property
    def result(self) -> dict:
        assert "result" in self.final, self.final
        return self.final["result"]

    @property
    def error(self) -> dict:
        assert "error" in self.final, self.final
        return self.final["error"]


class Client:
    """One principal's requests, each on a connection of its own."""

    def __init__(self, address: tuple[str, int], path: str = "/mcp"):
        self.address, self.path, self.ids = address, path, itertools.count(1)
        self.session = ""
        self.version = "2025-11-25"

    def headers(self, extra: dict[str, str] | None = None) -> dict[str, str]:
        base = {"Host": f"{self.address[0]}:{self.address[1]}", "Content-Type": "application/json", "Accept": ACCEPT}
        return {**base, **(extra or {})}

    def post(self, message: object, headers: dict[str, str] | None = None, timeout: float = 20) -> Answer:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        with Connection(self.address, timeout) as connection:
            response = connection.send(request("POST", self.path, self.headers(headers), body)).response()
        return Answer(response, messages_in(response))

    def rpc(self, method: str, params: dict | None = None) -> dict:
        message: dict = {"jsonrpc": "2.0", "id": next(self.ids), "method": method}
        return {**message, **({"params": params} if params is not None else {})}

    # The legacy era: a handshake, then a session.

    def initialize(self, capabilities: dict | None = None, version: str = "2025-11-25") -> Answer:
        info = {"name": "raw", "version": "1"}
        params = {"protocolVersion": version, "capabilities": capabilities or {}, "clientInfo": info}
        answer = self.post(self.rpc("initialize", params))
        assert answer.status == 200, answer.http
        self.session, self.version = answer.http.get("mcp-session-id"), answer.result["protocolVersion"]
        ready = self.post({"jsonrpc": "2.0", "method": "notifications/initialized"}, self.session_headers())
        assert ready.status == 202, ready.http
        return answer

    def session_headers(self) -> dict[str, str]:
        return {"MCP-Protocol-Version": self.version, **({"Mcp-Session-Id": self.session} if self.session else {})}

    def legacy(self, method: str, params: dict | None = None) -> Answer:
        return self.post(self.rpc(method, params), self.session_headers())

    def delete(self) -> Answer:
        with Connection(self.address) as connection:
            response = connection.send(request("DELETE", self.path, self.headers(self.session_headers()))).response()
        return Answer(response, messages_in(response))

    # The modern era: every request stands for itself.

    def envelope(self, method: str, params: dict | None = None, capabilities: dict | None = None) -> dict:
        meta = {
            META + "protocolVersion": MODERN,
            META + "clientInfo": {"name": "raw", "version": "1"},
            META + "clientCapabilities": capabilities or {},
        }
        given = params or {}
        return self.rpc(method, {**given, "_meta": {**meta, **given.get("_meta", {})}})

    def modern_headers(self, message: dict) -> dict[str, str]:
        params = message.get("params", {})
        name = params.get("uri") if message["method"] == "resources/read" else params.get("name")
        return {"MCP-Protocol-Version": MODERN, "Mcp-Method": message["method"], **({"Mcp-Name": name} if name else {})}

    def modern(self, method: str, params: dict | None = None, capabilities: dict | None = None) -> Answer:
        message = self.envelope(method, params, capabilities)
        return self.post(message, self.modern_headers(message))

    # What is answered by a stream.

    def listen(self, notifications: dict, timeout: float = 20) -> Stream:
        """Opens a modern stream of notifications."""
        return self.stream(self.envelope("subscriptions/listen", {"notifications": notifications}), timeout)

    def events(self, timeout: float = 20) -> Stream:
        """Opens the stream of what a legacy session's server says of its own accord."""
        head = {**self.headers(self.session_headers()), "Accept": "text/event-stream"}
        return Stream(Connection(self.address, timeout).send(request("GET", self.path, head)))

    def stream(self, message: dict, timeout: float = 20) -> Stream:
        """Sends a request of either era that will be answered by a stream."""
        is_modern = META + "protocolVersion" in message.get("params", {}).get("_meta", {})
        head = self.headers(self.modern_headers(message) if is_modern else self.session_headers())
        data = request("POST", self.path, head, json.dumps(message).encode())
        return Stream(Connection(self.address, timeout).send(data))

    def long_call(self, seconds: int) -> Stream:
        """A legacy call that works for so long; it has begun when this returns, for its stream has."""
        params = {"name": "test_slow", "arguments": {"seconds": seconds}, "_meta": {"progressToken": "p"}}
        return self.stream(self.rpc("tools/call", params), seconds + 20)

    def ping_post(self) -> bytes:
        """The bytes of a small valid modern request, for tests that care about the bytes around it."""
        message = self.envelope("tools/list")
        return request("POST", self.path, self.headers(self.modern_headers(message)), json.dumps(message).encode())
