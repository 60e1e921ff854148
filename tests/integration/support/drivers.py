"""Starts the official SDK clients as programs of their own and judges the course they ran."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from .paths import INTEGRATION, NODE_DIR, node

MODERN = "2026-07-28"


def _call(name: str, **arguments: object) -> dict:
    return {"name": name, "arguments": arguments}


@dataclass(frozen=True)
class Vocabulary:
    """What the things the course needs are called at one kind of server, and what must come back."""

    words: dict
    tools: set[str]
    progress: list[list[int]]
    texts: dict[str, str] = field(default_factory=dict)


_KIT_WORDS = {
    "simple": _call("test_simple_text"),
    "progress": _call("test_tool_with_progress"),
    "ask": _call("test_elicitation", message="What shall it be?"),
    "answer": {"username": "tea", "email": "tea@example.com"},
    "slow": _call("test_slow", seconds=30),
    "resource": "test://static-text",
    "prompt": _call("test_prompt_with_arguments", arg1="alpha", arg2="omega"),
}
_KIT_TOOLS = {"test_simple_text", "test_tool_with_progress", "test_elicitation", "test_slow"}
_KIT_TEXTS = {"prompt": "omega", "askText": "tea", "asked": "What shall it be?"}

# The fixture and the kit's example, which use the names of the conformance suite.
KIT = Vocabulary(_KIT_WORDS, _KIT_TOOLS, [[0, 100], [50, 100], [100, 100]], _KIT_TEXTS)

# The same for modern clients: the question there is a tool's result, with a key of its own.
KIT_MODERN = Vocabulary(
    {**_KIT_WORDS, "ask": _call("test_input_required_result_elicitation"), "answer": {"name": "Ada"}},
    _KIT_TOOLS,
    KIT.progress,
    {"prompt": "omega", "askText": "Ada", "asked": "name"},
)

# @modelcontextprotocol/server-everything.
REFERENCE_SERVER = Vocabulary(
    {
        "simple": _call("echo", message="as it was"),
        "progress": _call("trigger-long-running-operation", duration=0.3, steps=3),
        "ask": _call("trigger-elicitation-request"),
        "answer": {"name": "Ada", "check": True},
        "slow": _call("trigger-long-running-operation", duration=20, steps=1),
        "resource": "demo://resource/dynamic/text/7",
        "prompt": _call("args-prompt", city="Oslo"),
    },
    {"echo", "trigger-elicitation-request", "trigger-long-running-operation"},
    [[1, 3], [2, 3], [3, 3]],
    {"simple": "as it was", "prompt": "Oslo", "askText": "Ada", "asked": "provide inputs"},
)


@dataclass(frozen=True)
class Driver:
    """One SDK in one era."""

    name: str
    argv: tuple[str, ...]
    era: str

    @property
    def modern(self) -> bool:
        return self.era == MODERN


def _typescript(sdk: str) -> tuple[str, ...]:
    return (node(), "--disable-warning=ExperimentalWarning", str(NODE_DIR / "driver.ts"), sdk)


_PYTHON = (sys.executable, "-m", "support.python_client")
DRIVERS = [
    Driver("ts1-legacy", _typescript("sdk1"), "legacy"),
    Driver("ts2-legacy", _typescript("sdk2"), "legacy"),
    Driver("ts2-modern", _typescript("sdk2"), MODERN),
    Driver("python-legacy", _PYTHON, "legacy"),
    Driver("python-modern", _PYTHON, MODERN),
    Driver("python-auto", _PYTHON, "auto"),
]
LEGACY_DRIVERS = [d for d in DRIVERS if d.era == "legacy"]


class Course:
    """A client on its way; a paused one waits for resume()."""

    def __init__(self, driver: Driver, target: dict, vocabulary: Vocabulary, log: Path, pause: bool = False):
        plan = {"target": target, "era": driver.era, "words": vocabulary.words, "pause": pause, "cancelAfter": 500}
        self.vocabulary, self.log = vocabulary, log
        self._popen = subprocess.Popen(
            [*driver.argv, json.dumps(plan)],
            cwd=INTEGRATION,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=open(log, "wb"),
            text=True,
        )
        if pause:
            assert self._popen.stdout
            line = self._popen.stdout.readline()
            assert '"paused"' in line, self._failure(line)

    def resume(self) -> None:
        assert self._popen.stdin
        self._popen.stdin.write("go on\n")
        self._popen.stdin.flush()

    def finish(self, seconds: float = 60) -> dict:
        try:
            out, _ = self._popen.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            out, _ = self._popen.communicate()
            raise AssertionError(self._failure(out)) from None
        assert self._popen.returncode == 0, self._failure(out)
        return json.loads(out.strip().splitlines()[-1])

    def _failure(self, out: str) -> str:
        return f"the client failed; stdout {out[-500:]!r}\n{self.log.read_text(errors='replace')[-4000:]}"


def run_course(driver: Driver, target: dict, vocabulary: Vocabulary, log: Path) -> dict:
    """The whole course, with everything it must have seen asserted; returns the report for further questions."""
    seen = Course(driver, target, vocabulary, log).finish()
    judge(seen, vocabulary)
    return seen


def judge(seen: dict, vocabulary: Vocabulary) -> None:
    assert seen["simple"], seen
    assert vocabulary.tools <= set(seen["tools"]), seen["tools"]
    assert seen["resources"] and seen["prompts"], seen
    # The last progress may be overtaken by the result, which ends the SDK's interest in it; never an earlier one.
    assert seen["progress"] in (vocabulary.progress, vocabulary.progress[:-1]), seen["progress"]
    assert seen["resource"], seen
    for key, part in vocabulary.texts.items():
        assert part in str(seen[key]), (key, seen[key])
    assert "refused" in seen["cancel"] and seen["cancel"]["milliseconds"] < 3000, seen["cancel"]
    assert seen["cancel"]["after"] == seen["simple"], seen["cancel"]
