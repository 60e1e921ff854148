"""Requests no HTTP/1.1 server may accept, as bytes: the table behind test_smuggling.py.

Each vector is an outer request with one fault in its framing or head, and a complete inner request behind it, which a
server that gets the framing wrong would run. HOST stands for the server's own address.
"""

import json
from dataclasses import dataclass

from .http import chunked
from .mcp import ACCEPT, META, MODERN

HOST = b"127.0.0.1:%d"


@dataclass(frozen=True)
class Vector:
    name: str
    data: bytes
    # Any of these is a right answer.
    statuses: tuple[int, ...] = (400,)
    # The message's end is beyond doubt, only its content is refused: the connection may stay open.
    framed: bool = False


def call(tool: str) -> bytes:
    meta = {META + "protocolVersion": MODERN, META + "clientCapabilities": {}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "_meta": meta}}
    return json.dumps(message).encode()


def fields(tool: str) -> list[bytes]:
    return [
        b"Host: HOST",
        b"Content-Type: application/json",
        b"Accept: " + ACCEPT.encode(),
        b"MCP-Protocol-Version: " + MODERN.encode(),
        b"Mcp-Method: tools/call",
        b"Mcp-Name: " + tool.encode(),
    ]


OUTER, INNER = "outer_call", "inner_call"
BODY = call(OUTER)
LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked"
LINE = b"POST /mcp HTTP/1.1"


def inner() -> bytes:
    body = call(INNER)
    return b"\r\n".join([LINE, *fields(INNER), b"Content-Length: %d" % len(body), b"", body])


def head(*more: bytes, line: bytes = LINE, base: list[bytes] | None = None) -> bytes:
    return b"\r\n".join([line, *(fields(OUTER) if base is None else base), *more]) + b"\r\n\r\n"


def without_host(*more: bytes) -> bytes:
    return head(*more, base=fields(OUTER)[1:])


def lengths() -> list[Vector]:
    """Content-Length that is repeated, listed, or no plain number."""
    n = b"%d" % len(BODY)
    sound, short = LENGTH, b"Content-Length: 4"
    forms = {
        "equal twice": [sound, sound],
        "different twice": [sound, short],
        "different twice, short first": [short, sound],
        "twice in different case": [sound, b"content-LENGTH: 4"],
        "three, the middle one differs": [sound, short, sound],
        "apart, with fields between": [sound, b"X-A: 1", b"X-B: 2", short],
        "equal list": [b"Content-Length: " + n + b", " + n],
        "different list": [b"Content-Length: " + n + b",4"],
        "list with an empty member": [b"Content-Length: " + n + b","],
        "list that begins empty": [b"Content-Length: ," + n],
        "plus sign": [b"Content-Length: +" + n],
        "minus sign": [b"Content-Length: -1"],
        "minus zero": [b"Content-Length: -0"],
        "hexadecimal": [b"Content-Length: 0x%x" % len(BODY)],
        "bare hexadecimal digit": [b"Content-Length: 1f"],
        "decimal point": [b"Content-Length: " + n + b".0"],
        "exponent": [b"Content-Length: 1e2"],
        "underscore": [b"Content-Length: 1_0"],
        "word": [b"Content-Length: all"],
        "empty": [b"Content-Length:"],
        "only blanks": [b"Content-Length:  \t "],
        "two numbers with a blank": [b"Content-Length: " + n + b" " + n],
        "two numbers with a tab": [b"Content-Length: " + n + b"\t4"],
        "quoted": [b'Content-Length: "' + n + b'"'],
        "parameter": [b"Content-Length: " + n + b";a=b"],
        "comment": [b"Content-Length: " + n + b" (bytes)"],
        "NUL behind": [b"Content-Length: " + n + b"\0"],
        "NUL before": [b"Content-Length: \0" + n],
        "vertical tab before": [b"Content-Length: \x0b" + n],
        "form feed behind": [b"Content-Length: " + n + b"\x0c"],
        "no-break space before": [b"Content-Length: \xa0" + n],
        "full-width digits": ["Content-Length: ４".encode()],
        "above 2^63": [b"Content-Length: 9223372036854775808"],
        "2^64 and a bit, which wraps": [b"Content-Length: %d" % (2**64 + len(BODY))],
        "2^32 and a bit in hexadecimal wrap": [b"Content-Length: %d" % (2**128 + len(BODY))],
        "hundreds of digits": [b"Content-Length: " + b"9" * 300],
        "folded": [b"Content-Length:\r\n " + n],
        "folded between digits": [b"Content-Length: 1\r\n 0"],
        "space before the colon": [b"Content-Length : " + n],
        "tab before the colon": [b"Content-Length\t: " + n],
        "space inside the name": [b"Content Length: " + n, CHUNKED + b"x"],
        "bare CR behind": [b"Content-Length: " + n + b"\r X-A: 1"],
    }
    too_large = {"above 2^63", "2^64 and a bit, which wraps", "2^32 and a bit in hexadecimal wrap", "hundreds of digits"}
    return [
        Vector(f"length: {name}", head(*lines) + BODY + inner(), (400, 413) if name in too_large else (400,))
        for name, lines in forms.items()
    ]


