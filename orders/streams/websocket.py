"""Plain WebSockets: what a connection of any address sends, and how it ends."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections import deque
from threading import Lock
from typing import Any

import simple_websocket
from flask import Request, Response
from simple_websocket.errors import ConnectionClosed

from orders.api.authentication import bearer_token
from orders.domain import exact_json
from orders.domain.errors import EngineError, MalformedRequest, OrderNotFound, Unauthenticated
from orders.observability import observe
from orders.streams.update import Update, text_frame

INTERNAL_ERROR = 1011
TRY_AGAIN_LATER = 1013
MALFORMED = 4400
UNAUTHENTICATED = 4401
NOT_FOUND = 4404
TOO_SLOW = 4408
CLOSE_CODES: dict[type[EngineError], int] = {
    OrderNotFound: NOT_FOUND,
    Unauthenticated: UNAUTHENTICATED,
    MalformedRequest: MALFORMED,
}
LINGER_S = 1.0
"""Seconds for which a closed connection is kept at most, so that the client can close it, too."""
READER_END_S = 5.0
"""Seconds for which its end is then awaited at most."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that makes closing a socket reset the connection (socket(7))."""
MAX_INCOMING_BYTES = 4096
"""Clients need not send anything here; what they send is read and ignored."""


class _WholeSends:
    """A socket whose `send` writes everything, one caller at a time."""

    def __init__(self, connected: Any) -> None:
        self._socket = connected
        self._writing = Lock()

    def send(self, data: bytes) -> int:
        with self._writing:
            self._socket.sendall(data)
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class _SocketSource:
    """Replaces the server's input, to hand out the wrapped socket."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def get_socket(self) -> _WholeSends:
        return _WholeSends(self._source.get_socket())


class PlainWebSocket(simple_websocket.Server):  # type: ignore[misc]
    """One connection. Messages wait in a bounded outbox for the thread that runs `run`.

    `strings`: it wants amounts as strings.
    """

    def __init__(
        self,
        environ: dict[str, Any],
        buffer: int,
        ping_interval_s: float,
        *,
        strings: bool,
        max_incoming: int = MAX_INCOMING_BYTES,
    ) -> None:
        self.strings = strings
        self._outbox: deque[bytes] = deque()
        self._buffer = buffer
        self._ending: tuple[int, str] | None = None
        environ["eventlet.input"] = _SocketSource(environ["eventlet.input"])
        super().__init__(environ, ping_interval=ping_interval_s, max_message_size=max_incoming)

    def deliver(self, update: Update) -> None:
        """Queues a message in the form that the client wants."""
        self.put(update.frame_with_strings if self.strings else update.frame)

    def put(self, frame: bytes) -> None:
        """Queues a message; ends the connection if it reads too slowly. Never waits."""
        if self._ending is not None or not self.connected:
            return
        if len(self._outbox) >= self._buffer:
            self._outbox.clear()
            self.finish(TOO_SLOW, "reading too slowly")
            return
        observe.events_sent("websocket")
        self._outbox.append(frame)
        self.event.set()

    @property
    def ending(self) -> bool:
        """Whether it closes as soon as the outbox is empty."""
        return self._ending is not None

    def end_session(self) -> None:
        """Closes the connection of somebody who is logged in no longer."""
        self.finish(UNAUTHENTICATED, Unauthenticated.code)

    def finish(self, code: int, reason: str = "") -> None:
        """Closes the connection once the outbox is empty."""
        self._ending = (code, reason)
        self.event.set()

    def run(self) -> None:
        """Sends what is queued until the connection ends, from either side."""
        while self.connected:
            self.send_queued()
            if self._ending is not None:
                self.close(*self._ending)
                return
            self.event.wait()
            self.event.clear()
            self.take_all(self.input_buffer)

    def send_queued(self) -> None:
        """Sends all that waits."""
        while self._outbox:
            self.sock.send(self._outbox.popleft())

    def take_all(self, waiting: list[str | bytes]) -> None:
        """Takes what the client sent and takes it off the list; this one ignores it."""
        waiting.clear()


class AlreadyAnswered(Response):
    """Tells eventlet's server that the connection has been dealt with."""

    def __call__(self, *_: Any, **__: Any) -> list[bytes]:
        from eventlet.wsgi import WSGI_LOCAL

        WSGI_LOCAL.already_handled = True
        return []


def socket_token(http_request: Request) -> str | None:
    """The bearer token of a handshake: browsers can send it in the query alone.

    None without one; an empty one counts as a wrong one. Raises `Unauthenticated`.
    """
    token = http_request.args.get("token")
    return bearer_token(http_request) if token is None else token


def refuse(connection: PlainWebSocket, error: EngineError) -> None:
    """Says why and closes the connection."""
    code = CLOSE_CODES.get(type(error), TRY_AGAIN_LATER)
    refusal = {"type": "error", "code": error.code, "message": str(error)}
    connection.put(text_frame(exact_json.dumps(refusal)))
    connection.finish(code, error.code)
    connection.run()


def end(connection: simple_websocket.Server) -> None:
    """Closes a connection, unless it is closed, and returns when its reader has left the socket.

    Eventlet's server closes the socket next. A reader that still waited for that file number would
    collide with whoever gets the number next, such as a connection to PostgreSQL.
    """
    with contextlib.suppress(ConnectionClosed, OSError):
        connection.close(INTERNAL_ERROR, "internal error")
    # The client may say goodbye, too; then the reader is woken in any case.
    for direction, wait_s in ((socket.SHUT_WR, LINGER_S), (socket.SHUT_RDWR, READER_END_S)):
        with contextlib.suppress(OSError):
            connection.sock.shutdown(direction)
        connection.thread.join(wait_s)


def reset_at_the_end(connection: simple_websocket.Server) -> None:
    """Makes `end` reset the connection: a client that sends on, and does not read, learns of it."""
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
