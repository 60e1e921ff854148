"""A cancelled call is cancelled at the server behind, too, in each era's own way."""

import json

from support.http import Connection, request
from support.mcp import Client, messages_in
from support.process import eventually
from support.tapped import Tapped


SLOW = {"name": "test_slow", "arguments": {"seconds": 20}}


def begin(client: Client, message: dict, headers: dict[str, str]) -> Connection:
    return Connection(client.address, 30).send(request("POST", "/mcp", client.headers(headers), json.dumps(message).encode()))


def test_modern_client_closes_its_stream(tapped: Tapped) -> None:
    client = tapped.client
    message = client.envelope("tools/call", SLOW)
    connection = begin(client, message, client.modern_headers(message))
    call = eventually(lambda: tapped.told("tools/call"), 10, "the call arrives")[0]
    connection.socket.close()
    cancelled = eventually(lambda: tapped.told("notifications/cancelled"), 3, "the cancellation arrives")[0]
    assert cancelled["params"]["requestId"] == call["id"]
    assert client.modern("tools/call", {"name": "test_simple_text"}).status == 200


def test_legacy_client_says_so(tapped: Tapped) -> None:
    client = tapped.client
    client.initialize()
    message = client.rpc("tools/call", SLOW)
    with begin(client, message, client.session_headers()) as connection:
        call = eventually(lambda: tapped.told("tools/call"), 10, "the call arrives")[0]
        notification = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": message["id"], "reason": "enough"}}
        assert client.post(notification, client.session_headers()).status == 202
        cancelled = eventually(lambda: tapped.told("notifications/cancelled"), 3, "the cancellation arrives")[0]
        assert cancelled["params"]["requestId"] == call["id"]
        # Nothing comes for a cancelled call, but its request ends.
        connection.socket.settimeout(5)
        assert messages_in(connection.response()) == []
    assert client.legacy("tools/list").status == 200


def test_legacy_client_that_only_loses_its_connection_cancels_nothing(tapped: Tapped) -> None:
    client = tapped.client
    client.initialize()
    message = client.rpc("tools/call", {"name": "test_slow", "arguments": {"seconds": 1}})
    connection = begin(client, message, client.session_headers())
    eventually(lambda: tapped.told("tools/call"), 10, "the call arrives")
    connection.socket.close()
    # Another call as long as that one: when it is answered, a wrong cancellation would have come.
    assert client.legacy("tools/call", {"name": "test_slow", "arguments": {"seconds": 1}}).status == 200
    assert tapped.told("notifications/cancelled") == []


def test_another_sessions_cancellation_touches_nothing(tapped: Tapped) -> None:
    client, other = tapped.client, Client(tapped.gateway.address)
    client.initialize()
    other.initialize()
    message = client.rpc("tools/call", {"name": "test_slow", "arguments": {"seconds": 2}})
    with begin(client, message, client.session_headers()) as connection:
        eventually(lambda: tapped.told("tools/call"), 10, "the call arrives")
        notification = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": message["id"]}}
        assert other.post(notification, other.session_headers()).status == 202
        assert connection.response().status == 200
    assert tapped.told("notifications/cancelled") == []


def test_the_end_of_a_session_cancels_its_calls(tapped: Tapped) -> None:
    client, other = tapped.client, Client(tapped.gateway.address)
    client.initialize()
    other.initialize()
    message = client.rpc("tools/call", SLOW)
    with begin(client, message, client.session_headers()) as connection:
        call = eventually(lambda: tapped.told("tools/call"), 10, "the call arrives")[0]
        assert client.delete().status in (200, 204)
        cancelled = eventually(lambda: tapped.told("notifications/cancelled"), 3, "the cancellation arrives")[0]
        assert cancelled["params"]["requestId"] == call["id"]
        connection.socket.settimeout(5)
        assert messages_in(connection.response()) == []
    assert client.legacy("tools/list").status == 404
    assert other.legacy("tools/list").status == 200