def both() -> list[Vector]:
    """Content-Length together with Transfer-Encoding, in every arrangement."""
    body = chunked(BODY)
    sizes = b"Content-Length: %d" % len(body)
    forms = {
        "length first": [sizes, CHUNKED],
        "length last": [CHUNKED, sizes],
        "length zero": [b"Content-Length: 0", CHUNKED],
        "length of the first chunk line": [b"Content-Length: 4", CHUNKED],
        "length bad and coding good": [b"Content-Length: x", CHUNKED],
        "length good and coding unknown": [sizes, b"Transfer-Encoding: cow"],
        "length good and coding identity": [sizes, b"Transfer-Encoding: identity"],
        "length good and coding empty": [sizes, b"Transfer-Encoding:"],
        "length between two codings": [CHUNKED, sizes, CHUNKED],
        "coding between two lengths": [sizes, CHUNKED, sizes],
        "length with a coding hidden by a fold": [sizes, b"X-A: 1", b" Transfer-Encoding: chunked"],
        "length with a coding hidden by a bare LF": [sizes, b"X-A: 1\nTransfer-Encoding: chunked"],
        "length with a coding hidden by a bare CR": [sizes, b"X-A: 1\rTransfer-Encoding: chunked"],
        "coding with a length hidden by a bare LF": [CHUNKED, b"X-A: 1\nContent-Length: 4"],
        "length with a coding whose colon stands apart": [sizes, b"Transfer-Encoding : chunked"],
        "length with a coding behind a NUL": [sizes, b"Transfer-Encoding: \0chunked"],
        "length with a coding behind a control": [sizes, b"Transfer-Encoding: \x0bchunked"],
    }
    return [Vector(f"both: {name}", head(*lines) + body + inner(), (400, 501)) for name, lines in forms.items()]


def codings() -> list[Vector]:
    """Transfer-Encoding other than one plain `chunked`."""
    values = {
        "chunked twice in a list": b"chunked, chunked",
        "identity": b"identity",
        "identity, chunked": b"identity, chunked",
        "gzip": b"gzip",
        "gzip, chunked": b"gzip, chunked",
        "chunked, gzip": b"chunked, gzip",
        "a parameter": b"chunked;a=b",
        "a weight": b"chunked; q=0.5",
        "a longer word": b"chunkedx",
        "a prefixed word": b"xchunked",
        "split word": b"chun ked",
        "quoted": b'"chunked"',
        "single quoted": b"'chunked'",
        "list that ends empty": b"chunked,",
        "list that begins empty": b",chunked",
        "two words": b"chunked identity",
        "empty": b"",
        "NUL behind": b"chunked\0",
        "form feed behind": b"chunked\x0c",
        "vertical tab before": b"\x0bchunked",
        "no-break space before": b"\xa0chunked",
        "Kelvin sign for k": "chunKed".replace("K", "\u212a").encode(),
        "backslash": b"chunked\\",
        "brackets": b"[chunked]",
        "bare CR behind": b"chunked\r ",
    }
    found = [Vector(f"coding: {n}", head(b"Transfer-Encoding: " + v) + chunked(BODY) + inner(), (400, 501)) for n, v in values.items()]
    lines = {
        "two equal fields": [CHUNKED, CHUNKED],
        "identity field, then chunked": [b"Transfer-Encoding: identity", CHUNKED],
        "chunked field, then unknown": [CHUNKED, b"Transfer-Encoding: cow"],
        "chunked field, then empty": [CHUNKED, b"Transfer-Encoding:"],
        "folded": [b"Transfer-Encoding:\r\n chunked"],
        "folded by a tab": [b"Transfer-Encoding:\r\n\tchunked"],
        "folded list": [b"Transfer-Encoding: identity,\r\n chunked"],
        "space before the colon": [b"Transfer-Encoding : chunked"],
        "tab before the colon": [b"Transfer-Encoding\t: chunked"],
        "vertical tab before the colon": [b"Transfer-Encoding\x0b: chunked"],
        "NUL before the colon": [b"Transfer-Encoding\0: chunked"],
        "CR before the colon": [b"Transfer-Encoding\r: chunked"],
        "LF before the colon": [b"Transfer-Encoding\n: chunked"],
        "space in the name": [b"Transfer Encoding: chunked"],
        "semicolon in the name": [b"Transfer-Encoding;: chunked"],
        "colon twice": [b"Transfer-Encoding:: chunked"],
        "leading space in the name": [b"X-A: 1", b" Transfer-Encoding: chunked"],
    }
    found += [Vector(f"coding: {n}", head(*v) + chunked(BODY) + inner(), (400, 501)) for n, v in lines.items()]
    old = b"POST /mcp HTTP/1.0"
    found.append(Vector("coding: in HTTP/1.0", head(CHUNKED, line=old) + chunked(BODY) + inner()))
    found.append(Vector("coding: in HTTP/1.0, kept alive", head(CHUNKED, b"Connection: keep-alive", line=old) + chunked(BODY) + inner()))
    found.append(Vector("coding: nominated as hop by hop", head(CHUNKED, b"Connection: transfer-encoding", LENGTH) + BODY + inner()))
    return found


