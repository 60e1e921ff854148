"""Requests whose end two parsers could see in different places are refused, and nothing of them reaches the server behind."""

import json
import sys
from pathlib import Path

import pytest

from support.http import Connection, Incomplete, Message
from support.mcp import Client
from support.paths import GATEHOUSE, INTEGRATION, everything, require
from support.process import Program, eventually
from support.vectors import INNER, OUTER, Vector, aimed, vectors


class Stage:
    """One gateway for the whole table, with a tap on what its child is told."""

    def __init__(self, directory: Path):
        self.tap = directory / "tap.log"
        child = [sys.executable, str(INTEGRATION / "support/tee_stdio.py"), str(self.tap), *everything()]
        options = ["--auth", "none", "--listen", "127.0.0.1:0", "--data-dir", str(directory / "data"), "--log-format", "json"]
        self.gateway = Program([str(require(GATEHOUSE)), *options, "--", *child], directory / "gatehouse.log").wait_listening()
        self.client = Client(self.gateway.address)

    def log_lines(self) -> int:
        return self.gateway.output().count("\n")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory):
    stage = Stage(tmp_path_factory.mktemp("smuggling"))
    yield stage
    stage.gateway.stop()


def answers(connection: Connection) -> list[Message]:
    """All responses until the server closes; interim ones count, for none is due."""
    found = []
    try:
        while True:
            found.append(connection.reader.message())
    except Incomplete:
        return found


def test_the_table_is_large_and_has_no_doubles() -> None:
    assert len(vectors()) >= 150


@pytest.mark.parametrize("vector", vectors(), ids=lambda v: v.name.replace(" ", "-"))
def test_refused(vector: Vector, stage: Stage) -> None:
    lines = stage.log_lines()
    with Connection(stage.gateway.address, 8) as connection:
        connection.send(aimed(vector, stage.gateway.address[1]))
        got = [connection.response()] if vector.framed else answers(connection)

    assert [m.status for m in got] in [[status] for status in vector.statuses], [(m.start, m.body[:200]) for m in got]
    assert got[0].complete
    assert vector.framed or got[0].get("connection").lower() == "close"
    tapped = stage.tap.read_text() if stage.tap.exists() else ""
    assert OUTER not in tapped and INNER not in tapped
    eventually(lambda: stage.log_lines() > lines, 2, "the log says what happened")
    for line in stage.gateway.output().splitlines()[lines:]:
        json.loads(line)
    assert stage.client.modern("tools/call", {"name": "test_simple_text"}).status == 200
