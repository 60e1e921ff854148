"""Event streams: their heads, their heartbeats, what belongs on them and what does not."""

import json
import time

import pytest

from support.http import Connection, request
from support.mcp import Client, sse_events
from support.paths import everything


@pytest.fixture
def client(gatehouse_config) -> Client:
    gateway = gatehouse_config({"limits": {"heartbeat": "300ms"}, "servers": {"kit": {"command": everything()}}})
    return Client(gateway.address, "/kit/mcp")


def read_for(connection: Connection, seconds: float) -> bytes:
    """What arrives on a stream within the time, chunk framing taken off."""
    data, deadline = b"", time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        connection.socket.settimeout(left)
        try:
            size = int(connection.reader.until(b"\r\n"), 16)
            data += connection.reader.exactly(size)
            connection.reader.until(b"\r\n")
        except TimeoutError:
            break
    return data


def listen(client: Client, notifications: dict) -> Connection:
    message = client.envelope("subscriptions/listen", {"notifications": notifications})
    data = request("POST", client.path, client.headers(client.modern_headers(message)), json.dumps(message).encode())
    connection = Connection(client.address).send(data)
    head = connection.reader.head()
    assert head.status == 200
    assert head.get("content-type").startswith("text/event-stream")
    assert head.get("x-accel-buffering") == "no"
    assert "no-store" in head.get("cache-control") or "no-cache" in head.get("cache-control")
    return connection


def methods(data: bytes) -> list[str]:
    return [json.loads(e["data"]).get("method", "") for e in sse_events(data) if e.get("data")]


def test_heartbeats_on_every_quiet_stream(client: Client) -> None:
    client.initialize()
    waiting = client.rpc("tools/call", {"name": "test_reconnection"})
    with client.listen({"toolsListChanged": True}) as subscription, client.events() as events, client.stream(waiting) as call:
        assert subscription.next()["method"] == "notifications/subscriptions/acknowledged"
        for stream in (call, events, subscription):
            for _ in range(2):
                assert stream.block().startswith(b":")
        assert call.rest()[-1]["result"]["content"]


def test_changes_reach_those_who_asked_for_them(client: Client) -> None:
    with listen(client, {"toolsListChanged": True}) as tools, listen(client, {"promptsListChanged": True}) as prompts:
        assert client.modern("tools/call", {"name": "test_trigger_tool_change"}).status == 200
        assert methods(read_for(tools, 1.5)) == ["notifications/subscriptions/acknowledged", "notifications/tools/list_changed"]
        assert methods(read_for(prompts, 0.5)) == ["notifications/subscriptions/acknowledged"]


def test_changes_reach_a_legacy_session(client: Client) -> None:
    client.initialize()
    head = {**client.session_headers(), "Accept": "text/event-stream", "Host": client.headers()["Host"]}
    with Connection(client.address).send(request("GET", client.path, head)) as stream:
        assert stream.reader.head().status == 200
        assert client.legacy("tools/call", {"name": "test_trigger_tool_change"}).status == 200
        assert "notifications/tools/list_changed" in methods(read_for(stream, 1.5))


def test_an_unread_stream_hinders_nobody(client: Client) -> None:
    with listen(client, {"toolsListChanged": True}):
        for _ in range(20):
            assert client.modern("tools/call", {"name": "test_trigger_tool_change"}).status == 200
