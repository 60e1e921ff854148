"""Runs the official conformance suite against a server and reads its verdicts from the files it writes."""

import json
import re
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .paths import NODE_MODULES, node

CLI = NODE_MODULES / "@modelcontextprotocol/conformance/dist/index.js"
RESULT = re.compile(r"server-(?P<scenario>.+)-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z$")
GOOD = {"SUCCESS", "INFO"}


@dataclass
class Verdict:
    """What one run of the suite found, scenario by scenario."""

    exit_code: int
    output: str
    checks: dict[str, list[dict]] = field(default_factory=dict)

    def passes(self, scenario: str) -> bool:
        checks = self.checks.get(scenario, [])
        return any(c["status"] == "SUCCESS" for c in checks) and all(c["status"] in GOOD for c in checks)

    def count(self, status: str, scenarios: list[str]) -> int:
        return sum(c["status"] == status for s in scenarios for c in self.checks.get(s, []))

    def problems(self, scenarios: list[str]) -> str:
        """Each check that is not good, in a few lines."""
        lines = []
        for scenario in scenarios:
            if scenario not in self.checks:
                lines.append(f"{scenario}: did not run")
            for check in self.checks.get(scenario, []):
                if check["status"] not in GOOD:
                    detail = json.dumps(check.get("details", {}), ensure_ascii=False)
                    lines.append(f"{scenario} / {check['id']}: {check['status']}: {check.get('errorMessage', check['description'])}")
                    lines.append(f"    {detail[:1500]}")
        return "\n".join(lines) or self.output[-2000:]


@cache
def scored(requirements: str) -> list[str]:
    """The server scenarios a revision requires."""
    listing = _cli("list", "--server", "--requirements", requirements).stdout
    section = listing.split("Client scenarios")[0].split("Server scenarios")[1]
    return re.findall(r"^\s+- (\S+)", section, re.MULTILINE)


def run(url: str, directory: Path, *arguments: str) -> Verdict:
    """Runs `conformance server` on a URL; the arguments choose the scenarios."""
    done = _cli("server", "--url", url, "-o", str(directory), *arguments)
    verdict = Verdict(done.returncode, done.stdout + done.stderr)
    for result in sorted(directory.glob("server-*/checks.json")):
        name = RESULT.match(result.parent.name)
        assert name, f"unexpected result directory {result.parent.name}"
        verdict.checks[name["scenario"]] = json.loads(result.read_text())
    return verdict


def lost(reference: Verdict, target: Verdict, scenarios: list[str]) -> list[str]:
    """Checks the reference passes and the target does not; a pass that became a skip or a warning is lost too.

    One that became a remark is not: the suite remarks on answers that are JSON where a stream was possible.
    """
    missing = []
    for scenario in scenarios:
        reached = {c["id"] for c in target.checks.get(scenario, []) if c["status"] in GOOD}
        missing += [
            f"{scenario} / {c['id']}"
            for c in reference.checks.get(scenario, [])
            if c["status"] == "SUCCESS" and c["id"] not in reached
        ]
    return missing


def _cli(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([node(), str(CLI), *arguments], capture_output=True, text=True, timeout=300, check=False)
