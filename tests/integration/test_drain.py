"""Being told to end: what was begun is finished, streams get their end, what does not finish is cut; always exit 0."""

import signal
import socket
from collections.abc import Callable

import pytest

from support.http import Incomplete
from support.mcp import Client
from support.paths import everything
from support.process import Program, eventually

PATIENCE = 30
TOOLS = {"toolsListChanged": True}


@pytest.fixture
def house(gatehouse_config) -> Callable[[str], tuple[Program, Client]]:
    """A gateway with so long a deadline, and a client with a session."""

    def start(deadline: str) -> tuple[Program, Client]:
        limits = {"drain_deadline": deadline, "heartbeat": "200ms"}
        gateway = gatehouse_config({"limits": limits, "servers": {"kit": {"command": everything()}}})
        client = Client(gateway.address, "/kit/mcp")
        client.initialize()
        return gateway, client

    return start


def test_a_legacy_stream_ends(house) -> None:
    gateway, client = house("1h")
    with client.events() as stream:
        assert stream.status == 200
        gateway.signal(signal.SIGTERM)
        assert stream.rest() == []
    assert gateway.wait(PATIENCE) == 0


def test_a_subscription_gets_its_result(house) -> None:
    gateway, client = house("1h")
    message = client.envelope("subscriptions/listen", {"notifications": TOOLS})
    with client.stream(message) as stream:
        assert stream.next()["method"] == "notifications/subscriptions/acknowledged"
        gateway.signal(signal.SIGTERM)
        (last,) = stream.rest()
        assert last["id"] == message["id"]
        assert last["result"]["resultType"] == "complete"
    assert gateway.wait(PATIENCE) == 0


def test_a_call_that_finishes_in_time(house) -> None:
    gateway, client = house("1h")
    with client.long_call(2) as stream:
        assert stream.next()["method"] == "notifications/progress"
        gateway.signal(signal.SIGTERM)
        assert stream.rest()[-1]["result"]["content"]
    assert gateway.wait(PATIENCE) == 0


def test_a_call_that_does_not(house) -> None:
    gateway, client = house("1s")
    with client.long_call(600) as stream:
        assert stream.next()["method"] == "notifications/progress"
        gateway.signal(signal.SIGTERM)
        with pytest.raises(Incomplete):
            stream.rest()
    assert gateway.wait(PATIENCE) == 0


def test_all_at_once(house) -> None:
    gateway, client = house("5s")
    with client.events() as events, client.listen(TOOLS) as listening, client.long_call(1) as short, client.long_call(600) as long:
        for stream in (listening, short, long):
            assert stream.next()["method"].startswith("notifications/")
        gateway.signal(signal.SIGTERM)
        assert events.rest() == []
        assert listening.rest()[-1]["result"]["resultType"] == "complete"
        assert short.rest()[-1]["result"]["content"]
        with pytest.raises(Incomplete):
            long.rest()
    assert gateway.wait(PATIENCE) == 0


def is_refused(address: tuple[str, int]) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(address) != 0


def test_nobody_new_is_let_in(house) -> None:
    gateway, client = house("1h")
    with client.long_call(4) as stream:
        stream.next()
        gateway.signal(signal.SIGTERM)
        eventually(lambda: is_refused(gateway.address), PATIENCE, "nobody listens")
        assert stream.rest()[-1]["result"]["content"]
    assert gateway.wait(PATIENCE) == 0


def test_a_second_signal_does_not_wait(house) -> None:
    gateway, client = house("1h")
    with client.long_call(600) as stream:
        stream.next()
        gateway.signal(signal.SIGTERM)
        eventually(lambda: is_refused(gateway.address), PATIENCE, "nobody listens")
        gateway.signal(signal.SIGTERM)
        assert gateway.wait(PATIENCE) == 0
