"""Clients that do not read: what waits for them is bounded, the one answer they wait for always comes, others notice nothing.

The kernel takes some megabytes off the gateway's hands before anything waits in it, so the bound is not met to the byte here:
what is far below it arrives whole, what is far above both it and the kernel's share does not.
"""

import sys
from pathlib import Path

import pytest

from support.mcp import META, Client, Stream
from support.paths import INTEGRATION
from support.process import Program, eventually

KIB = 1024
BOUND = 64 * KIB
FITS = {"size": 4 * KIB, "count": 8}
FLOODS = {"size": 4 * KIB, "count": 8000}
PATIENCE = 60
UPDATES = {"resourceSubscriptions": ["test://0/"]}


@pytest.fixture
def gateway(gatehouse_config) -> Program:
    command = [sys.executable, str(INTEGRATION / "support/flood.py")]
    limits = {"unsent_bytes": BOUND, "drain_deadline": "1s"}
    return gatehouse_config({"limits": limits, "servers": {"flood": {"command": command}}})


@pytest.fixture
def client(gateway: Program) -> Client:
    return Client(gateway.address, "/flood/mcp")


@pytest.fixture
def done(tmp_path: Path) -> Path:
    """The file the server makes when it has said everything."""
    return tmp_path / "done"


def flood(kind: str, size: int, count: int, done: Path, answer: int = 1) -> dict:
    return {"name": "flood", "arguments": {kind: count, "size": size, "answer": answer, "done": str(done)}}


def all_said(done: Path) -> None:
    eventually(done.exists, PATIENCE, "the server has said everything")


def call_message(client: Client, era: str, call: dict) -> dict:
    if era == "modern":
        return client.envelope("tools/call", {**call, "_meta": {META + "logLevel": "debug"}})
    client.initialize()
    return client.rpc("tools/call", call)


def works(client: Client, era: str) -> None:
    call = client.modern if era == "modern" else client.legacy
    assert call("tools/list").result["tools"]


def numbers(messages: list[dict]) -> list[int]:
    return [int(m["params"]["uri"].split("/")[2]) for m in messages if m["method"] == "notifications/resources/updated"]


@pytest.mark.parametrize("era", ["modern", "legacy"])
class TestOfACall:
    """What a call says before its answer, to a client that reads nothing until all was said."""

    def test_what_fits_arrives_whole(self, client: Client, done: Path, era: str) -> None:
        message = call_message(client, era, flood("log", **FITS, done=done))
        stream = client.stream(message)
        all_said(done)
        *logs, last = stream.rest()
        assert [m["params"]["data"]["number"] for m in logs] == list(range(FITS["count"]))
        assert last["id"] == message["id"] and last["result"]["content"]

    def test_what_does_not_fit_ends_the_call(self, client: Client, done: Path, era: str) -> None:
        message = call_message(client, era, flood("log", **FLOODS, done=done))
        stream = client.stream(message)
        all_said(done)
        *logs, last = stream.rest()
        assert [m["params"]["data"]["number"] for m in logs] == list(range(len(logs)))
        assert len(logs) < FLOODS["count"]
        assert last["id"] == message["id"]
        assert last["error"]["code"] == -32603
        works(client, era)

    def test_the_answer_is_never_too_much(self, client: Client, done: Path, era: str) -> None:
        size = 3 * KIB * KIB
        message = call_message(client, era, flood("log", **FITS, done=done, answer=size))
        stream = client.stream(message)
        all_said(done)
        works(client, era)
        *logs, last = stream.rest()
        assert len(logs) == FITS["count"]
        assert len(last["result"]["content"][0]["text"]) == size


def test_a_subscription_that_is_read_late(client: Client, done: Path) -> None:
    with client.listen(UPDATES) as stream:
        assert stream.next()["method"] == "notifications/subscriptions/acknowledged"
        assert client.modern("tools/call", flood("events", **FITS, done=done)).status == 200
        assert [numbers([stream.next()]) for _ in range(FITS["count"])] == [[n] for n in range(FITS["count"])]


def test_a_subscription_that_is_not_read_is_cut(client: Client, done: Path) -> None:
    message = client.envelope("subscriptions/listen", {"notifications": UPDATES})
    with client.stream(message) as stream:
        assert stream.next()["method"] == "notifications/subscriptions/acknowledged"
        assert client.modern("tools/call", flood("events", **FLOODS, done=done)).status == 200
        works(client, "modern")
        *events, last = stream.rest()
        assert numbers(events) == list(range(len(events)))
        assert len(events) < FLOODS["count"]
        assert last["id"] == message["id"]
        assert last["error"]["code"] == -32603
    with client.listen(UPDATES) as again:
        assert again.next()["method"] == "notifications/subscriptions/acknowledged"


def test_a_legacy_stream_that_is_not_read_loses_the_oldest(client: Client, done: Path) -> None:
    client.initialize()
    with client.events() as stream:
        assert client.legacy("tools/call", flood("events", **FLOODS, done=done)).status == 200
        got = [-1]
        while got[-1] < FLOODS["count"] - 1:
            got += numbers([stream.next()])
        assert got == sorted(set(got))
        assert len(got) < FLOODS["count"]
        works(client, "legacy")
