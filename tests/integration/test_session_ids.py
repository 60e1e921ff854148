"""Session ids that are none: altered, of another server, ended, invented; nobody can tell one kind from the other (S-51)."""

import json
import secrets
import string

import pytest

from support.http import Message, once, request
from support.mcp import Client
from support.paths import everything

ALPHABET = string.ascii_letters + string.digits + "-_"
METHODS = ("POST", "GET", "DELETE")


@pytest.fixture
def gateway(gatehouse_config):
    return gatehouse_config({"servers": {"one": {"command": everything()}, "two": {"command": everything()}}})


@pytest.fixture
def client(gateway) -> Client:
    client = Client(gateway.address, "/one/mcp")
    client.initialize()
    return client


def send(client: Client, method: str, session: str) -> Message:
    """The same request each time, but for its session."""
    head = client.headers({"MCP-Protocol-Version": client.version, "Mcp-Session-Id": session})
    body = {"POST": json.dumps({"jsonrpc": "2.0", "id": "same", "method": "tools/list"}).encode()}
    return once(client.address, request(method, client.path, head, body.get(method, b"")))


def seen(response: Message) -> tuple:
    """All that a client can see, but for the clock."""
    return response.start, [h for h in response.headers if h[0].lower() != "date"], response.body


def ended(gateway) -> str:
    other = Client(gateway.address, "/one/mcp")
    other.initialize()
    assert other.delete().status == 204
    return other.session


def of_the_other_server(gateway) -> str:
    other = Client(gateway.address, "/two/mcp")
    other.initialize()
    return other.session


@pytest.mark.parametrize("method", METHODS)
def test_all_that_are_none_look_the_same(gateway, client: Client, method: str) -> None:
    good = client.session
    flipped = good[:20] + ("A" if good[20] != "A" else "B") + good[21:]
    kinds = {
        "altered": flipped,
        "ended": ended(gateway),
        "of the other server": of_the_other_server(gateway),
        "cut": good[:-1],
        "longer": good + "A",
        "invented": secrets.token_urlsafe(len(good) * 3 // 4),
        "short": "x",
        "no base64": "a b",
    }
    answers = {kind: seen(send(client, method, session)) for kind, session in kinds.items()}
    expected = answers["altered"]
    assert expected[0].split()[1] == "404"
    for kind, answer in answers.items():
        assert answer == expected, kind
    if method == "POST":
        assert json.loads(expected[2])["id"] == "same"
    assert client.legacy("tools/list").status == 200


def test_no_byte_may_be_altered(client: Client) -> None:
    good = client.session
    for at, old in enumerate(good):
        new = ALPHABET[(ALPHABET.index(old) + 1) % len(ALPHABET)] if old in ALPHABET else "A"
        assert send(client, "POST", good[:at] + new + good[at + 1 :]).status == 404, (at, good)
    assert send(client, "POST", good).status == 200


def test_a_stranger_does_not_end_a_session(gateway, client: Client) -> None:
    there = Client(gateway.address, "/two/mcp")
    assert send(there, "DELETE", client.session).status == 404
    assert client.legacy("tools/list").status == 200


def test_an_ended_session_stays_ended(client: Client) -> None:
    assert client.delete().status == 204
    for method in METHODS * 2:
        assert send(client, method, client.session).status == 404
