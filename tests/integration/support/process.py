"""Programs under test: started on a free port, watched through /proc, ended and judged by their exit."""

import os
import re
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

LISTENING = re.compile(r"listening on (http://\S+)")


def clean_environment() -> dict[str, str]:
    """Ours without the variables that speak to the tests: the gateway takes any GATEHOUSE_* for a setting."""
    return {k: v for k, v in os.environ.items() if not k.startswith("GATEHOUSE_")}


class Program:
    """A running program whose output goes to a log file; with a first line that says where it listens, if it serves."""

    def __init__(self, argv: list[str], log: Path, env: dict[str, str] | None = None, listens: bool = True):
        self.argv, self.log, self.url = argv, log, ""
        self._sink = open(log, "ab", buffering=0)
        self.popen = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if listens else self._sink,
            stderr=self._sink,
            env={**clean_environment(), **(env or {})},
            start_new_session=True,
        )
        self._drain: threading.Thread | None = None

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        assert parts.hostname and parts.port
        return parts.hostname, parts.port

    def wait_listening(self, seconds: float = 30) -> "Program":
        """Reads the first line of stdout; everything behind it is drained into the log by a thread."""
        line = self._first_line(seconds)
        found = LISTENING.match(line)
        assert found, f"{self.argv[0]} began with {line!r} instead of its address\n{self.output()}"
        self.url = found.group(1)
        self._drain = threading.Thread(target=self._copy_rest, daemon=True)
        self._drain.start()
        return self

    def _first_line(self, seconds: float) -> str:
        out, line, deadline = self.popen.stdout, b"", time.monotonic() + seconds
        assert out
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([out], [], [], max(0, deadline - time.monotonic()))
            byte = os.read(out.fileno(), 1) if ready else b""
            if not byte:
                self.stop(check=False)
                raise AssertionError(f"{' '.join(self.argv)} did not say where it listens (got {line!r})\n{self.output()}")
            line += byte
        self._sink.write(line)
        return line.decode(errors="replace").rstrip()

    def _copy_rest(self) -> None:
        assert self.popen.stdout
        while chunk := os.read(self.popen.stdout.fileno(), 65536):
            self._sink.write(chunk)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def signal(self, number: int) -> None:
        if self.popen.poll() is None:
            self.popen.send_signal(number)

    def wait(self, seconds: float = 15) -> int:
        return self.popen.wait(seconds)

    def stop(self, check: bool = True, seconds: float = 15) -> int:
        """Ends the program with SIGTERM; with check, anything but a timely exit 0 fails the test."""
        self.signal(signal.SIGTERM)
        try:
            code = self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.popen.wait()
            assert not check, f"{self.argv[0]} ignored SIGTERM for {seconds} s\n{self.output()}"
            return -signal.SIGKILL
        assert not check or code == 0, f"{self.argv[0]} ended with {code} after SIGTERM\n{self.output()}"
        return code


@dataclass(frozen=True)
class Process:
    """One line of the process table."""

    pid: int
    parent: int
    state: str
    name: str
    command: str


def process_table() -> dict[int, Process]:
    table = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            stat = Path(f"/proc/{entry}/stat").read_text()
            command = Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue
        # The name stands in parentheses and may contain some itself, so the fields count from the last one.
        name = stat[stat.index("(") + 1 : stat.rindex(")")]
        state, parent = stat[stat.rindex(")") + 2 :].split()[:2]
        table[int(entry)] = Process(int(entry), int(parent), state, name, command)
    return table


def descendants(pid: int) -> list[Process]:
    """All living processes below pid, nearest first."""
    table, found, seen = process_table(), [], [pid]
    while seen:
        parent = seen.pop(0)
        children = [p for p in table.values() if p.parent == parent and p.state != "Z"]
        found += children
        seen += [p.pid for p in children]
    return found


def marked(mark: str) -> list[Process]:
    """All living processes with the mark in their command line, wherever in the tree they are."""
    return [p for p in process_table().values() if mark in p.command and p.state != "Z" and p.pid != os.getpid()]


def free_port() -> int:
    """A port nobody listens on now, for programs that cannot choose one themselves and tell."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def eventually(condition: Callable[[], object], seconds: float, what: str) -> object:
    """Polls until the condition holds and returns its value; fails after the given time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)
