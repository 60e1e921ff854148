"""A child gets a minimal environment, three descriptors and nothing else of ours."""

import json
import sys

from support.mcp import Client
from support.paths import INTEGRATION

CHILD = [sys.executable, str(INTEGRATION / "support/child.py")]
ALLOWED = {"PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR"}


def inspect(gateway) -> dict:
    client = Client(gateway.address)
    client.initialize()
    return json.loads(client.legacy("tools/call", {"name": "inspect"}).result["content"][0]["text"])


def test_environment(gatehouse) -> None:
    gateway = gatehouse("--env", "WANTED", "--env", "ABSENT", "--", *CHILD, env={"WANTED": "w", "UNWANTED": "u", "TZ": "UTC"})
    seen = inspect(gateway)["environment"]
    # Python itself may add LC_CTYPE when it finds no locale.
    assert set(seen) - ALLOWED - {"LC_CTYPE"} == {"WANTED"}
    assert seen["WANTED"] == "w" and seen["TZ"] == "UTC"


def test_descriptors_umask_and_signals(gatehouse) -> None:
    gateway = gatehouse("--", *CHILD)
    streams = [Client(gateway.address) for _ in range(5)]
    for stream in streams:
        stream.initialize()
    seen = inspect(gateway)
    assert set(seen["descriptors"]) == {"0", "1", "2"}, seen["descriptors"]
    assert seen["umask"] == "0077"
    assert seen["blocked"] == 0
