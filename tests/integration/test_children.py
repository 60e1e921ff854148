"""However the gateway, the warden or a session ends, no process that a child started outlives it by two seconds."""

import contextlib
import os
import secrets
import signal
import sys

import pytest

from support.mcp import Client
from support.paths import GATEHOUSE, INTEGRATION
from support.process import Process, Program, descendants, eventually, marked

KINDS = {
    "plain": ([], 1),
    "deaf": (["--deaf"], 1),
    "family": (["--family"], 4),
    "daemon": (["--daemon"], 2),
    "everything at once": (["--deaf", "--family", "--daemon"], 5),
}
# Closing the input, then SIGTERM, then five seconds of patience with a child that is deaf to both.
PATIENCE = 8


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
    household.all_gone(2)


def test_the_gateway_is_killed(household: Household) -> None:
    household.gateway.signal(signal.SIGKILL)
    household.gateway.wait()
    household.all_gone(2)


@pytest.mark.parametrize("name", ["gatehouse-warden", "gatehouse-guard"])
def test_the_warden_or_its_guard_is_killed(household: Household, name: str) -> None:
    os.kill(household.helper(name).pid, signal.SIGKILL)
    household.children_gone(2)


def test_the_session_ends(household: Household) -> None:
    assert household.client.delete().status in (200, 204)
    household.children_gone(PATIENCE)


def test_the_child_ends_by_itself(household: Household) -> None:
    answer = household.client.legacy("tools/call", {"name": "exit"})
    assert answer.error["code"] == -32603
    household.children_gone(2)


def test_the_next_call_after_a_childs_end_works(gatehouse) -> None:
    household = Household(gatehouse, "family")
    household.client.legacy("tools/call", {"name": "exit"})
    again = household.client.legacy("tools/call", {"name": "pid"})
    assert again.status in (200, 404)
    fresh = Client(household.gateway.address)
    fresh.initialize()
    assert fresh.legacy("tools/call", {"name": "pid"}).status == 200
