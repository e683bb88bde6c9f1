"""HTTP by hand: sends exact bytes and reads the answer."""

from __future__ import annotations

import socket
from contextlib import suppress
from urllib.parse import urlsplit


def connect(url: str, patience_s: float = 20) -> socket.socket:
    """A connection to the server of an address."""
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=patience_s)


def ask(url: str, stream: bytes, patience_s: float = 20, *, whole: bool = True) -> bytes:
    """Sends a stream and reads until the connection is closed or nothing more comes.

    Without `whole`, reads only what comes first.
    """
    received = b""
    with connect(url, patience_s) as client, suppress(ConnectionError, TimeoutError):
        client.sendall(stream)
        while part := client.recv(65_536):
            received += part
            if not whole:
                break
    return received