def chunks() -> list[Vector]:
    """Chunked bodies whose sizes, ends, extensions or trailers are not what the grammar says."""
    n, size = len(BODY), b"%x" % len(BODY)
    end = b"0\r\n\r\n"
    bodies = {
        "size is no number": b"zz\r\n" + BODY + b"\r\n" + end,
        "size is empty": b"\r\n" + BODY + b"\r\n" + end,
        "size with 0x": b"0x" + size + b"\r\n" + BODY + b"\r\n" + end,
        "size with a plus": b"+" + size + b"\r\n" + BODY + b"\r\n" + end,
        "size with a minus": b"-" + size + b"\r\n" + BODY + b"\r\n" + end,
        "size behind a space": b" " + size + b"\r\n" + BODY + b"\r\n" + end,
        "size behind a tab": b"\t" + size + b"\r\n" + BODY + b"\r\n" + end,
        "size before a form feed": size + b"\x0c\r\n" + BODY + b"\r\n" + end,
        "size before a NUL": size + b"\0\r\n" + BODY + b"\r\n" + end,
        "two sizes with a blank": size + b" 4\r\n" + BODY + b"\r\n" + end,
        "two sizes with a comma": size + b",4\r\n" + BODY + b"\r\n" + end,
        "size with an underscore": size[:1] + b"_" + size[1:] + b"\r\n" + BODY + b"\r\n" + end,
        "size with a point": size + b".0\r\n" + BODY + b"\r\n" + end,
        "size of seventeen digits": b"%017x\r\n" % n + BODY + b"\r\n" + end,
        "size of all ones": b"ffffffffffffffff\r\n" + BODY + b"\r\n" + end,
        "size that wraps in 64 bits": b"1" + b"%016x\r\n" % n + BODY + b"\r\n" + end,
        "size in full-width digits": "５".encode() + b"\r\n" + BODY + b"\r\n" + end,
        "size ends in a bare LF": size + b"\n" + BODY + b"\r\n" + end,
        "size ends in a bare CR": size + b"\r" + BODY + b"\r\n" + end,
        "size ends in CR CR LF": size + b"\r\r\n" + BODY + b"\r\n" + end,
        "data ends in a bare LF": size + b"\r\n" + BODY + b"\n" + end,
        "data ends in a bare CR": size + b"\r\n" + BODY + b"\r" + end,
        "data ends in nothing": size + b"\r\n" + BODY + end,
        "data ends in two other bytes": size + b"\r\n" + BODY + b"XX" + end,
        "data is longer than its size": b"4\r\n" + BODY + b"\r\n" + end,
        "extension without end": size + b";" + b"a" * 300 + b"\r\n" + BODY + b"\r\n" + end,
        "extensions that add up": size + b";a=b" * 80 + b"\r\n" + BODY + b"\r\n" + end,
        "extension over several chunks": b"".join(b"1;%s\r\n{\r\n" % (b"e" * 200) for _ in range(2)) + size + b";" + b"e" * 300 + b"\r\n" + BODY + b"\r\n" + end,
        "extension with a bare LF": size + b";a\nb\r\n" + BODY + b"\r\n" + end,
        "extension with a bare CR": size + b";a\rb\r\n" + BODY + b"\r\n" + end,
        "extension with a NUL": size + b";a\0\r\n" + BODY + b"\r\n" + end,
        "extension with a quoted line end": size + b';a="\r\n"\r\n' + BODY + b"\r\n" + end,
        "last chunk ends in a bare LF": size + b"\r\n" + BODY + b"\r\n0\n\r\n",
        "last chunk and head end in bare LFs": size + b"\r\n" + BODY + b"\r\n0\n\n",
        "last chunk with a size that is no number": size + b"\r\n" + BODY + b"\r\n0x0\r\n\r\n",
        "last chunk with a minus": size + b"\r\n" + BODY + b"\r\n-0\r\n\r\n",
        "trailer is a length": size + b"\r\n" + BODY + b"\r\n0\r\nContent-Length: 4\r\n\r\n",
        "trailer is a coding": size + b"\r\n" + BODY + b"\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
        "trailer is a host": size + b"\r\n" + BODY + b"\r\n0\r\nHost: elsewhere\r\n\r\n",
        "trailer is a credential": size + b"\r\n" + BODY + b"\r\n0\r\nAuthorization: Bearer x\r\n\r\n",
        "trailer is a session": size + b"\r\n" + BODY + b"\r\n0\r\nMcp-Session-Id: x\r\n\r\n",
        "trailer is a name": size + b"\r\n" + BODY + b"\r\n0\r\nMcp-Name: other\r\n\r\n",
        "trailer with a space before its colon": size + b"\r\n" + BODY + b"\r\n0\r\nX-A : 1\r\n\r\n",
        "trailer without a colon": size + b"\r\n" + BODY + b"\r\n0\r\nX-A\r\n\r\n",
        "trailer that is folded": size + b"\r\n" + BODY + b"\r\n0\r\nX-A: 1\r\n 2\r\n\r\n",
        "trailer with a bare LF": size + b"\r\n" + BODY + b"\r\n0\r\nX-A: 1\nX-B: 2\r\n\r\n",
        "trailer with a NUL": size + b"\r\n" + BODY + b"\r\n0\r\nX-A: \0\r\n\r\n",
        "trailer is the next request": size + b"\r\n" + BODY + b"\r\n0\r\n",
    }
    return [Vector(f"chunk: {name}", head(CHUNKED) + body + inner(), (400, 413)) for name, body in bodies.items()]


