"""Starting with what cannot work fails at once and says why; stopping finishes what was begun."""

import json
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from support.mcp import Client
from support.paths import GATEHOUSE, everything, require
from support.process import clean_environment, eventually
from support.tapped import Tapped


def run(*arguments: str) -> subprocess.CompletedProcess:
    argv = [str(require(GATEHOUSE)), *arguments]
    return subprocess.run(argv, env=clean_environment(), capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--listen", "0.0.0.0:0"],
        ["--listen", "[::]:0"],
        ["--auth", "none", "--listen", "0.0.0.0:0"],
        ["--auth", "none", "--public-url", "https://tools.example"],
    ],
    ids=" ".join,
)
def test_without_login_nothing_beyond_this_machine(arguments: list[str], tmp_path: Path) -> None:
    done = run(*arguments, "--data-dir", str(tmp_path), "--", "true")
    assert done.returncode == 2
    assert "listening" not in done.stdout
    assert "login" in done.stderr or "auth" in done.stderr


@pytest.mark.parametrize("arguments", [["--nonsense"], ["--listen"], ["--listen", "nowhere"], ["--auth", "maybe", "--", "true"], []], ids=" ".join)
def test_bad_command_lines(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr


CONFIGS = {
    "unknown key": ("servers:\n  a:\n    comand: [x]\n", "3:5", "command"),
    "wrong type": ("limits:\n  header_fields: many\n", "2:18", "header_fields"),
    "out of range": ("limits:\n  header_fields: 0\n", "2:18", "header_fields"),
    "no YAML": ("servers: [\n", ":", ""),
    "name twice": ("servers:\n  a: {command: [x]}\n  a: {command: [y]}\n", "3:3", "a"),
}


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("verb", ["check", "serve"])
def test_bad_configurations(name: str, verb: str, tmp_path: Path) -> None:
    text, place, word = CONFIGS[name]
    file = tmp_path / "gatehouse.yaml"
    file.write_text(text)
    done = run(verb, "-c", str(file))
    assert done.returncode == 2
    assert "listening" not in done.stdout
    assert f"{file}:{place}" in done.stderr if place != ":" else str(file) in done.stderr
    assert word in done.stderr


def test_missing_configuration(tmp_path: Path) -> None:
    done = run("serve", "-c", str(tmp_path / "absent.yaml"))
    assert done.returncode == 2
    assert "absent.yaml" in done.stderr


def test_verbs_that_only_print() -> None:
    assert run("version").stdout.startswith("gatehouse ")
    assert run("--help").returncode == 0
    for verb in ("serve", "check", "config", "version"):
        assert run(verb, "--help").returncode == 0
    assert json.loads(run("config", "schema").stdout)["type"] == "object"
    assert "limits.header_fields" in run("config", "reference").stdout


def test_several_servers(gatehouse_config) -> None:
    gateway = gatehouse_config({"servers": {"one": {"command": everything()}, "two": {"command": everything()}}})
    for name, status in (("one", 200), ("two", 200), ("three", 404)):
        client = Client(gateway.address, f"/{name}/mcp")
        if status == 200:
            assert client.modern("tools/list").status == 200
            client.initialize()
        else:
            message = client.envelope("tools/list")
            assert client.post(message, client.modern_headers(message)).status == 404


def test_a_session_belongs_to_its_server(gatehouse_config) -> None:
    gateway = gatehouse_config({"servers": {"one": {"command": everything()}, "two": {"command": everything()}}})
    client = Client(gateway.address, "/one/mcp")
    client.initialize()
    client.path = "/two/mcp"
    assert client.legacy("tools/list").status == 404


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_a_call_under_way_is_finished(tapped: Tapped, number: signal.Signals) -> None:
    gateway, client = tapped.gateway, tapped.client
    answers = []
    call = threading.Thread(
        target=lambda: answers.append(client.modern("tools/call", {"name": "test_slow", "arguments": {"seconds": 2}}))
    )
    call.start()
    eventually(lambda: tapped.told("tools/call"), 20, "the call is under way")
    gateway.signal(number)
    call.join(15)
    assert answers and answers[0].status == 200 and answers[0].result["content"]
    assert gateway.wait(10) == 0


def test_a_call_that_does_not_end_is_cut(gatehouse, tmp_path: Path) -> None:
    tapped = Tapped(gatehouse, tmp_path, "--set", "limits.drain_deadline=1s")
    gateway, client = tapped.gateway, tapped.client

    def call() -> None:
        try:
            client.modern("tools/call", {"name": "test_slow", "arguments": {"seconds": 60}})
        except Exception:  # noqa: BLE001  it may be answered or cut: only its end matters here
            pass

    thread = threading.Thread(target=call)
    thread.start()
    eventually(lambda: tapped.told("tools/call"), 20, "the call is under way")
    gateway.signal(signal.SIGTERM)
    assert gateway.wait(10) == 0
    thread.join(5)
    assert not thread.is_alive()
