"""A conversation with the web process's HTTP protocol, in this process and without a network."""

from __future__ import annotations

import socket
from typing import Any

import eventlet.wsgi
from eventlet.wsgi import STATE_IDLE

from orders.api.http_protocol import StrictHttpProtocol
from orders.domain.errors import MalformedRequest
from tests.http_streams import Reading, Seen


class Service:
    """An application that reads each body and remembers the requests."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.environs: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.environs.append(environ)
        try:
            body = environ["wsgi.input"].read()
        except MalformedRequest as error:
            start_response("400 Bad Request", [])
            return [str(error).encode()]
        target = environ["RAW_PATH_INFO"]
        if environ["QUERY_STRING"]:
            target += "?" + environ["QUERY_STRING"]
        self.seen.append(Seen(environ["REQUEST_METHOD"], target, body))
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]


def converse(stream: bytes, app: Any) -> bytes:
    """Sends a whole stream to the protocol and nothing after it; returns all its answers."""
    client, serving = socket.socketpair()
    client.settimeout(20)
    for end in (client, serving):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
    server = eventlet.wsgi.Server(
        serving, ("127.0.0.1", 5000), app, log_output=False, debug=False, keepalive=5,
        socket_timeout=5, environ={"wsgi.input_terminated": True},
    )  # fmt: skip
    with client:
        client.sendall(stream)
        client.shutdown(socket.SHUT_WR)
        StrictHttpProtocol([("127.0.0.1", 1), Named(serving), STATE_IDLE], server)
        return b"".join(iter(lambda: client.recv(65_536), b""))


class Named:
    """A socket with addresses, as TCP sockets have."""

    def __init__(self, plain: socket.socket) -> None:
        self._plain = plain

    def getsockname(self) -> tuple[str, int]:
        return ("127.0.0.1", 5000)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


def statuses(answers: bytes) -> list[int]:
    return [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]


def read(stream: bytes) -> Reading:
    """How the protocol and its application read a stream."""
    service = Service()
    answers = converse(stream, service)
    return Reading(tuple(service.seen), any(status >= 400 for status in statuses(answers)))
