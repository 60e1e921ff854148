"""Records what passes between clients and a server and holds every message of the server against the published schema.

A proxy between the two copies bytes unchanged, but for the Host field, which must name the server. What it copied is
taken apart only afterwards, so that it can neither repair nor delay what it watches.
"""

import json
import socket
import threading
from dataclasses import dataclass, field
from functools import cache

from jsonschema.protocols import Validator
from jsonschema.validators import validator_for

from .http import Incomplete, Message, Reader
from .mcp import META, messages_in
from .paths import DATA

SCHEMAS = DATA / "mcp-schema"
RESULTS = {
    "initialize": "InitializeResult",
    "server/discover": "DiscoverResult",
    "tools/list": "ListToolsResult",
    "tools/call": "CallToolResult",
    "resources/list": "ListResourcesResult",
    "resources/templates/list": "ListResourceTemplatesResult",
    "resources/read": "ReadResourceResult",
    "prompts/list": "ListPromptsResult",
    "prompts/get": "GetPromptResult",
    "completion/complete": "CompleteResult",
    "ping": "EmptyResult",
    "logging/setLevel": "EmptyResult",
    "resources/subscribe": "EmptyResult",
    "resources/unsubscribe": "EmptyResult",
    "subscriptions/listen": "SubscriptionsListenResult",
}


@dataclass
class Exchange:
    """The bytes of one connection in each direction."""

    sent: bytearray = field(default_factory=bytearray)
    received: bytearray = field(default_factory=bytearray)


class Recorder:
    """The proxy; use its url instead of the server's."""

    def __init__(self, address: tuple[str, int], path: str = "/mcp"):
        self._server = address
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = self._listener.getsockname()
        self.url = f"http://127.0.0.1:{self.address[1]}{path}"
        self.exchanges: list[Exchange] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._server)
            except OSError:
                client.close()
                continue
            exchange = Exchange()
            self.exchanges.append(exchange)
            threading.Thread(target=self._copy, args=(client, server, exchange.sent, True), daemon=True).start()
            threading.Thread(target=self._copy, args=(server, client, exchange.received, False), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket, record: bytearray, requests: bool) -> None:
        own, real = (f"{a[0]}:{a[1]}".encode() for a in (self.address, self._server))
        try:
            while data := source.recv(65536):
                data = data.replace(own, real) if requests else data
                record += data
                sink.sendall(data)
        except OSError:
            pass
        # The other direction may still have something to say: only this half ends.
        for end, how in ((sink, socket.SHUT_WR), (source, socket.SHUT_RD)):
            try:
                end.shutdown(how)
            except OSError:
                pass


def _messages(data: bytes) -> list[Message]:
    source = iter([bytes(data)])
    reader, found = Reader(lambda: next(source, b"")), []
    try:
        while True:
            message = reader.message()
            if not message.start.startswith("HTTP/") or message.status >= 200:
                found.append(message)
    except Incomplete:
        return found


@dataclass(frozen=True)
class Emitted:
    """One message of the server, the revision it must obey and the method it answers, if any."""

    revision: str
    method: str
    message: dict


def emitted(exchanges: list[Exchange]) -> list[Emitted]:
    """Every JSON-RPC message the server sent, in the revision of its request or session."""
    pairs = [p for e in exchanges for p in zip(_messages(e.sent), _messages(e.received), strict=False)]
    sessions: dict[str, str] = {}
    found = []
    for request, response in pairs:
        asked = _decode(request)
        if asked.get("method") == "initialize":
            for message in messages_in(response):
                if "protocolVersion" in message.get("result", {}):
                    sessions[response.get("mcp-session-id")] = message["result"]["protocolVersion"]
    for request, response in pairs:
        asked = _decode(request)
        params = asked.get("params")
        meta = params.get("_meta") if isinstance(params, dict) else None
        modern = (isinstance(meta, dict) and META + "protocolVersion" in meta) or asked.get("method") == "server/discover"
        session = request.get("mcp-session-id") or response.get("mcp-session-id")
        revision = "2026-07-28" if modern else sessions.get(session, "2025-11-25")
        for message in messages_in(response):
            method = asked.get("method", "") if message.get("id") == asked.get("id") else ""
            found.append(Emitted(revision, method, message))
    return found


def _decode(request: Message) -> dict:
    try:
        decoded = json.loads(request.body)
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


@cache
def _schema(revision: str) -> dict:
    return json.loads((SCHEMAS / f"{revision}.json").read_text())


@cache
def _validator(revision: str, name: str) -> Validator | None:
    schema = _schema(revision)
    place = "$defs" if "$defs" in schema else "definitions"
    if name not in schema[place]:
        return None
    pointed = {**{k: v for k, v in schema.items() if k in ("$schema", place)}, "$ref": f"#/{place}/{name}"}
    return validator_for(schema)(pointed)


def _names(one: Emitted) -> list[str]:
    """The definitions a message must satisfy; the first that a revision knows of each alternative is taken."""
    message = one.message
    if "method" in message:
        return ["ServerRequest" if "id" in message else "ServerNotification"]
    if "error" in message:
        return ["JSONRPCErrorResponse", "JSONRPCError"]
    return ["JSONRPCResultResponse", "JSONRPCResponse"]


def complaints(one: Emitted) -> list[str]:
    """What is wrong with a message by the schema of its revision."""
    # An error without an id is right where the request had none to give, though older revisions have no form for it.
    if "error" in one.message and "id" not in one.message and one.revision < "2025-11-25":
        return complaints(Emitted("2025-11-25", one.method, one.message))
    known = [v for n in _names(one) if (v := _validator(one.revision, n))]
    if not known:
        return [f"{one.revision} has no message of this kind: {json.dumps(one.message)[:300]}"]
    errors = list(known[0].iter_errors(one.message))
    if "result" in one.message and one.method in RESULTS:
        result = one.message["result"]
        name = "InputRequiredResult" if result.get("resultType") == "input_required" else RESULTS[one.method]
        validator = _validator(one.revision, name)
        if validator is None:
            return [f"{one.revision} has no {name}: {json.dumps(one.message)[:300]}"]
        errors += validator.iter_errors(result)
    return [f"{one.revision} {one.method}: {e.json_path} {e.message[:300]} in {json.dumps(one.message)[:400]}" for e in errors]


def assert_valid(recorder: Recorder, least: int = 1) -> int:
    """Every recorded message is valid; returns how many there were, at least as many as the caller knows of."""
    found = emitted(recorder.exchanges)
    assert len(found) >= least, f"only {len(found)} messages were recorded"
    wrong = [c for one in found for c in complaints(one)]
    assert not wrong, "\n".join(wrong[:10])
    return len(found)
