"""A client that tries the modern era first falls back when the server behind the gateway is of the legacy era only."""

from pathlib import Path

from support.drivers import DRIVERS, KIT, REFERENCE_SERVER, run_course
from support.mcp import Client
from support.paths import fixture, reference_server

AUTO = next(d for d in DRIVERS if d.era == "auto")


def test_discover_is_an_unknown_method(gatehouse) -> None:
    answer = Client(gatehouse("--", *fixture("--legacy-stdio")).address).modern("server/discover")
    assert answer.status == 404
    assert answer.error["code"] == -32601
    assert answer.final["id"] == 1


def test_automatic_client_before_the_reference_server(gatehouse, recorded, tmp_path: Path) -> None:
    url = recorded(gatehouse("--", *reference_server("stdio"))).url
    seen = run_course(AUTO, {"url": url}, REFERENCE_SERVER, tmp_path / "client.log")
    assert seen["version"] == "2025-11-25"


def test_automatic_client_before_a_legacy_only_fixture(gatehouse, recorded, tmp_path: Path) -> None:
    url = recorded(gatehouse("--", *fixture("--legacy-stdio"))).url
    seen = run_course(AUTO, {"url": url}, KIT, tmp_path / "client.log")
    assert seen["version"] == "2025-11-25"
