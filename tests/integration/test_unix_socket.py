"""A unix socket serves like a port and belongs to its owner alone."""

import json
import socket
import stat
from pathlib import Path

from support.http import Reader, request
from support.mcp import Client
from support.paths import GATEHOUSE, everything, require
from support.process import eventually


def test_unix_socket(start, data_dir: Path, tmp_path: Path) -> None:
    path = tmp_path / "gatehouse.sock"
    options = ["--auth", "none", "--listen", f"unix:{path}", "--data-dir", str(data_dir)]
    gateway = start([str(require(GATEHOUSE)), *options, "--", *everything()], listens=False)
    eventually(lambda: path.exists() and path.is_socket(), 10, "the socket is there")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    client = Client(("localhost", 80))
    message = client.envelope("tools/list")
    headers = {**client.headers(client.modern_headers(message)), "Host": "localhost"}
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(path))
        connection.sendall(request("POST", "/mcp", headers, json.dumps(message).encode()))
        assert Reader(lambda: connection.recv(65536)).message().status == 200
    gateway.stop()
    assert not path.exists()
