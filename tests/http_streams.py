"""Streams of HTTP requests for tests: a slow reference reader, and a generator of odd streams."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

METHODS = (b"GET", b"POST", b"DELETE", b"OPTIONS", b"PROPFIND")

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_VALUE = rb"[\t\x20-\x7e\x80-\xff]*"
_FIELD = rb"(" + _TOKEN + rb"):(" + _VALUE + rb")\r\n"
_HEAD = re.compile(
    rb"(?:\r\n)?(" + b"|".join(METHODS) + rb") ([\x21\x22\x24-\x7e]+) HTTP/1\.([01])\r\n"
    rb"((?:" + _TOKEN + rb":" + _VALUE + rb"\r\n)*)\r\n"
)
_FIELDS = re.compile(_FIELD)
_HOST = re.compile(rb"(\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9._~!$&'()*+;=%-]+)(:[0-9]*)?")
_EXTENSION = (
    rb"(?:;"
    + _TOKEN
    + rb"(?:="
    + _TOKEN
    + rb"|=\"(?:\\[\t\x20-\x7e\x80-\xff]|[^\"\\\0-\x08\x0a-\x1f\x7f])*\")?)*"
)
_CHUNK = re.compile(rb"([0-9A-Fa-f]+)" + _EXTENSION + rb"\r\n")
_LAST_CHUNK = re.compile(
    rb"0+" + _EXTENSION + rb"\r\n((?:" + _TOKEN + rb":" + _VALUE + rb"\r\n)*)\r\n"
)
_FRAMING_NAMES = {b"content-length", b"transfer-encoding"}


@dataclass(frozen=True)
class Seen:
    """A request as a reader understood it."""

    method: str
    target: str
    body: bytes


@dataclass(frozen=True)
class Reading:
    """All that a reader understood of a stream, and whether it refused the rest."""

    requests: tuple[Seen, ...]
    refused: bool


def read_slowly(stream: bytes) -> Reading:
    """Read a whole stream by the grammar of RFC 9112, with regular expressions and copies."""
    seen: list[Seen] = []
    while stream not in (b"", b"\r\n"):
        head = _HEAD.match(stream)
        if head is None:
            return Reading(tuple(seen), True)
        method, target, minor, lines = head.groups()
        fields = [(name.lower(), value.strip(b" \t")) for name, value in _FIELDS.findall(lines)]
        path = _read_target(method, target, fields)
        length = _read_framing(minor, fields)
        found = None if length is None or path is None else _read_body(stream[head.end() :], length)
        if found is None or path is None:
            return Reading(tuple(seen), True)
        body, stream = found
        seen.append(Seen(method.decode(), path.decode(), body))
        if _closes(minor, fields):
            break
    return Reading(tuple(seen), False)


Fields = list[tuple[bytes, bytes]]


def _all(fields: Fields, wanted: bytes) -> list[bytes]:
    return [value for name, value in fields if name == wanted]


def _read_target(method: bytes, target: bytes, fields: Fields) -> bytes | None:
    if target.startswith(b"/"):
        return re.sub(rb"^/+", b"/", target)
    if target == b"*":
        return target if method == b"OPTIONS" else None
    absolute = re.fullmatch(rb"https?://([^/]*)(?:/+(.*))?", target, re.IGNORECASE)
    hosts = [host.lower() for host in _all(fields, b"host")]
    if absolute is None or hosts != [absolute[1].lower()]:
        return None
    return b"/" + (absolute[2] or b"")


def _read_framing(minor: bytes, fields: Fields) -> int | str | None:
    """The length of the body, `chunked`, or None if it is not clear."""
    hosts, lengths = _all(fields, b"host"), _all(fields, b"content-length")
    codings = _all(fields, b"transfer-encoding")
    if len(hosts) > 1 or (minor == b"1" and not hosts):
        return None
    if hosts and not _HOST.fullmatch(hosts[0]):
        return None
    if codings:
        plain = [coding.lower() for coding in codings] == [b"chunked"]
        return "chunked" if plain and not lengths and minor == b"1" else None
    if not lengths:
        return 0
    if len(lengths) > 1 or not re.fullmatch(rb"[0-9]{1,19}", lengths[0]):
        return None
    return int(lengths[0])


def _read_body(rest: bytes, length: int | str) -> tuple[bytes, bytes] | None:
    """The body, and what follows it; None if it is malformed or not complete."""
    if isinstance(length, int):
        return (rest[:length], rest[length:]) if len(rest) >= length else None
    body = b""
    while (last := _LAST_CHUNK.match(rest)) is None:
        size = _CHUNK.match(rest)
        if size is None:
            return None
        count, rest = int(size[1], 16), rest[size.end() :]
        if not count or rest[count : count + 2] != b"\r\n":
            return None
        body, rest = body + rest[:count], rest[count + 2 :]
    trailers = {name.lower() for name, _ in _FIELDS.findall(last[1])}
    return None if trailers & _FRAMING_NAMES else (body, rest[last.end() :])


def _closes(minor: bytes, fields: Fields) -> bool:
    said = [part.strip() for part in b",".join(_all(fields, b"connection")).lower().split(b",")]
    return b"close" in said if minor == b"1" else said != [b"keep-alive"]


FRAMINGS = (
    b"Content-Length: 5\r\n\r\nhello",
    b"Content-Length:5\r\n\r\nhello",
    b"Content-Length: 0\r\n\r\n",
    b"Content-Length: 4\r\n\r\nhello",
    b"Content-Length: 50\r\n\r\nhello",
    b"Content-Length: +5\r\n\r\nhello",
    b"Content-Length: 5, 5\r\n\r\nhello",
    b"Content-Length: 0x5\r\n\r\nhello",
    b"Content-Length:\r\n\r\nhello",
    b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    b"Content-Length : 5\r\n\r\nhello",
    b" Content-Length: 5\r\n\r\nhello",
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding: xchunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked, identity\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding: identity\r\n\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
)
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKS = (
    b"5\r\nhello\r\n",
    b"05\r\nhello\r\n",
    b"a\r\n0123456789\r\n",
    b"A;name=value;other\r\n0123456789\r\n",
    b'2;quoted="\\"a"\r\nhi\r\n',
    b"5\r\nhelloX\r\n",
    b"5\r\nhell\r\n",
    b"5 \r\nhello\r\n",
    b" 5\r\nhello\r\n",
    b"0x5\r\nhello\r\n",
    b"+5\r\nhello\r\n",
    b"-5\r\nhello\r\n",
    b"1_0\r\n0123456789abcdef\r\n",
    b"5\nhello\r\n",
    b"5\r\nhello\n",
    b"g\r\nhello\r\n",
    b"\r\n",
    b"5;a\nb\r\nhello\r\n",
)
LAST_CHUNKS = (
    b"0\r\n\r\n",
    b"000\r\n\r\n",
    b"0;end\r\n\r\n",
    b"0\r\nTrailer: x\r\n\r\n",
    b"0\r\nContent-Length: 7\r\nHost: other\r\n\r\n",
    b"0\r\nno colon\r\n\r\n",
    b"0\r\n folded: x\r\n\r\n",
    b"0\n\n",
    b"0\r\n",
    b"",
)
HEADERS = (
    b"Accept: */*\r\n",
    b"X-Empty:\r\n",
    b"X-Blanks: \t a b \t\r\n",
    b"X-Latin: caf\xe9\r\n",
    b"Connection: keep-alive\r\n",
    b"Connection: close\r\n",
    b"Connection: Upgrade, close\r\n",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
    b"X_Under: 1\r\n",
    b"X-Nul: a\0b\r\n",
    b"X-Bare: a\rb\r\n",
    b"X-Feed: a\n",
    b"X-Folded: a\r\n b\r\n",
    b"X-Blank : a\r\n",
    b"no colon\r\n",
    b": no name\r\n",
    b"Host: second\r\n",
)
HOSTS = (b"Host: a\r\n",) * 30 + (
    b"Host: a.example:5000\r\n",
    b"Host: [::1]:5000\r\n",
    b"Host: a, b\r\n",
    b"Host: a b\r\n",
    b"Host: a/b\r\n",
    b"Host:\r\n",
    b"",
)
TARGETS = (b"/",) * 24 + (
    b"/a%20b?c=d",
    b"//evil.example/x",
    b"/a#b",
    b"/caf\xe9",
    b"/a b",
    b"*",
    b"http://a/x?y",
    b"http://other/x",
    b"a:443",
    b"x",
)
VERSIONS = (b"HTTP/1.1",) * 40 + (
    b"HTTP/1.0",
    b"HTTP/0.9",
    b"HTTP/9.9",
    b"HTTP/2.0",
    b"HTTP/1.10",
    b"http/1.1",
    b"ICE/1.0",
    b"",
)
ODD_METHODS = (b"get", b"NONSENSE", b"", b"G ET")
INSERTED = (
    b"\0",
    b"\r",
    b"\n",
    b"\r\n",
    b" ",
    b"\t",
    b":",
    b";",
    b",",
    b"0",
    b"5",
    b"\xff",
    b"\x0b",
)


def random_stream(chance: random.Random) -> bytes:
    """One to three requests after another, some of them odd, perhaps with a byte changed."""
    stream = b"".join(_random_request(chance) for _ in range(chance.randint(1, 3)))
    if chance.random() < 0.25:
        at = chance.randrange(len(stream))
        kept = at + chance.randint(0, 1)
        stream = stream[:at] + chance.choice(INSERTED) + stream[kept:]
    return stream[: chance.randrange(len(stream))] if chance.random() < 0.05 else stream


def _random_request(chance: random.Random) -> bytes:
    method = chance.choice(METHODS if chance.random() < 0.95 else ODD_METHODS)
    line = b" ".join((method, chance.choice(TARGETS), chance.choice(VERSIONS))) + b"\r\n"
    headers = b"".join(_few_odd(chance, HEADERS, 9) for _ in range(chance.randint(0, 2)))
    return line + chance.choice(HOSTS) + headers + _random_framing(chance)


def _random_framing(chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.2:
        return b"\r\n"
    if kind < 0.5:
        return _few_odd(chance, FRAMINGS, 3)
    chunks = b"".join(_few_odd(chance, CHUNKS, 5) for _ in range(chance.randint(0, 3)))
    return CHUNKED + chunks + _few_odd(chance, LAST_CHUNKS, 5)


def _few_odd(chance: random.Random, choices: tuple[bytes, ...], ordinary: int) -> bytes:
    """Chooses mostly the first, which are well-formed: otherwise hardly any stream would be."""
    return chance.choice(choices[:ordinary] if chance.random() < 0.9 else choices)