def heads() -> list[Vector]:
    """Field lines and line ends that are not what the grammar says."""
    lines = {
        "folded by a space": [b"X-A: 1\r\n 2"],
        "folded by a tab": [b"X-A: 1\r\n\t2"],
        "folded into an empty line": [b"X-A: 1\r\n "],
        "no colon": [b"X-A"],
        "empty name": [b": 1"],
        "name of a space": [b" : 1"],
        "space before the colon": [b"X-A : 1"],
        "space in the name": [b"X A: 1"],
        "NUL in the name": [b"X\0A: 1"],
        "control in the name": [b"X\x01A: 1"],
        "DEL in the name": [b"X\x7fA: 1"],
        "byte above ASCII in the name": [b"X\xe4A: 1"],
        "parenthesis in the name": [b"X(A): 1"],
        "slash in the name": [b"X/A: 1"],
        "quote in the name": [b'X"A": 1'],
        "NUL in a value": [b"X-A: a\0b"],
        "control in a value": [b"X-A: a\x01b"],
        "backspace in a value": [b"X-A: a\x08b"],
        "DEL in a value": [b"X-A: a\x7fb"],
        "bare CR in a value": [b"X-A: a\rb"],
        "bare CR at the end of a value": [b"X-A: a\r"],
        "bare LF in a value": [b"X-A: a\nX-B: b"],
        "LF CR instead of CR LF": [b"X-A: a\n\rX-B: b"],
        "bare LF and a whole head": [b"X-A: a\n\nGET / HTTP/1.1\nHost: HOST\n"],
    }
    found = [Vector(f"field: {n}", head(*v, LENGTH) + BODY + inner()) for n, v in lines.items()]
    whole = head(LENGTH)
    found += [
        Vector("field: only bare LFs", whole.replace(b"\r\n", b"\n") + BODY + inner()),
        Vector("field: only bare CRs", whole.replace(b"\r\n", b"\r") + BODY + inner(), (400, 408)),
        Vector("field: request line ends in a bare LF", whole.replace(b"\r\n", b"\n", 1) + BODY + inner()),
        Vector("field: request line ends in a bare CR", whole.replace(b"\r\n", b"\r", 1) + BODY + inner()),
        Vector("field: head ends in LF LF", whole[:-4] + b"\n\n" + BODY + inner()),
        Vector("field: head ends in CR LF LF", whole[:-4] + b"\r\n\n" + BODY + inner()),
        Vector("field: head ends in LF CR LF", whole[:-4] + b"\n\r\n" + BODY + inner()),
        Vector("field: head ends in CR CR LF", whole[:-4] + b"\r\n\r\r\n" + BODY + inner()),
        Vector("field: first field is folded", whole.replace(b"\r\nHost", b"\r\n Host", 1) + BODY + inner()),
        Vector("field: blank line before the fields", LINE + b"\r\n \r\n" + whole[len(LINE) + 2 :] + BODY + inner()),
    ]
    return found


