"""Fixtures of all integration tests: start programs, keep their logs, end them, show the logs when a test failed."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.paths import EVERYTHING, GATEHOUSE, fixture, reference_server, require
from support.process import Program, accepts, eventually, free_port
from support.tapped import Tapped
from support.wire import SCHEMAS, Recorder, assert_valid

LOG_TAIL = 6000
COUNTS = pytest.StashKey[list[str]]()
SANITIZER_REPORT = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|\.[ch]:\d+:\d+: runtime error: ")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    if report.failed:
        for log in sorted(getattr(item, "program_logs", [])):
            report.sections.append((f"log {log.name}", log.read_text(errors="replace")[-LOG_TAIL:]))
    return report


@pytest.fixture(autouse=True)
def no_sanitizer_reports(tmp_path: Path) -> Iterator[None]:
    """A sanitizer's report in a log fails the test, whichever process wrote it and however that process ended."""
    yield
    for log in sorted(tmp_path.glob("*.log")):
        text = log.read_text(errors="replace")
        found = SANITIZER_REPORT.search(text)
        assert not found, f"{log.name} holds a sanitizer's report:\n{text[max(0, found.start() - 200) :][:LOG_TAIL]}"


@pytest.fixture
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Program]]:
    """start(argv) runs a program until the test ends; a program that still runs then must obey SIGTERM with exit 0."""
    running: list[Program] = []
    request.node.program_logs = []

    def start_program(argv: list[str], listens: bool = True, env: dict[str, str] | None = None) -> Program:
        log = tmp_path / f"{len(running)}-{Path(argv[0]).name}.log"
        program = Program(argv, log, env, listens)
        request.node.program_logs.append(log)
        running.append(program)
        return program.wait_listening() if listens else program

    yield start_program
    left = [p for p in reversed(running) if p.popen.poll() is None]
    ours = [p for p in left if p.argv[0] in (str(GATEHOUSE), str(EVERYTHING))]
    for program in left:
        if program not in ours:
            program.stop(check=False)
    for program in ours:
        program.stop()


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    path = tmp_path / "data"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture
def gatehouse(start: Callable[..., Program], data_dir: Path) -> Callable[..., Program]:
    """gatehouse(arguments...) starts the gateway without login on a free port, or on the port given."""

    def start_gatehouse(
        *arguments: str, host: str = "127.0.0.1", port: int = 0, data: Path = data_dir, env: dict[str, str] | None = None
    ) -> Program:
        options = ["--auth", "none", "--listen", f"{host}:{port}", "--data-dir", str(data)]
        return start([str(require(GATEHOUSE)), *options, *arguments], env=env)

    return start_gatehouse


@pytest.fixture
def everything_http(start: Callable[..., Program]) -> Callable[..., Program]:
    """The kit's example as an HTTP server of its own."""
    return lambda *arguments: start([str(require(EVERYTHING)), "--http", "--listen", "127.0.0.1:0", *arguments])


@pytest.fixture
def fixture_http(start: Callable[..., Program]) -> Callable[..., Program]:
    """The TypeScript fixture over HTTP, in both eras unless told otherwise."""
    return lambda mode="--http": start(fixture(mode))


@pytest.fixture
def reference_http(start: Callable[..., Program]) -> Callable[[], str]:
    """The URL of a fresh @modelcontextprotocol/server-everything over streamable HTTP."""

    def start_reference() -> str:
        port = free_port()
        start(reference_server("streamableHttp"), listens=False, env={"PORT": str(port)})
        eventually(lambda: accepts(port), 20, "the reference server listens")
        return f"http://127.0.0.1:{port}/mcp"

    return start_reference


@pytest.fixture
def record_counts(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Puts a line about this test into the summary at the end of the run."""
    lines = request.config.stash.setdefault(COUNTS, [])
    return lambda line: lines.append(f"{request.node.name}: {line}")


def pytest_terminal_summary(terminalreporter) -> None:
    lines = terminalreporter.config.stash.get(COUNTS, [])
    if lines:
        terminalreporter.section("counts")
    for line in lines:
        terminalreporter.write_line(line)


@pytest.fixture
def recorded() -> Iterator[Callable[[Program], Recorder]]:
    """recorded(program) puts a recording proxy before a server; at the end all it emitted must be valid by the schema."""
    recorders: list[Recorder] = []

    def record(program: Program) -> Recorder:
        recorders.append(Recorder(program.address))
        return recorders[-1]

    yield record
    for recorder in recorders:
        recorder.close()
    if not SCHEMAS.is_dir():
        pytest.skip(f"messages were NOT held against the schema: {SCHEMAS} is absent (GATEHOUSE_TEST_DATA names the folder)")
    for recorder in recorders:
        assert_valid(recorder)


@pytest.fixture
def gatehouse_config(start: Callable[..., Program], data_dir: Path, tmp_path: Path) -> Callable[[dict], Program]:
    """gatehouse_config(settings) starts the gateway from a file with these settings, on a free port, without login."""

    def start_configured(settings: dict) -> Program:
        file = tmp_path / "gatehouse.yaml"
        # JSON is YAML.
        file.write_text(json.dumps({"listen": "127.0.0.1:0", "auth": "none", "data_dir": str(data_dir), **settings}))
        return start([str(require(GATEHOUSE)), "serve", "-c", str(file)])

    return start_configured


@pytest.fixture
def tapped(gatehouse, tmp_path: Path) -> Tapped:
    return Tapped(gatehouse, tmp_path)
