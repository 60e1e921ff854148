"""The rig itself works: each SDK client runs its course against reference servers, with no build of ours involved."""

from pathlib import Path

import pytest

from support.drivers import DRIVERS, KIT, KIT_MODERN, LEGACY_DRIVERS, MODERN, REFERENCE_SERVER, Driver, run_course
from support.paths import fixture, reference_server

pytestmark = pytest.mark.reference


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda d: d.name)
def test_fixture_over_http(driver: Driver, fixture_http, recorded, tmp_path: Path) -> None:
    legacy = driver.era == "legacy"
    seen = run_course(driver, {"url": recorded(fixture_http()).url}, KIT if legacy else KIT_MODERN, tmp_path / "client.log")
    assert seen["version"] == ("2025-11-25" if legacy else MODERN)


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda d: d.name)
def test_fixture_over_stdio(driver: Driver, tmp_path: Path) -> None:
    run_course(driver, {"command": fixture("--stdio")}, KIT if driver.era == "legacy" else KIT_MODERN, tmp_path / "client.log")


@pytest.mark.parametrize("driver", LEGACY_DRIVERS, ids=lambda d: d.name)
def test_reference_server_over_stdio(driver: Driver, tmp_path: Path) -> None:
    run_course(driver, {"command": reference_server("stdio")}, REFERENCE_SERVER, tmp_path / "client.log")


@pytest.mark.parametrize("driver", LEGACY_DRIVERS, ids=lambda d: d.name)
def test_reference_server_over_http(driver: Driver, reference_http, tmp_path: Path) -> None:
    run_course(driver, {"url": reference_http()}, REFERENCE_SERVER, tmp_path / "client.log")
