"""HTTP/1.1 byte by byte: a connection the tests write raw bytes to, and a reader for what comes back."""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


class Incomplete(Exception):
    """The other side closed in the middle of a message, or before one."""


@dataclass
class Message:
    """A request or response head with its body; complete is False where the peer broke off."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    complete: bool = True

    @property
    def status(self) -> int:
        return int(self.start.split()[1])

    @property
    def method(self) -> str:
        return self.start.split()[0]

    def all(self, name: str) -> list[str]:
        return [v for k, v in self.headers if k.lower() == name]

    def get(self, name: str, default: str = "") -> str:
        return next(iter(self.all(name)), default)


class Reader:
    """Takes HTTP messages out of a stream of bytes; fill() supplies more and answers b"" at the end."""

    def __init__(self, fill: Callable[[], bytes]):
        self._fill, self._buffer, self._ended = fill, b"", False

    def more(self) -> bool:
        chunk = b"" if self._ended else self._fill()
        self._ended = not chunk
        self._buffer += chunk
        return bool(chunk)

    def until(self, mark: bytes) -> bytes:
        while (at := self._buffer.find(mark)) < 0:
            if not self.more():
                raise Incomplete(self._buffer[:200])
        taken, self._buffer = self._buffer[: at + len(mark)], self._buffer[at + len(mark) :]
        return taken

    def exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            if not self.more():
                raise Incomplete(self._buffer[:200])
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def at_end(self) -> bool:
        return not self._buffer and not self.more()

    def head(self) -> Message:
        start, *lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")[:-2]
        return Message(start, [(k.strip(), v.strip()) for k, _, v in (line.partition(":") for line in lines)])

    def pieces(self, head: Message, bodyless: bool = False) -> Iterator[bytes]:
        """The body as it arrives, by whichever framing the head declares."""
        if bodyless:
            return
        if "chunked" in head.get("transfer-encoding").lower():
            while size := int(self.until(b"\r\n").split(b";")[0], 16):
                yield self.exactly(size)
                self.until(b"\r\n")
            while self.until(b"\r\n") != b"\r\n":
                pass
        elif length := head.get("content-length"):
            yield self.exactly(int(length))
        elif head.start.startswith("HTTP/"):
            while not self.at_end():
                taken, self._buffer = self._buffer, b""
                yield taken

    def message(self, bodyless: bool = False) -> Message:
        """A whole message; a body that breaks off is kept as far as it came."""
        head = self.head()
        if head.start.startswith("HTTP/") and (head.status < 200 or head.status in (204, 304)):
            bodyless = True
        try:
            for piece in self.pieces(head, bodyless):
                head.body += piece
        except Incomplete:
            head.complete = False
        return head


class Connection:
    """A TCP connection that sends exactly the bytes it is given, from the address `source`, if one is named."""

    def __init__(self, address: tuple[str, int], timeout: float = 10, source: str = ""):
        self.socket = socket.create_connection(address, timeout, (source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = Reader(self._receive)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def _receive(self) -> bytes:
        try:
            return self.socket.recv(65536)
        except ConnectionResetError:
            return b""

    def send(self, data: bytes) -> "Connection":
        """A peer that has already refused may have closed: what matters then is what it answered."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return self

    def response(self, bodyless: bool = False) -> Message:
        """The next final response; interim ones are skipped."""
        while (message := self.reader.message(bodyless)).status < 200:
            pass
        return message

    def closed(self, seconds: float) -> bool:
        """Whether the peer closes within the time, whatever it sends before."""
        deadline = time.monotonic() + seconds
        try:
            while (left := deadline - time.monotonic()) > 0:
                self.socket.settimeout(left)
                if self.reader.at_end():
                    return True
                self.reader._buffer = b""
        except TimeoutError:
            pass
        return False


def request(method: str, target: str, headers: dict[str, str] | list[tuple[str, str]], body: bytes = b"") -> bytes:
    """A well-formed request; Content-Length is added when there is a body and nothing says otherwise."""
    pairs = list(headers.items()) if isinstance(headers, dict) else list(headers)
    names = {k.lower() for k, _ in pairs}
    if body and not names & {"content-length", "transfer-encoding"}:
        pairs.append(("Content-Length", str(len(body))))
    head = "".join(f"{k}: {v}\r\n" for k, v in pairs)
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def once(address: tuple[str, int], data: bytes, timeout: float = 10) -> Message:
    """Sends bytes on a connection of their own and returns the first response."""
    with Connection(address, timeout) as connection:
        return connection.send(data).response()
