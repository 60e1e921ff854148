"""Limits that count: streams, connections and sessions, one below, at and one above their bound."""

import contextlib
import json

import pytest

from support.http import Connection, Message, request
from support.mcp import Client
from support.paths import everything

BOUND = 4


@pytest.fixture
def serve(gatehouse_config):
    def start(**limits: object) -> Client:
        gateway = gatehouse_config({"limits": limits, "servers": {"kit": {"command": everything()}}})
        return Client(gateway.address, "/kit/mcp")

    return start


def listen(client: Client, stack: contextlib.ExitStack) -> tuple[Connection, Message]:
    """Opens a modern stream of notifications and reads its head."""
    message = client.envelope("subscriptions/listen", {"notifications": {"toolsListChanged": True}})
    connection = stack.enter_context(Connection(client.address))
    data = request("POST", client.path, client.headers(client.modern_headers(message)), json.dumps(message).encode())
    return connection, connection.send(data).reader.head()


def test_streams_per_address(serve) -> None:
    client = serve(streams_per_address=BOUND)
    with contextlib.ExitStack() as stack:
        opened = [listen(client, stack) for _ in range(BOUND)]
        assert [head.status for _, head in opened] == [200] * BOUND
        assert all(head.get("content-type").startswith("text/event-stream") for _, head in opened)
        assert all(head.get("x-accel-buffering") == "no" for _, head in opened)
        _, refused = listen(client, stack)
        assert refused.status == 503
        assert int(refused.get("retry-after")) > 0
        assert client.modern("tools/list").status == 200
        opened[0][0].socket.close()
        for _ in range(50):
            again = listen(client, stack)[1]
            if again.status == 200:
                break
        assert again.status == 200


def test_connections_per_address(serve) -> None:
    client = serve(connections_per_address=BOUND)
    data = client.ping_post()
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(Connection(client.address)) for _ in range(BOUND)]
        assert [c.send(data).response().status for c in held] == [200] * BOUND
        refused = stack.enter_context(Connection(client.address)).send(data).response()
        assert refused.status == 503
        assert refused.get("connection").lower() == "close"
        assert held[0].send(data).response().status == 200


def test_sessions(serve) -> None:
    """Above the bound a session is refused, or an idle one leaves memory and opens again when it is used."""
    client = serve(sessions_per_principal=BOUND)
    sessions = [Client(client.address, client.path) for _ in range(BOUND)]
    for session in sessions:
        session.initialize()
    extra = Client(client.address, client.path)
    info = {"name": "raw", "version": "1"}
    params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info}
    answer = extra.post(extra.rpc("initialize", params))
    assert answer.status in (200, 503)
    assert [s.legacy("tools/list").status for s in sessions] == [200] * BOUND
