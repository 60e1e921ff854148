"""A legacy session goes on after the gateway was killed and started again on the same port and data directory."""

import signal
from pathlib import Path

import pytest

from support.drivers import KIT, LEGACY_DRIVERS, Course, Driver, judge
from support.mcp import Client
from support.paths import everything


def restart(gatehouse, gateway):
    port = gateway.address[1]
    gateway.signal(signal.SIGKILL)
    gateway.wait()
    return gatehouse("--", *everything(), port=port)


def test_a_session_survives(gatehouse) -> None:
    gateway = gatehouse("--", *everything())
    client = Client(gateway.address)
    client.initialize()
    before = client.legacy("tools/call", {"name": "test_simple_text"}).result
    for _ in range(2):
        gateway = restart(gatehouse, gateway)
        again = client.legacy("tools/call", {"name": "test_simple_text"})
        assert again.status == 200
        assert again.result["content"] == before["content"]


def test_an_ended_session_is_gone(gatehouse) -> None:
    gateway = gatehouse("--", *everything())
    client = Client(gateway.address)
    client.initialize()
    ended = client.delete()
    assert ended.status in (200, 204)
    assert client.legacy("tools/list").status == 404


def test_another_data_directory_does_not_know_the_session(gatehouse, data_dir: Path) -> None:
    gateway = gatehouse("--", *everything())
    client = Client(gateway.address)
    client.initialize()
    gateway.stop()
    other = gatehouse("--", *everything(), port=gateway.address[1], data=data_dir.parent / "other")
    assert other.address == client.address
    assert client.legacy("tools/list").status == 404


@pytest.mark.parametrize("driver", LEGACY_DRIVERS, ids=lambda d: d.name)
def test_an_sdk_client_notices_nothing(driver: Driver, gatehouse, tmp_path: Path) -> None:
    gateway = gatehouse("--", *everything())
    course = Course(driver, {"url": gateway.url}, KIT, tmp_path / "client.log", pause=True)
    restart(gatehouse, gateway)
    course.resume()
    seen = course.finish()
    assert seen["resumed"] == seen["simple"]
    judge(seen, KIT)
