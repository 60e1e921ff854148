"""What is installed is whole: the program, its page, and a kit that a server outside of the tree is built with."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from support.paths import BUILD, GATEHOUSE, ROOT, require

pytestmark = pytest.mark.release
HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}


def run(*command: str, **more: object) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **more)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all that `make install` puts below DESTDIR."""
    require(GATEHOUSE)
    destination = tmp_path_factory.mktemp("installed")
    run("meson", "install", "-C", str(BUILD), "--no-rebuild", "--destdir", str(destination))
    return destination


def one(installed: Path, name: str) -> Path:
    found = list(installed.rglob(name))
    assert len(found) == 1, found
    return found[0]


def test_the_program_and_its_page(installed: Path) -> None:
    assert run(str(one(installed, "gatehouse.1").parents[3] / "bin/gatehouse"), "version").startswith("gatehouse ")
    assert one(installed, "gatehouse.1").parent.name == "man1"


def test_a_server_built_with_the_installed_kit(installed: Path, tmp_path: Path) -> None:
    paths = {**os.environ, "PKG_CONFIG_PATH": str(one(installed, "gatehouse.pc").parent)}
    flags = run("pkg-config", "--cflags", "--libs", "--static", "gatehouse", env=paths).split()
    hello = str(tmp_path / "hello")
    run("cc", str(ROOT / "examples/hello/hello.c"), *flags, "-o", hello, cwd=tmp_path)
    request = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO})
    answer = json.loads(run(hello, input=request + "\n"))
    assert answer["result"]["serverInfo"] == {"name": "hello", "version": "1.0"}


def test_the_kits_library_shows_nothing_but_the_kit(installed: Path) -> None:
    symbols = run("nm", "-g", "--defined-only", str(one(installed, "libgatehouse.a"))).splitlines()
    names = [line.split()[2] for line in symbols if len(line.split()) == 3]
    assert "gatehouse_main" in names
    assert [name for name in names if not name.startswith("gatehouse_")] == []
