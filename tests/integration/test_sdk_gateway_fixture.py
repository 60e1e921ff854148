"""Each SDK client runs its course through the gateway before a server of the official SDK that speaks both eras."""

from pathlib import Path

import pytest

from support.drivers import DRIVERS, KIT, KIT_MODERN, Driver, run_course
from support.paths import fixture


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda d: d.name)
@pytest.mark.parametrize("upstream", ["stdio", "http"])
def test_course(driver: Driver, upstream: str, gatehouse, fixture_http, recorded, tmp_path: Path) -> None:
    gateway = gatehouse("--", *fixture("--stdio")) if upstream == "stdio" else gatehouse(fixture_http().url)
    vocabulary = KIT if driver.era == "legacy" else KIT_MODERN
    run_course(driver, {"url": recorded(gateway).url}, vocabulary, tmp_path / "client.log")
