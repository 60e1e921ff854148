"""Limits of the HTTP edge and of JSON, each one below, at and one above its bound, over a socket."""

import json

import pytest

from support.http import Connection, Message, chunked, once, request
from support.mcp import Client
from support.paths import everything

KIB = 1024


@pytest.fixture
def client(gatehouse) -> Client:
    return Client(gatehouse("--", *everything()).address)


def around(bound: int) -> list[tuple[int, bool]]:
    return [(bound - 1, True), (bound, True), (bound + 1, False)]


def judge(client: Client, response: Message, fits: bool, status: int, closes: bool = True) -> None:
    """What fits is answered 200; what does not has its status; either way the next call works."""
    assert response.status == (200 if fits else status), (response.start, response.body[:300])
    if not fits and closes:
        assert response.get("connection").lower() == "close"
    assert client.modern("tools/call", {"name": "test_simple_text"}).status == 200


def list_request(client: Client, target: str = "/mcp", more: list[tuple[str, str]] | None = None) -> bytes:
    message = client.envelope("tools/list")
    headers = list(client.headers(client.modern_headers(message)).items())
    return request("POST", target, [*headers, *(more or [])], json.dumps(message).encode())


@pytest.mark.parametrize(("size", "fits"), around(8 * KIB))
def test_request_line(client: Client, size: int, fits: bool) -> None:
    target = "/mcp?" + "a" * (size - len("POST /mcp? HTTP/1.1"))
    judge(client, once(client.address, list_request(client, target)), fits, 414)


def block_of(data: bytes) -> int:
    """The bytes of the field lines with their ends, without request line and empty line."""
    return data.index(b"\r\n\r\n") - data.index(b"\r\n")


@pytest.mark.parametrize(("size", "fits"), around(32 * KIB))
def test_header_block_of_one_long_field(client: Client, size: int, fits: bool) -> None:
    room = size - block_of(list_request(client, more=[("X-Pad", "")]))
    data = list_request(client, more=[("X-Pad", "a" * room)])
    assert block_of(data) == size
    judge(client, once(client.address, data), fits, 431)


@pytest.mark.parametrize(("size", "fits"), around(32 * KIB))
def test_header_block_of_many_fields(client: Client, size: int, fits: bool) -> None:
    pads = [(f"X-{i:02}", "a" * 400) for i in range(75)]
    room = size - block_of(list_request(client, more=[*pads, ("X-Pad", "")]))
    judge(client, once(client.address, list_request(client, more=[*pads, ("X-Pad", "a" * room)])), fits, 431)


@pytest.mark.parametrize(("count", "fits"), around(100))
def test_field_count(client: Client, count: int, fits: bool) -> None:
    present = list_request(client).split(b"\r\n\r\n")[0].count(b"\r\n")
    more = [(f"X-{i}", "1") for i in range(count - present)]
    judge(client, once(client.address, list_request(client, more=more)), fits, 431)


def padded_call(client: Client, size: int) -> tuple[dict[str, str], bytes]:
    message = client.envelope("tools/call", {"name": "test_simple_text", "arguments": {"pad": ""}})
    body = json.dumps(message).encode()
    return client.headers(client.modern_headers(message)), body.replace(b'"pad": ""', b'"pad": "%s"' % (b"a" * (size - len(body))))


@pytest.mark.parametrize(("size", "fits"), around(4 * KIB * KIB))
def test_body_of_known_length(client: Client, size: int, fits: bool) -> None:
    headers, body = padded_call(client, size)
    assert len(body) == size
    judge(client, once(client.address, request("POST", "/mcp", headers, body)), fits, 413)


@pytest.mark.parametrize(("size", "fits"), around(4 * KIB * KIB))
def test_body_in_chunks(client: Client, size: int, fits: bool) -> None:
    headers, body = padded_call(client, size)
    pieces = [body[at : at + 60000] for at in range(0, size, 60000)]
    headers["Transfer-Encoding"] = "chunked"
    judge(client, once(client.address, request("POST", "/mcp", headers, chunked(*pieces))), fits, 413)


def test_declared_length_alone_is_refused(client: Client) -> None:
    headers = {**client.headers(), "Content-Length": str(10**15)}
    judge(client, once(client.address, request("POST", "/mcp", headers)), False, 413)


