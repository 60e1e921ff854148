"""Each SDK client runs its course against the kit's example as its own child, over stdio."""

from pathlib import Path

import pytest

from support.drivers import DRIVERS, KIT, KIT_MODERN, Driver, run_course
from support.paths import everything


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda d: d.name)
def test_course(driver: Driver, tmp_path: Path) -> None:
    run_course(driver, {"command": everything()}, KIT if driver.era == "legacy" else KIT_MODERN, tmp_path / "client.log")
