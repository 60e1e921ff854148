"""Limits that count: streams, connections, sessions and children, one below, at and one above their bound."""

import contextlib

import pytest

from support.http import Connection, Message
from support.mcp import Answer, Client
from support.paths import everything
from support.process import eventually

BOUND = 4
PATIENCE = 20
TOOLS = {"toolsListChanged": True}


@pytest.fixture
def serve(gatehouse_config):
    def start(**limits: object) -> Client:
        limits = {"drain_deadline": "1s", **limits}
        gateway = gatehouse_config({"limits": limits, "servers": {"kit": {"command": everything()}}})
        return Client(gateway.address, "/kit/mcp")

    return start


@pytest.fixture
def stack():
    with contextlib.ExitStack() as opened:
        yield opened


def assert_busy(response: Message) -> None:
    assert response.status == 503, response
    assert int(response.get("retry-after")) > 0


# Streams


@pytest.mark.parametrize("limit", ["streams_per_address", "streams_total"])
def test_streams(serve, stack, limit: str) -> None:
    client = serve(**{limit: BOUND})
    opened = [stack.enter_context(client.listen(TOOLS)) for _ in range(BOUND)]
    assert [s.status for s in opened] == [200] * BOUND
    assert all(s.head.get("content-type").startswith("text/event-stream") for s in opened)
    assert all(s.head.get("x-accel-buffering") == "no" for s in opened)
    assert_busy(stack.enter_context(client.listen(TOOLS)).head)
    assert client.modern("tools/list").status == 200
    opened[0].connection.socket.close()
    eventually(lambda: stack.enter_context(client.listen(TOOLS)).status == 200, PATIENCE, "a stream's place is free")
    assert_busy(stack.enter_context(client.listen(TOOLS)).head)


def test_streams_of_every_kind_count(serve, stack) -> None:
    client = serve(streams_total=3)
    client.initialize()
    assert stack.enter_context(client.events()).status == 200
    assert stack.enter_context(client.long_call(30)).status == 200
    assert stack.enter_context(client.listen(TOOLS)).status == 200
    assert_busy(stack.enter_context(client.events()).head)
    assert_busy(stack.enter_context(client.listen(TOOLS)).head)
    # A call needs no stream: without one it goes without its progress.
    assert client.legacy("tools/call", {"name": "test_simple_text"}).result["content"]
    assert client.legacy("tools/call", {"name": "test_tool_with_progress", "_meta": {"progressToken": 1}}).result["content"]


# Connections


def hold(client: Client, stack, source: str = "") -> tuple[Connection, Message]:
    """Opens a connection and keeps it alive after one request."""
    connection = stack.enter_context(Connection(client.address, PATIENCE, source))
    return connection, connection.send(client.ping_post()).response()


def refused(client: Client, stack, source: str = "") -> None:
    response = hold(client, stack, source)[1]
    assert_busy(response)
    assert response.get("connection").lower() == "close"


def test_connections_per_address(serve, stack) -> None:
    client = serve(connections_per_address=BOUND)
    held = [hold(client, stack) for _ in range(BOUND)]
    assert [response.status for _, response in held] == [200] * BOUND
    refused(client, stack)
    assert hold(client, stack, "127.0.0.2")[1].status == 200  # nobody else's connections count
    assert held[0][0].send(client.ping_post()).response().status == 200
    held[0][0].socket.close()
    eventually(lambda: hold(client, stack)[1].status == 200, PATIENCE, "a connection's place is free")
    refused(client, stack)


def test_connections_in_all(serve, stack) -> None:
    client = serve(connections_total=BOUND, connections_per_address=BOUND - 1)
    held = [hold(client, stack, f"127.0.0.{1 + n % 2}") for n in range(BOUND)]
    assert [response.status for _, response in held] == [200] * BOUND
    refused(client, stack, "127.0.0.1")
    refused(client, stack, "127.0.0.3")
    held[0][0].socket.close()
    eventually(lambda: hold(client, stack, "127.0.0.3")[1].status == 200, PATIENCE, "a connection's place is free")
    refused(client, stack, "127.0.0.3")


# Sessions

SESSION_LIMITS = ["sessions_per_principal", "sessions_total"]


def initialize(client: Client) -> Answer:
    params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}
    return client.post(client.rpc("initialize", params))


def sessions(client: Client, count: int) -> list[Client]:
    made = [Client(client.address, client.path) for _ in range(count)]
    for session in made:
        session.initialize()
    return made


@pytest.mark.parametrize("limit", SESSION_LIMITS)
def test_an_idle_session_makes_room_and_its_id_stays_good(serve, limit: str) -> None:
    client = serve(**{limit: BOUND})
    made = sessions(client, BOUND + 1)
    for _ in range(2):
        assert [s.legacy("tools/list").status for s in made] == [200] * (BOUND + 1)


@pytest.mark.parametrize("limit", SESSION_LIMITS)
def test_a_session_in_use_makes_no_room(serve, stack, limit: str) -> None:
    client = serve(**{limit: BOUND})
    made = sessions(client, BOUND)
    opened = [stack.enter_context(s.events()) for s in made[1:]]
    opened.append(stack.enter_context(made[0].long_call(60)))
    assert [s.status for s in opened] == [200] * BOUND
    assert_busy(initialize(client).http)
    assert [s.legacy("tools/list").status for s in made] == [200] * BOUND
    assert client.modern("tools/list").status == 200  # who has no session needs no place

    opened[0].connection.socket.close()
    newcomer = Client(client.address, client.path)
    eventually(lambda: initialize(client).status == 200, PATIENCE, "the session that is idle now makes room")
    newcomer.initialize()
    assert made[1].legacy("tools/list").status == 200
    with newcomer.events() as last:
        assert last.status == 200
        assert_busy(initialize(client).http)
        assert_busy(made[1].legacy("tools/list").http)  # its id is good, but there is no place for it


# Children


def test_children(serve, stack) -> None:
    client = serve(children=2)
    one, two = sessions(client, 2)
    for session in (one, two):  # an idle one would make room
        assert stack.enter_context(session.events()).status == 200
    assert_busy(initialize(client).http)
    assert_busy(client.modern("tools/list").http)
    assert [s.legacy("tools/list").status for s in (one, two)] == [200, 200]
    assert two.delete().status in (200, 204)
    eventually(lambda: client.modern("tools/list").status == 200, PATIENCE, "a child's place is free")
    assert_busy(initialize(client).http)
    assert one.legacy("tools/list").status == 200


def test_children_of_each_server(gatehouse_config, stack) -> None:
    servers = {name: {"command": everything()} for name in ("one", "two")}
    gateway = gatehouse_config({"limits": {"children": 1}, "servers": servers})
    clients: list[Client] = [Client(gateway.address, f"/{name}/mcp") for name in servers]
    for client in clients:
        client.initialize()
        assert stack.enter_context(client.events()).status == 200
    for client in clients:
        assert_busy(initialize(client).http)
        assert client.legacy("tools/list").status == 200
