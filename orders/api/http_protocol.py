"""HTTP/1.1 as eventlet serves it, with ordinary requests read in one pass.

The standard library reads header lines with its parser for e-mail, which costs more than all
else that eventlet does with a request. Whatever is not quite ordinary still goes there.
"""

from __future__ import annotations

import re
from http.client import HTTPMessage
from typing import Any

from eventlet.wsgi import HttpProtocol

MAX_HEADERS = 99
"""Header lines that are read here; a request of more is for the base class to refuse."""

_REQUEST_LINE = re.compile(rb"([A-Z]{1,20}) (/(?!/)[\x21-\x7e]*) HTTP/1\.1\r\n")
_HEADER_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\t]*)\r\n", re.ASCII)
_END = b"\r\n"


class QuickHttpProtocol(HttpProtocol):  # type: ignore[misc]
    """Reads well-formed HTTP/1.1 requests itself and leaves all others to its base class."""

    rfile: Any

    def parse_request(self) -> bool:
        """Fills in what the base class fills in, with the same values."""
        lines: list[bytes] = []
        first = _REQUEST_LINE.fullmatch(self.raw_requestline)
        headers = self._ordinary_headers(lines) if first else None
        if first is None or headers is None:
            self.rfile = _Again(lines, self.rfile)
            parsed: bool = super().parse_request()
            return parsed
        self.requestline = first[0][:-2].decode()
        self.command, self.path = first[1].decode(), first[2].decode()
        self.request_version = "HTTP/1.1"
        self.close_connection = headers.get("Connection", "").lower() == "close"
        self.headers = headers
        return True

    def _ordinary_headers(self, lines: list[bytes]) -> HTTPMessage | None:
        """The headers; None if a line is not ordinary. `lines` receives what has been read."""
        headers = _Headers()
        while len(lines) < MAX_HEADERS:
            line = self.rfile.readline()
            lines.append(line)
            if line == _END:
                # Whoever expects something is answered before the body.
                return None if "Expect" in headers else headers
            found = _HEADER_LINE.fullmatch(line.decode("latin-1"))
            if found is None:
                return None
            headers.set_raw(*found.groups())
        return None


class _Headers(HTTPMessage):
    """Headers that are looked up, not searched for."""

    def __init__(self) -> None:
        super().__init__()
        self._first: dict[str, str] = {}

    def set_raw(self, name: str, value: str) -> None:
        """Adds a header."""
        super().set_raw(name, value)
        self._first.setdefault(name.lower(), value)

    def get(self, name: str, failobj: Any = None) -> Any:
        """The first of that name, in whatever case."""
        return self._first.get(name.lower(), failobj)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._first


class _Again:
    """Lines that were read, once more, and then what follows them."""

    def __init__(self, lines: list[bytes], rest: Any) -> None:
        self._lines = iter(lines)
        self._rest = rest

    def readline(self, size: int = -1) -> bytes:
        line: bytes | None = next(self._lines, None)
        return self._rest.readline(size) if line is None else line
