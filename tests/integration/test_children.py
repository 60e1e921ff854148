"""However the gateway, the warden or a session ends, no process that a child started outlives it by two seconds."""

import contextlib
import json
import os
import secrets
import signal
import sys

import pytest

from support.http import Connection, request
from support.mcp import Client
from support.paths import BUILD, GATEHOUSE, INTEGRATION
from support.process import Process, Program, descendants, eventually, marked

KINDS = {
    "plain": ([], 1),
    "deaf": (["--deaf"], 1),
    "family": (["--family"], 4),
    "daemon": (["--daemon"], 2),
    "everything at once": (["--deaf", "--family", "--daemon"], 5),
}
# Closing the input, then SIGTERM, then five seconds of patience with a child that is deaf to both.
PATIENCE = 30
# What is promised of the release build; a sanitizer makes everything several times slower.
AT_ONCE = 2 if BUILD.name == "build" else 20
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}


def is_ours(process: Process) -> bool:
    try:
        return os.path.realpath(f"/proc/{process.pid}/exe") == os.path.realpath(GATEHOUSE)
    except OSError:
        return False


class Household:
    """A gateway with one open session, and the marked processes behind it."""

    def __init__(self, gatehouse, kind: str):
        arguments, self.size = KINDS[kind]
        self.mark = f"mark-{secrets.token_hex(8)}"
        child = [sys.executable, str(INTEGRATION / "support/child.py"), "--mark", self.mark, *arguments]
        self.gateway: Program = gatehouse("--", *child)
        self.client = Client(self.gateway.address)
        self.client.initialize()
        self.client.legacy("tools/list")
        eventually(lambda: len(self.children()) == self.size, 5, f"{self.size} processes run, not {self.children()}")

    def children(self) -> list[Process]:
        return [p for p in marked(self.mark) if not is_ours(p)]

    def helper(self, name: str) -> Process:
        """A process of the gateway's own program, by the beginning of its name as the kernel keeps it."""
        found = [p for p in descendants(self.gateway.pid) if is_ours(p) and p.name == name[:15]]
        assert len(found) == 1, found
        return found[0]

    def all_gone(self, seconds: float) -> None:
        eventually(lambda: not marked(self.mark), seconds, "no process is left")

    def children_gone(self, seconds: float) -> None:
        eventually(lambda: not self.children(), seconds, "no child is left")


@pytest.fixture(params=KINDS, ids=lambda k: k.replace(" ", "-"))
def household(request: pytest.FixtureRequest, gatehouse):
    house = Household(gatehouse, request.param)
    yield house
    for process in house.children():
        with contextlib.suppress(ProcessLookupError):  # it was just going
            os.kill(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_the_gateway_is_told_to_end(household: Household, number: signal.Signals) -> None:
    household.gateway.signal(number)
    assert household.gateway.wait(30) == 0
    household.all_gone(AT_ONCE)


def test_the_gateway_is_killed(household: Household) -> None:
    household.gateway.signal(signal.SIGKILL)
    household.gateway.wait()
    household.all_gone(AT_ONCE)


@pytest.mark.parametrize("name", ["gatehouse-warden", "gatehouse-guard"])
def test_the_warden_or_its_guard_is_killed(household: Household, name: str) -> None:
    os.kill(household.helper(name).pid, signal.SIGKILL)
    household.children_gone(AT_ONCE)


def test_the_session_ends(household: Household) -> None:
    assert household.client.delete().status in (200, 204)
    household.children_gone(PATIENCE)


def test_the_child_ends_by_itself(household: Household) -> None:
    answer = household.client.legacy("tools/call", {"name": "exit"})
    assert answer.error["code"] == -32603
    household.children_gone(AT_ONCE)


def test_the_next_call_after_a_childs_end_works(gatehouse) -> None:
    household = Household(gatehouse, "family")
    household.client.legacy("tools/call", {"name": "exit"})
    again = household.client.legacy("tools/call", {"name": "pid"})
    assert again.status in (200, 404)
    fresh = Client(household.gateway.address)
    fresh.initialize()
    assert fresh.legacy("tools/call", {"name": "pid"}).status == 200


def test_a_child_ends_with_the_client_that_did_not_wait_for_it(gatehouse) -> None:
    """Whoever vanishes before its session stands leaves nothing: no one else could ever use that session."""
    mark = f"mark-{secrets.token_hex(8)}"
    gateway = gatehouse("--", sys.executable, "-c", "import sys; sys.stdin.read()", mark)
    client = Client(gateway.address)
    data = request("POST", "/mcp", client.headers(), json.dumps(client.rpc("initialize", HELLO)).encode())
    with Connection(gateway.address).send(data):
        eventually(lambda: any(not is_ours(p) for p in marked(mark)), 5, "the child runs")
    eventually(lambda: all(is_ours(p) for p in marked(mark)), 5, "no child is left")


def test_idle_sessions_make_room_for_others(gatehouse) -> None:
    gateway = gatehouse("--set", "limits.children=2", "--", sys.executable, str(INTEGRATION / "support/child.py"))
    clients = [Client(gateway.address) for _ in range(5)]

    def is_let_in(client: Client) -> bool:  # not at once: the child of another is to end first
        answer = client.post(client.rpc("initialize", HELLO))
        client.session = answer.http.get("mcp-session-id")
        return answer.status == 200

    for client in clients:
        eventually(lambda c=client: is_let_in(c), 5, "it is let in")
    for client in clients:
        eventually(lambda c=client: c.legacy("tools/list").status == 200, 5, "its session is good still")
