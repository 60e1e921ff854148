"""Each SDK client runs its course against the kit's example as an HTTP server of its own."""

from pathlib import Path

import pytest

from support.drivers import DRIVERS, KIT, KIT_MODERN, MODERN, Driver, run_course


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda d: d.name)
def test_course(driver: Driver, everything_http, recorded, tmp_path: Path) -> None:
    legacy = driver.era == "legacy"
    seen = run_course(driver, {"url": recorded(everything_http()).url}, KIT if legacy else KIT_MODERN, tmp_path / "client.log")
    assert seen["version"] == ("2025-11-25" if legacy else MODERN)
