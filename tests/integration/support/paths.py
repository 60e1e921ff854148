"""Where the tests find the build, the tools they installed and the optional test data."""

import os
import platform
import shutil
from pathlib import Path

INTEGRATION = Path(__file__).resolve().parent.parent
ROOT = INTEGRATION.parent.parent
NODE_DIR = INTEGRATION / "node"
NODE_MODULES = NODE_DIR / "node_modules"
BUILD = (ROOT / os.environ.get("GATEHOUSE_BUILD", "build")).resolve()
GATEHOUSE = BUILD / "gatehouse"
EVERYTHING = BUILD / "examples" / "everything"
DATA = Path(os.environ.get("GATEHOUSE_TEST_DATA", ROOT.parent / "shared" / "data"))


def node() -> str:
    """Node 22 as npm delivers it for this processor, otherwise the system's."""
    arch = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), "none")
    private = NODE_MODULES / f"node-linux-{arch}" / "bin" / "node"
    found = str(private) if private.exists() else shutil.which("node")
    assert found, "Node 22 is missing: run tools/test-integration.sh"
    return found


def fixture(*arguments: str) -> list[str]:
    """The command of the TypeScript fixture server; see node/fixture.ts for its arguments."""
    return [node(), "--disable-warning=ExperimentalWarning", str(NODE_DIR / "fixture.ts"), *arguments]


def reference_server(transport: str) -> list[str]:
    """The command of @modelcontextprotocol/server-everything, a legacy server with tools of its own names."""
    return [node(), str(NODE_MODULES / "@modelcontextprotocol/server-everything/dist/index.js"), transport]


def everything() -> list[str]:
    """The kit's example program as a stdio server."""
    return [str(require(EVERYTHING))]


def require(program: Path) -> Path:
    assert program.exists(), f"{program} is not built: run make first"
    return program
