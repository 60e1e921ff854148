"""What the HTTP edge answers to requests that are well formed: statuses, connections, forms of bodies, addresses."""

import json
import socket

import pytest

from support.http import Connection, chunked, once, request
from support.mcp import Client
from support.paths import everything


@pytest.fixture
def client(gatehouse) -> Client:
    return Client(gatehouse("--", *everything()).address)


def listing(client: Client, headers: dict[str, str] | None = None, **replaced: str | None) -> tuple[dict[str, str], bytes]:
    """A valid request in parts; keyword arguments replace header fields (underscores for dashes), None removes one."""
    message = client.envelope("tools/list")
    fields = {**client.headers(client.modern_headers(message)), **(headers or {})}
    for name, value in replaced.items():
        present = next((k for k in fields if k.lower() == name.replace("_", "-")), name.replace("_", "-"))
        fields.pop(present, None)
        if value is not None:
            fields[present] = value
    return fields, json.dumps(message).encode()


@pytest.mark.parametrize(
    ("replaced", "status"),
    [
        ({}, 200),
        ({"accept": "*/*"}, 200),
        ({"accept": None}, 200),
        ({"accept": "application/json"}, 200),
        ({"accept": "application/*;q=0.5"}, 200),
        ({"accept": "text/event-stream"}, 200),
        ({"accept": "text/html"}, 406),
        ({"accept": "application/json;q=0, text/event-stream;q=0"}, 406),
        ({"content_type": "application/json; charset=utf-8"}, 200),
        ({"content_type": "Application/JSON"}, 200),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/jsonp"}, 415),
        ({"content_type": None}, 415),
        ({"content_encoding": "gzip"}, 415),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost.evil.example"}, 403),
        ({"host": "evil.example"}, 421),
        ({"host": "evil.example:80"}, 421),
    ],
    ids=str,
)
def test_fields(client: Client, replaced: dict, status: int) -> None:
    headers, body = listing(client, **replaced)
    response = once(client.address, request("POST", "/mcp", headers, body))
    assert response.status == status, response
    assert client.modern("tools/list").status == 200


def test_origins_of_the_listener_itself(client: Client) -> None:
    for host in (f"127.0.0.1:{client.address[1]}", f"localhost:{client.address[1]}"):
        headers, body = listing(client, host=host, origin=f"http://{host}")
        assert once(client.address, request("POST", "/mcp", headers, body)).status == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example"])
@pytest.mark.parametrize("path", ["/mcp", "/mcp/", "/healthz", "/", "/nowhere"])
def test_a_foreign_host_is_refused_on_every_route(client: Client, host: str, path: str) -> None:
    assert once(client.address, request("GET", path, {"Host": host})).status == 421


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/mcp/", 200),
        ("POST", "/mcp?x=y", 200),
        ("POST", "/", 404),
        ("POST", "/mcp2", 404),
        ("POST", "/MCP", 404),
        ("POST", "//mcp", 404),
        ("POST", "/mcp/x", 404),
        ("PUT", "/mcp", 405),
        ("PATCH", "/mcp", 405),
        ("GET", "/mcp", 405),
        ("DELETE", "/mcp", 405),
        ("GET", "/healthz", 200),
        ("GET", "/.well-known/nothing", 404),
    ],
)
def test_methods_and_paths(client: Client, method: str, path: str, status: int) -> None:
    headers, body = listing(client)
    response = once(client.address, request(method, path, headers, b"" if method in ("GET", "DELETE") else body))
    assert response.status == status, response
    if status == 405:
        assert "POST" in response.get("allow")
    if status == 404:
        assert response.get("content-type").startswith("application/json")


def test_head_has_no_body(client: Client) -> None:
    host = {"Host": f"127.0.0.1:{client.address[1]}"}
    with Connection(client.address) as connection:
        head = connection.send(request("HEAD", "/healthz", host)).response(bodyless=True)
        get = connection.send(request("GET", "/healthz", host)).response()
    assert (head.status, get.status) == (200, 200)
    assert head.get("content-length") == get.get("content-length") == str(len(get.body))


def test_keep_alive(client: Client) -> None:
    with Connection(client.address) as connection:
        for _ in range(20):
            assert connection.send(request("POST", "/mcp", *listing(client))).response().status == 200


def test_connection_close_is_obeyed(client: Client) -> None:
    headers, body = listing(client, connection="close")
    with Connection(client.address) as connection:
        response = connection.send(request("POST", "/mcp", headers, body)).response()
        assert (response.status, response.get("connection").lower()) == (200, "close")
        assert connection.closed(2)


def test_http_1_0(client: Client) -> None:
    data = request("POST", "/mcp", *listing(client)).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    with Connection(client.address) as connection:
        response = connection.send(data).response()
        assert response.status == 200
        assert "transfer-encoding" not in [k.lower() for k, _ in response.headers]
        assert connection.closed(2)


def test_pipelined_requests_are_answered_in_order(client: Client) -> None:
    ids, data = [], b""
    for _ in range(10):
        headers, body = listing(client)
        ids.append(json.loads(body)["id"])
        data += request("POST", "/mcp", headers, body)
    with Connection(client.address) as connection:
        connection.send(data)
        assert [json.loads(connection.response().body)["id"] for _ in ids] == ids


def test_every_byte_in_a_segment_of_its_own(client: Client) -> None:
    with Connection(client.address) as connection:
        for byte in request("POST", "/mcp", *listing(client)):
            connection.send(bytes([byte]))
        assert connection.response().status == 200


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_chunked_request(client: Client, size: int) -> None:
    headers, body = listing(client)
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    headers["Transfer-Encoding"] = "chunked"
    with Connection(client.address) as connection:
        assert connection.send(request("POST", "/mcp", headers, chunked(*pieces))).response().status == 200
        assert connection.send(request("POST", "/mcp", *listing(client))).response().status == 200


def test_expect_continue(client: Client) -> None:
    headers, body = listing(client, expect="100-continue")
    headers["Content-Length"] = str(len(body))
    with Connection(client.address) as connection:
        assert connection.send(request("POST", "/mcp", headers)).reader.message().status == 100
        assert connection.send(body).response().status == 200


def test_ipv6(gatehouse) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    gateway = gatehouse("--", *everything(), host="[::1]")
    client = Client(("::1", int(gateway.url.rsplit(":", 1)[1].split("/")[0])))
    headers, body = listing(client, host=gateway.url.split("/")[2])
    assert once(client.address, request("POST", "/mcp", headers, body)).status == 200