def test_expectation_of_a_body_too_large_is_refused_before_it_comes(client: Client) -> None:
    headers = {**client.headers(), "Content-Length": str(5 * KIB * KIB), "Expect": "100-continue"}
    with Connection(client.address) as connection:
        first = connection.send(request("POST", "/mcp", headers)).reader.message()
    judge(client, first, False, 413)


def json_call(client: Client, argument: str) -> Message:
    """Calls with an argument given as JSON text, so that it can be what json.dumps would not write."""
    message = client.envelope("tools/call", {"name": "test_simple_text", "arguments": {"x": "HERE"}})
    body = json.dumps(message).replace('"HERE"', argument).encode()
    return once(client.address, request("POST", client.path, client.headers(client.modern_headers(message)), body), 30)


def judge_json(client: Client, response: Message, fits: bool) -> None:
    """What is refused was not read to its end, so nobody knows the id of it."""
    judge(client, response, fits, 400, closes=False)
    if not fits:
        refusal = json.loads(response.body)
        assert refusal["error"]["code"] == -32700, refusal
        assert refusal.get("id") is None


@pytest.mark.parametrize(("depth", "fits"), around(128))
@pytest.mark.parametrize("kind", ["arrays", "objects"])
def test_json_depth(client: Client, depth: int, fits: bool, kind: str) -> None:
    # The message, its params and its arguments are three levels themselves.
    inner = depth - 3
    text = "[" * inner + "]" * inner if kind == "arrays" else '{"a":' * (inner - 1) + "{}" + "}" * (inner - 1)
    judge_json(client, json_call(client, text), fits)


def test_json_depth_without_end(client: Client) -> None:
    judge_json(client, json_call(client, "[" * 1_000_000), False)


def nodes_of(value: object) -> int:
    """Values and member names."""
    if isinstance(value, dict):
        return 1 + sum(1 + nodes_of(v) for v in value.values())
    return 1 + sum(nodes_of(v) for v in value) if isinstance(value, list) else 1


@pytest.mark.parametrize(("count", "fits"), around(200_000))
def test_json_nodes(client: Client, count: int, fits: bool) -> None:
    message = client.envelope("tools/call", {"name": "test_simple_text", "arguments": {"x": []}})
    room = count - nodes_of(message)
    judge_json(client, json_call(client, "[" + ",".join("0" * room) + "]"), fits)


@pytest.mark.parametrize(("size", "fits"), around(64))
@pytest.mark.parametrize("form", ["integer", "fraction", "exponent"])
def test_json_number(client: Client, size: int, fits: bool, form: str) -> None:
    text = {"integer": "1" * size, "fraction": "0." + "1" * (size - 2), "exponent": "1" * (size - 3) + "e10"}[form]
    judge_json(client, json_call(client, text), fits)


@pytest.mark.parametrize(
    ("name", "bound"), [("json_depth", 10), ("json_nodes", 150), ("json_number_chars", 20)], ids=lambda value: str(value)
)
@pytest.mark.parametrize(("more", "fits"), around(0))
def test_json_limits_that_were_set(gatehouse_config, name: str, bound: int, more: int, fits: bool) -> None:
    gateway = gatehouse_config({"limits": {name: bound}, "servers": {"kit": {"command": everything()}}})
    client = Client(gateway.address, "/kit/mcp")
    size = bound + more
    inner = size - 3
    room = size - nodes_of(client.envelope("tools/call", {"name": "test_simple_text", "arguments": {"x": []}}))
    argument = {
        "json_depth": "[" * inner + "]" * inner,
        "json_nodes": "[" + ",".join("0" * room) + "]",
        "json_number_chars": "1" * size,
    }[name]
    judge_json(client, json_call(client, argument), fits)


@pytest.mark.parametrize("id", ["text", 7, 2**53 - 1, "t" * 1000])
def test_a_refusal_says_which_request_it_is_for(client: Client, id: object) -> None:
    message = {**client.envelope("tools/call", {"name": "test_simple_text"}), "id": id}
    message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "1999-01-01"
    answer = client.post(message, {**client.modern_headers(message), "MCP-Protocol-Version": "1999-01-01"})
    assert answer.status == 400
    assert answer.error["code"] == -32022
    assert answer.final["id"] == id
