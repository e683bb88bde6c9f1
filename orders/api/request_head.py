"""The head of an HTTP/1.1 request, read strictly (RFC 9112): what is malformed is refused.

httptools (llhttp, the parser of Node.js and uvicorn) parses it. This module checks what llhttp
leaves to its users: sizes, the target, the version, Host, transfer codings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BufferedReader

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

MAX_REQUEST_LINE_BYTES = 8192
MAX_HEADER_LINE_BYTES = 8192
MAX_HEADERS = 100
MAX_HEAD_BYTES = 32_768
"""Request line and headers together."""

CRLF = b"\r\n"
_REQUEST_LINE = re.compile(rb"([A-Z-]{1,20}) ([\x21\x22\x24-\x7e]+) (HTTP/1\.[01])\r\n")
_HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?", re.ASCII)


class Refused(Exception):
    """The request can be understood in more than one way or none; `code` is the problem's."""

    def __init__(self, why: str, code: str = "malformed_request") -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What precedes a request's body."""

    method: str
    target: str
    """Path and query, as sent."""
    version: str
    headers: dict[str, str]
    """By lower-case name; several values of one name are joined with commas."""

    @property
    def keep_alive(self) -> bool:
        """Whether another request may follow on the connection."""
        said = [token.strip() for token in self.headers.get("connection", "").lower().split(",")]
        return "close" not in said if self.version == "HTTP/1.1" else said == ["keep-alive"]


def read_head(stream: BufferedReader) -> RequestHead | None:
    """Read the next request's head; None if the client has sent nothing more.

    Raises `Refused`.
    """
    line = stream.readline(MAX_REQUEST_LINE_BYTES + 1)
    if line == CRLF:  # RFC 9112 (2.2) says to ignore one empty line.
        line = stream.readline(MAX_REQUEST_LINE_BYTES + 1)
    if not line:
        return None
    if len(line) > MAX_REQUEST_LINE_BYTES:
        raise Refused("The address is too long.", "uri_too_long")
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise Refused("The request line can't be read.")
    method, target, version = found[1].decode(), found[2].decode(), found[3].decode()
    headers = _parse(line + _read_header_lines(stream))
    _check_host(headers, version)
    _check_transfer_coding(headers, version)
    return RequestHead(method, _path(method, target, headers), version, headers)


def _read_header_lines(stream: BufferedReader) -> bytes:
    lines: list[bytes] = []
    left = MAX_HEAD_BYTES
    line = b""
    while line != CRLF:
        line = stream.readline(MAX_HEADER_LINE_BYTES + 1)
        lines.append(line)
        left -= len(line)
        if len(line) > MAX_HEADER_LINE_BYTES or left < 0:
            raise Refused("The headers are too long.", "headers_too_large")
        if len(lines) > MAX_HEADERS + 1:
            raise Refused("There are too many headers.", "headers_too_large")
        if not line.endswith(CRLF):
            raise Refused("A line of the headers does not end as it has to.")
    return b"".join(lines)


def _parse(head: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    try:
        HttpRequestParser(_Collector(headers)).feed_data(head)
    except HttpParserUpgrade:
        pass  # The application decides whether to switch protocols.
    except HttpParserError as error:
        # The parser's own words contain nothing from the request.
        raise Refused(f"The request is malformed: {error}.") from None
    return headers


class _Collector:
    """Collects what httptools finds."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._headers = headers

    def on_header(self, name: bytes, value: bytes) -> None:
        key, text = name.decode("ascii").lower(), value.decode("latin-1").strip(" \t")
        self._headers[key] = f"{self._headers[key]},{text}" if key in self._headers else text


def _check_host(headers: dict[str, str], version: str) -> None:
    """Checks Host. Two headers arrive here as one with a comma, which no host name has."""
    host = headers.get("host")
    if host is None and version == "HTTP/1.1":
        raise Refused("The request has no Host header.")
    if host is not None and not _HOST.fullmatch(host):
        raise Refused("The request must have one Host header, with one host.")


def _check_transfer_coding(headers: dict[str, str], version: str) -> None:
    coding = headers.get("transfer-encoding")
    if coding is not None and (coding.lower(), version) != ("chunked", "HTTP/1.1"):
        raise Refused("The only Transfer-Encoding is chunked, in HTTP/1.1.")


def _path(method: str, target: str, headers: dict[str, str]) -> str:
    if target[0] == "/":
        # Two slashes would be read as the start of a host name if the path is repeated in a link.
        return "/" + target.lstrip("/")
    if (method, target) == ("OPTIONS", "*"):
        return target
    scheme, _, rest = target.partition("://")
    host, _, path = rest.partition("/")
    if scheme.lower() not in ("http", "https") or host.lower() != headers.get("host", "").lower():
        raise Refused("The request asks for something that is not here.")
    return "/" + path.lstrip("/")
