"""A gateway whose child is listened to: what it was told, message by message."""

import json
import sys
from pathlib import Path

from support.mcp import Client
from support.paths import INTEGRATION, everything


class Tapped:
    """A gateway whose child is listened to."""

    def __init__(self, gatehouse, directory: Path, *options: str):
        self.tap = directory / "tap.log"
        self.gateway = gatehouse(*options, "--", sys.executable, str(INTEGRATION / "support/tee_stdio.py"), str(self.tap), *everything())
        self.client = Client(self.gateway.address)

    def told(self, method: str) -> list[dict]:
        lines = self.tap.read_text().splitlines() if self.tap.exists() else []
        messages = [json.loads(line[2:]) for line in lines if line.startswith("> ")]
        return [m for m in messages if m.get("method") == method]
