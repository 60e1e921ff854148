"""Messages that are no good: each has its HTTP status and error code, its id comes back, and the next call works."""

import json

import pytest

from support.mcp import META, MODERN, Client
from support.paths import everything


@pytest.fixture
def client(gatehouse, recorded) -> Client:
    return Client(recorded(gatehouse("--", *everything())).address)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nothing", b'{"jsonrpc":"2.0","id":1,"method":"tools/list"', b'{"a":1,}', b'{"a":"\xff"}', b'{"a":"\\ud800"}', b"\xef\xbb\xbf{}", b"{} {}"],
    ids=["empty", "half", "word", "cut off", "comma", "not UTF-8", "half a pair", "byte order mark", "two documents"],
)
def test_no_json(client: Client, body: bytes) -> None:
    answer = client.post(body, {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/list"})
    assert answer.status == 400
    assert answer.error["code"] == -32700
    assert "id" not in answer.final
    assert client.modern("tools/list").status == 200


@pytest.mark.parametrize(
    "message",
    [
        1,
        "text",
        None,
        {},
        {"jsonrpc": "1.0", "id": 1, "method": "tools/list"},
        {"id": 1, "method": "tools/list"},
        {"jsonrpc": "2.0", "id": 1},
        {"jsonrpc": "2.0", "id": 1, "method": 7},
        {"jsonrpc": "2.0", "id": {}, "method": "tools/list"},
        {"jsonrpc": "2.0", "id": True, "method": "tools/list"},
        {"jsonrpc": "2.0", "id": None, "method": "tools/list"},
        {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": []},
        {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": "x"},
        {"jsonrpc": "2.0", "id": 1, "result": {}, "error": {"code": 1, "message": "x"}},
        [],
        [1],
    ],
    ids=json.dumps,
)
def test_no_message(client: Client, message: object) -> None:
    answer = client.post(json.dumps(message).encode(), {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/list"})
    assert answer.status == 400
    assert answer.error["code"] in (-32600, -32602)
    assert client.modern("tools/list").status == 200


def test_duplicate_members_are_refused(client: Client) -> None:
    answer = client.post(b'{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}', {"MCP-Protocol-Version": MODERN})
    assert answer.status == 400
    assert answer.error["code"] in (-32600, -32700)


@pytest.mark.parametrize("identity", [0, -1, 2**53 + 1, 12345678901234567890123, "", "näme", "a" * 200, 1.5], ids=lambda i: str(i)[:24])
def test_ids_come_back_as_they_were(client: Client, identity: object) -> None:
    for method, status in (("tools/list", 200), ("no/such", 404)):
        message = {**client.envelope(method), "id": identity}
        answer = client.post(message, client.modern_headers(message))
        # A fraction is no id by the schema, and may be refused as such.
        assert answer.status == status or (isinstance(identity, float) and answer.status == 400)
        if answer.status == status:
            assert answer.final["id"] == identity


CALL = {"name": "test_simple_text"}


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        ({"version": "2099-01-01"}, 400, -32020),
        ({"version": None}, 400, -32020),
        ({"method_header": "prompts/list"}, 400, -32020),
        ({"method_header": None}, 400, -32020),
        ({"method_header": "TOOLS/LIST"}, 400, -32020),
        ({"method": "tools/call", "params": CALL, "name": "another"}, 400, -32020),
        ({"method": "tools/call", "params": CALL, "name": None}, 400, -32020),
        ({"method": "tools/call", "params": CALL, "name": "=?base64?!!!?="}, 400, -32020),
        ({"meta": {"clientCapabilities": None}}, 400, -32602),
        ({"meta": {"clientCapabilities": 7}}, 400, -32602),
        ({"meta": {"protocolVersion": 7}}, 400, -32602),
        ({"meta": {"protocolVersion": "2099-01-01"}, "version": "2099-01-01"}, 400, -32022),
        ({"meta": {"protocolVersion": "2025-11-25"}, "version": "2025-11-25"}, 400, -32022),
        ({"method": "no/such/method"}, 404, -32601),
        ({"method": "initialize"}, 404, -32601),
        ({"method": "ping"}, 404, -32601),
        ({"method": "tools/call", "params": {"name": "no_such_tool"}}, 200, -32602),
        ({"method": "prompts/get", "params": {"name": "no_such_prompt"}}, 200, -32602),
        ({"method": "resources/read", "params": {"uri": "test://nowhere"}}, 200, -32602),
    ],
    ids=json.dumps,
)
def test_modern_refusals(client: Client, arguments: dict, status: int, code: int) -> None:
    given = dict(arguments)
    headers = {k: given.pop(k) for k in ("version", "name") if k in given}
    if "method_header" in given:
        headers["method"] = given.pop("method_header")
    message = client.envelope(given.pop("method", "tools/list"), given.pop("params", None))
    for key, value in given.pop("meta", {}).items():
        message["params"]["_meta"].pop(META + key, None)
        if value is not None:
            message["params"]["_meta"][META + key] = value
    fields = client.modern_headers(message)
    for key, value in headers.items():
        name = {"version": "MCP-Protocol-Version", "method": "Mcp-Method", "name": "Mcp-Name"}[key]
        fields.pop(name, None)
        if value is not None:
            fields[name] = value
    answer = client.post(message, fields)
    assert (answer.status, answer.error["code"]) == (status, code), answer.final
    assert answer.final["id"] == message["id"]
    if code == -32022:
        assert answer.error["data"]["supported"] == [MODERN]
    assert client.modern("tools/list").status == 200


def test_a_legacy_header_with_a_modern_body_is_tolerated(client: Client) -> None:
    """Builds in use send the header of their legacy revision with a modern body: the body decides."""
    message = client.envelope("tools/list")
    answer = client.post(message, {**client.modern_headers(message), "MCP-Protocol-Version": "2025-11-25"})
    assert answer.status == 200 and answer.result["resultType"] == "complete"


def test_encoded_name_is_decoded_before_it_is_compared(client: Client) -> None:
    message = client.envelope("tools/call", CALL)
    fields = {**client.modern_headers(message), "Mcp-Name": "=?base64?dGVzdF9zaW1wbGVfdGV4dA==?="}
    assert client.post(message, fields).status == 200


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_legacy_versions_are_echoed(client: Client, version: str) -> None:
    assert client.initialize(version=version).result["protocolVersion"] == version
    assert client.legacy("tools/list").status == 200


@pytest.mark.parametrize("version", ["1999-01-01", "2026-07-28", "later"])
def test_unknown_versions_are_answered_with_the_newest(client: Client, version: str) -> None:
    assert client.initialize(version=version).result["protocolVersion"] == "2025-11-25"


def test_unknown_session(client: Client) -> None:
    client.initialize()
    real = client.session
    for wrong in ("nobody", real[:-1] + ("A" if real[-1] != "A" else "B"), real + "A", real[: len(real) // 2]):
        client.session = wrong
        assert client.legacy("tools/list").status == 404
    client.session = real
    assert client.legacy("tools/list").status == 200


def test_unserved_version_header_in_a_session(client: Client) -> None:
    client.initialize()
    client.version = "1999-01-01"
    assert client.legacy("tools/list").status == 400
    client.version = "2025-11-25"
    assert client.legacy("tools/list").status == 200


def test_unknown_method_in_a_session(client: Client) -> None:
    client.initialize()
    answer = client.legacy("no/such/method")
    assert (answer.status, answer.error["code"]) == (200, -32601)


def test_a_response_nobody_waits_for(client: Client) -> None:
    client.initialize()
    answer = client.post({"jsonrpc": "2.0", "id": 99, "result": {}}, client.session_headers())
    assert answer.status == 202 and not answer.http.body


def test_a_batch_is_refused_as_a_whole(client: Client) -> None:
    # Only revision 2025-03-26 has batches, and its clients need not send any. Nothing of one is carried out.
    client.initialize(version="2025-03-26")
    answer = client.post([client.rpc("ping"), client.rpc("tools/list")], client.session_headers())
    assert (answer.status, answer.error["code"]) == (400, -32600)
    assert client.legacy("tools/list").status == 200


def test_a_batch_in_a_revision_without(client: Client) -> None:
    client.initialize()
    answer = client.post([client.rpc("ping")], client.session_headers())
    assert (answer.status, answer.error["code"]) == (400, -32600)
