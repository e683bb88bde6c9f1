"""WebSocket handshakes (RFC 6455, 4.2), checked once for Socket.IO and the plain addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from orders.api.hosts import Environ, WsgiApp
from orders.api.problems import WEBSOCKET_ONLY, early_problem
from orders.config import Settings

SOCKET_IO = "/socket.io"

_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
_TOKENS = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*")


class CheckedHandshakes:
    """Passes only acceptable WebSocket handshakes on to a WSGI application."""

    def __init__(self, wsgi_app: WsgiApp, settings: Settings) -> None:
        self._wsgi_app = wsgi_app
        self._public_url = settings.public_url

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if not _wants_websocket(environ):
            return self._wsgi_app(environ, start_response)
        fault = _find_fault(environ)
        if fault is None:
            # Compression would cost each connection some 300 KiB, for messages of half a KiB.
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            return self._wsgi_app(environ, start_response)
        code, detail = fault
        headers = WEBSOCKET_ONLY if code == "upgrade_required" else None
        refusal = early_problem(code, detail, self._public_url, headers)
        return refusal(environ, start_response)


def _wants_websocket(environ: Environ) -> bool:
    if "websocket" in environ.get("HTTP_UPGRADE", "").lower():
        return True
    return environ["PATH_INFO"].startswith(SOCKET_IO) and "websocket" in parse_qs(
        environ["QUERY_STRING"]
    ).get("transport", ())


def _find_fault(environ: Environ) -> tuple[str, str] | None:
    """The fault of a handshake: the problem's code and detail."""
    asked = [said.strip() for said in environ.get("HTTP_CONNECTION", "").lower().split(",")]
    if environ.get("HTTP_UPGRADE", "").lower() != "websocket" or "upgrade" not in asked:
        return "upgrade_required", "Send `Connection: Upgrade` and `Upgrade: websocket`."
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        return "upgrade_required", "Send `Sec-WebSocket-Version: 13`."
    if environ["REQUEST_METHOD"] != "GET" or environ["SERVER_PROTOCOL"] != "HTTP/1.1":
        return "malformed_request", "A WebSocket begins with a GET request of HTTP/1.1."
    if environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ:
        return "malformed_request", "A WebSocket's handshake has no body."
    if not _KEY.fullmatch(environ.get("HTTP_SEC_WEBSOCKET_KEY", "")):
        return "malformed_request", "Sec-WebSocket-Key must be 16 bytes in base64."
    if not _TOKENS.fullmatch(environ.get("HTTP_SEC_WEBSOCKET_PROTOCOL", "none")):
        return "malformed_request", "Sec-WebSocket-Protocol must be a list of names."
    return None
