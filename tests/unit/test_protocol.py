"""Requests are read as eventlet and the standard library read them, only faster."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import pytest
from eventlet.wsgi import FileObjectForHeaders, HttpProtocol

from orders.api.http_protocol import QuickHttpProtocol

ORDINARY = b"Host: bench\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"

REQUESTS = {
    "ordinary": b"POST /api/orders HTTP/1.1\r\n" + ORDINARY + b"\r\n{}",
    "query and odd bytes": b"GET /a%20b?c=d&e=%ff HTTP/1.1\r\nHost: x\r\n\r\n",
    "keep alive": b"GET / HTTP/1.1\r\nConnection: Keep-Alive\r\n\r\n",
    "close": b"GET / HTTP/1.1\r\nConnection: CLOSE\r\n\r\n",
    "close with a blank": b"GET / HTTP/1.1\r\nConnection: close \r\n\r\n",
    "upgrade": b"GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    "same name twice": b"GET / HTTP/1.1\r\nX-A: 1\r\nx-a: 2\r\nConnection: close\r\n\r\n",
    "blanks around values": b"GET / HTTP/1.1\r\nX-A: \t 1 2 \t\r\nX-B:\r\nX-C:3\r\n\r\n",
    "no headers": b"GET / HTTP/1.1\r\n\r\n",
    "old version": b"GET / HTTP/1.0\r\nHost: x\r\n\r\n",
    "old version kept alive": b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "oldest version": b"GET /\r\n",
    "unknown version": b"GET / HTTP/3.1\r\n\r\n",
    "bad version": b"GET / HTTP/x\r\nHost: x\r\n\r\n",
    "too many words": b"GET / and HTTP/1.1\r\n\r\n",
    "two slashes": b"GET //evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "whole address": b"GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: x\n\n",
    "folded header": b"GET / HTTP/1.1\r\nX-A: 1\r\n 2\r\nX-B: 3\r\n\r\n",
    "no colon": b"GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\nX-B: 3\r\n\r\n",
    "blank before the colon": b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "not ASCII": b"GET / HTTP/1.1\r\nX-A: \xc3\xa9\r\n\r\n",
    "control character": b"GET / HTTP/1.1\r\nX-A: a\x00b\rc\r\n\r\n",
    "expects an answer": b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    "many headers": b"GET / HTTP/1.1\r\n" + b"X-A: 1\r\n" * 99 + b"\r\n",
    "too many headers": b"GET / HTTP/1.1\r\n" + b"X-A: 1\r\n" * 101 + b"\r\n",
    "broken off": b"GET / HTTP/1.1\r\nHost: x\r\nX-",
    "nothing after the first line": b"GET / HTTP/1.1\r\n",
}


@pytest.mark.parametrize("name", REQUESTS)
def test_request_is_understood_as_the_base_class_does(name: str) -> None:
    assert _read(QuickHttpProtocol, REQUESTS[name]) == _read(HttpProtocol, REQUESTS[name])


def test_ordinary_request_is_not_left_to_the_base_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("http.client.parse_headers")
    assert _read(QuickHttpProtocol, REQUESTS["ordinary"])["command"] == "POST"


def _read(protocol_class: type[HttpProtocol], request: bytes) -> dict[str, Any]:
    protocol = protocol_class.__new__(protocol_class)
    protocol.server = SimpleNamespace(log=SimpleNamespace(error=lambda *_: None))
    protocol.client_address = ("127.0.0.1", 1)
    protocol.protocol_version = "HTTP/1.1"
    protocol.log_message = lambda *_: None
    protocol.date_time_string = lambda *_: "now"
    protocol.wfile = io.BytesIO()
    received = io.BytesIO(request)
    protocol.raw_requestline = received.readline()
    protocol.rfile = FileObjectForHeaders(received)
    understood = protocol.parse_request()
    headers = getattr(protocol, "headers", None)
    return {
        "understood": understood,
        "command": protocol.command,
        "path": getattr(protocol, "path", None),
        "version": protocol.request_version,
        "close": bool(protocol.close_connection),
        "headers": None if headers is None else headers._headers,
        "found": headers is not None and [headers.get(name.swapcase(), "") for name in headers],
        "asked": headers is not None
        and ["EXPECT" in headers, "x-a" in headers, headers.get("x-none")],
        "left": received.read(),
        "answered": protocol.wfile.getvalue(),
        "line": protocol.requestline,
    }
