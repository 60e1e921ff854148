"""Legacy SDK clients run their course through the gateway before @modelcontextprotocol/server-everything."""

from pathlib import Path

import pytest

from support.drivers import LEGACY_DRIVERS, REFERENCE_SERVER, Driver, run_course
from support.paths import reference_server


@pytest.mark.parametrize("driver", LEGACY_DRIVERS, ids=lambda d: d.name)
@pytest.mark.parametrize("upstream", ["stdio", "streamableHttp"])
def test_course(driver: Driver, upstream: str, gatehouse, reference_http, recorded, tmp_path: Path) -> None:
    gateway = gatehouse("--", *reference_server("stdio")) if upstream == "stdio" else gatehouse(reference_http())
    run_course(driver, {"url": recorded(gateway).url}, REFERENCE_SERVER, tmp_path / "client.log")