def request_lines() -> list[Vector]:
    """Request lines that are not what the grammar says, or ask for something no origin server gives."""
    lines = {
        "two spaces before the target": b"POST  /mcp HTTP/1.1",
        "two spaces before the version": b"POST /mcp  HTTP/1.1",
        "tab for a space": b"POST\t/mcp\tHTTP/1.1",
        "space at the end": b"POST /mcp HTTP/1.1 ",
        "space at the beginning": b" POST /mcp HTTP/1.1",
        "vertical tab for a space": b"POST\x0b/mcp HTTP/1.1",
        "NUL behind the method": b"POST\0 /mcp HTTP/1.1",
        "no version": b"POST /mcp",
        "no target": b"POST HTTP/1.1",
        "empty target": b"POST  HTTP/1.1",
        "method only": b"POST",
        "fourth word": b"POST /mcp HTTP/1.1 GET",
        "second target": b"POST /mcp /mcp HTTP/1.1",
        "version in small letters": b"POST /mcp http/1.1",
        "version with two digits": b"POST /mcp HTTP/1.10",
        "version with a comma": b"POST /mcp HTTP/1,1",
        "version without a minor number": b"POST /mcp HTTP/1",
        "version with a blank": b"POST /mcp HTTP/ 1.1",
        "version with a sign": b"POST /mcp HTTP/+1.1",
        "version of another protocol": b"POST /mcp ICY/1.1",
        "version 2.0": b"POST /mcp HTTP/2.0",
        "version 0.9": b"POST /mcp HTTP/0.9",
        "version 1.2": b"POST /mcp HTTP/1.2",
        "NUL in the target": b"POST /mcp\0 HTTP/1.1",
        "CR in the target": b"POST /m\rcp HTTP/1.1",
        "LF in the target": b"POST /m\ncp HTTP/1.1",
        "control in the target": b"POST /m\x01cp HTTP/1.1",
        "DEL in the target": b"POST /m\x7fcp HTTP/1.1",
        "byte above ASCII in the target": b"POST /m\xe4cp HTTP/1.1",
        "fragment in the target": b"POST /mcp#a HTTP/1.1",
        "encoded NUL in the target": b"POST /mcp%00 HTTP/1.1",
        "encoded slash in the target": b"POST /a%2fmcp HTTP/1.1",
        "half an encoding in the target": b"POST /mcp%2 HTTP/1.1",
        "target without a slash": b"POST mcp HTTP/1.1",
        "target with a backslash": b"POST \\mcp HTTP/1.1",
        "asterisk for a method that has none": b"POST * HTTP/1.1",
        "authority for a method that has none": b"POST HOST HTTP/1.1",
        "absolute target of another host": b"POST http://elsewhere.example/mcp HTTP/1.1",
        "absolute target with a user": b"POST http://user@HOST/mcp HTTP/1.1",
        "absolute target of another scheme": b"POST ftp://HOST/mcp HTTP/1.1",
        "absolute target without a host": b"POST http:///mcp HTTP/1.1",
        "method in small letters": b"post /mcp HTTP/1.1",
        "method with a bracket": b"PO(ST /mcp HTTP/1.1",
        "method with a colon": b"POST: /mcp HTTP/1.1",
        "method of an unknown word": b"BREW /mcp HTTP/1.1",
        "method CONNECT": b"CONNECT HOST HTTP/1.1",
        "method TRACE": b"TRACE /mcp HTTP/1.1",
    }
    other = {
        "version 2.0": (400, 505),
        "version 0.9": (400, 505),
        "version 1.2": (400, 505),
        "absolute target of another host": (400, 421),
        "method in small letters": (400, 405, 501),
        "method of an unknown word": (400, 405, 501),
        "method CONNECT": (400, 405, 501),
        "method TRACE": (400, 405, 501),
    }
    framed = {"encoded NUL in the target", "encoded slash in the target", "half an encoding in the target"}
    framed |= {"method in small letters", "method of an unknown word", "method CONNECT", "method TRACE"}
    return [
        Vector(f"line: {n}", head(LENGTH, line=v) + BODY + (b"" if n in framed else inner()), other.get(n, (400,)), n in framed)
        for n, v in lines.items()
    ]


