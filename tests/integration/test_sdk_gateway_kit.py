"""Each SDK client runs its course through the gateway, with the kit's example as a stdio child behind it."""

from pathlib import Path

import pytest

from support.drivers import DRIVERS, KIT, KIT_MODERN, MODERN, Driver, run_course
from support.paths import everything


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda d: d.name)
def test_course(driver: Driver, gatehouse, recorded, tmp_path: Path) -> None:
    legacy = driver.era == "legacy"
    url = recorded(gatehouse("--", *everything())).url
    seen = run_course(driver, {"url": url}, KIT if legacy else KIT_MODERN, tmp_path / "client.log")
    assert seen["version"] == ("2025-11-25" if legacy else MODERN)
