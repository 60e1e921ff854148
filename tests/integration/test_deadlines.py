"""Deadlines of the HTTP edge, shortened by configuration: slow heads, slow bodies, idle connections."""

import json
import time
from collections.abc import Callable

import pytest

from support.http import Connection, Incomplete, request
from support.mcp import Client
from support.paths import everything

SECOND = 1.0
PATIENCE = 30  # for what must happen at some time


@pytest.fixture
def serve(gatehouse_config) -> Callable[..., Client]:
    """A gateway with one server and the limits given."""

    def start(**limits: object) -> Client:
        gateway = gatehouse_config({"limits": limits, "servers": {"kit": {"command": everything()}}})
        return Client(gateway.address, "/kit/mcp")

    return start


def call_bytes(client: Client) -> bytes:
    message = client.envelope("tools/list")
    return request("POST", client.path, client.headers(client.modern_headers(message)), json.dumps(message).encode())


def works(client: Client) -> None:
    assert client.modern("tools/list").status == 200


@pytest.mark.parametrize("drip", [False, True], ids=["silent", "byte by byte"])
def test_a_head_that_does_not_end(serve, drip: bool) -> None:
    client = serve(head_deadline="1s")
    data, started = call_bytes(client), time.monotonic()
    with Connection(client.address) as connection:
        connection.send(data[:20])
        if drip:
            for byte in data[20:32]:
                time.sleep(0.1)
                connection.send(bytes([byte]))
        response = connection.response()
        assert response.status == 408
        assert time.monotonic() - started >= SECOND * 0.9  # not before its time; how soon after is no test's matter
        assert connection.closed(PATIENCE)
    works(client)


def test_a_head_that_ends_in_time(serve) -> None:
    client = serve(head_deadline="2s")
    data = call_bytes(client)
    with Connection(client.address) as connection:
        connection.send(data[:20])
        time.sleep(SECOND)
        assert connection.send(data[20:]).response().status == 200


def test_a_connection_that_never_says_anything(serve) -> None:
    client = serve(head_deadline="1s", keep_alive_idle="1s")
    with Connection(client.address) as connection:
        assert connection.closed(PATIENCE)
    works(client)


def test_an_idle_connection(serve) -> None:
    client = serve(keep_alive_idle="1s")
    data = call_bytes(client)
    with Connection(client.address) as connection:
        assert connection.send(data).response().status == 200
        time.sleep(SECOND / 2)
        assert connection.send(data).response().status == 200
        started = time.monotonic()
        with pytest.raises(Incomplete) as nothing:
            connection.response()
        assert not nothing.value.args[0]
        assert time.monotonic() - started >= SECOND * 0.9  # not before its time; how soon after is no test's matter
    works(client)


def test_a_body_that_is_too_slow(serve) -> None:
    client = serve()
    headers = {**client.headers(), "Content-Length": "100000"}
    with Connection(client.address, PATIENCE) as connection:
        connection.send(request("POST", client.path, headers))
        started = time.monotonic()
        connection.socket.settimeout(0.25)
        while time.monotonic() - started < PATIENCE:
            connection.send(b" " * 100)
            try:
                if connection.reader.more():
                    break
            except TimeoutError:
                continue
        assert time.monotonic() - started > 4.5
        assert connection.response().status == 408
    works(client)


def test_a_body_that_is_just_fast_enough(serve) -> None:
    client = serve()
    message = client.envelope("tools/call", {"name": "test_simple_text", "arguments": {"pad": "a" * 12000}})
    headers, body = client.headers(client.modern_headers(message)), json.dumps(message).encode()
    with Connection(client.address, 15) as connection:
        connection.send(request("POST", client.path, {**headers, "Content-Length": str(len(body))}))
        for at in range(0, len(body), 800):
            connection.send(body[at : at + 800])
            time.sleep(0.5)
        assert connection.response().status == 200