def hosts() -> list[Vector]:
    """Host fields that are missing, doubled or no host."""
    values = {
        "missing": [],
        "twice": [b"Host: HOST", b"Host: HOST"],
        "twice and different": [b"Host: HOST", b"Host: elsewhere.example"],
        "empty": [b"Host:"],
        "list": [b"Host: HOST, elsewhere.example"],
        "with a user": [b"Host: user@HOST"],
        "with a path": [b"Host: HOST/mcp"],
        "with a scheme": [b"Host: http://HOST"],
        "with a blank": [b"Host: HOST elsewhere.example"],
        "with a word for a port": [b"Host: 127.0.0.1:web"],
        "with a port beyond 65535": [b"Host: 127.0.0.1:99999"],
        "with a port that wraps": [b"Host: 127.0.0.1:65616"],
        "with two ports": [b"Host: 127.0.0.1:80:80"],
        "with a NUL": [b"Host: HOST\0.elsewhere.example"],
        "with an open bracket": [b"Host: [::1"],
        "folded": [b"Host:\r\n HOST"],
        "with a space before its colon": [b"Host : HOST"],
        "of somebody else": [b"Host: elsewhere.example"],
        "that only begins like ours": [b"Host: 127.0.0.1.elsewhere.example"],
        "that only ends like ours": [b"Host: elsewhere-127.0.0.1"],
    }
    foreign = {"of somebody else", "that only begins like ours", "that only ends like ours"}
    return [
        Vector(f"host: {n}", without_host(*v, LENGTH) + BODY, (421,), True)
        if n in foreign
        else Vector(f"host: {n}", without_host(*v, LENGTH) + BODY + inner())
        for n, v in values.items()
    ]


def other_protocols() -> list[Vector]:
    """What arrives when somebody took the port for something else."""
    return [
        Vector("other: HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + inner(), (400, 505)),
        Vector("other: TLS greeting", b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"\x11" * 64),
        Vector("other: SSH greeting", b"SSH-2.0-client\r\n" + inner()),
        Vector("other: PROXY line", b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n" + inner()),
        Vector("other: binary PROXY head", b"\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c" + b"\x7f" * 12 + inner()),
        Vector("other: SMTP greeting", b"EHLO elsewhere.example\r\n" + inner()),
        Vector("other: bare JSON", call(INNER) + b"\n" + inner()),
        Vector("other: zero bytes", b"\0" * 64 + inner()),
        Vector("other: a response", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + inner()),
        Vector("other: unknown expectation", head(LENGTH, b"Expect: coffee") + BODY, (400, 417), True),
    ]


def vectors() -> list[Vector]:
    table = [*lengths(), *both(), *codings(), *chunks(), *heads(), *request_lines(), *hosts(), *other_protocols()]
    assert len({v.name for v in table}) == len({v.data for v in table}) == len(table), "two vectors are the same"
    return table


def aimed(vector: Vector, port: int) -> bytes:
    """The vector's bytes with the server's own host filled in."""
    return vector.data.replace(b"HOST", HOST % port)
