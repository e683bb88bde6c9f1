"""The plain WebSockets that are open in this process, so that it can end them when it stops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from simple_websocket.errors import ConnectionClosed

from orders.observability import observe
from orders.streams.websocket import PlainWebSocket, end

GOING_AWAY = 1001
"""The close code of a server that shuts down (RFC 6455)."""


class PlainSockets:
    """Knows every plain WebSocket from its handshake to its end."""

    def __init__(self) -> None:
        self._open: set[PlainWebSocket] = set()
        self._stopping = False

    @contextmanager
    def serving(self, socket: PlainWebSocket) -> Iterator[None]:
        """A block that serves the connection; it ends the block, and the block's end closes it."""
        observe.socket_opened("websocket")
        self._open.add(socket)
        if self._stopping:
            _dismiss(socket)
        try:
            yield
        except (ConnectionClosed, OSError):
            pass
        finally:
            self._open.discard(socket)
            observe.socket_closed("websocket")
            end(socket)

    def close_all(self) -> None:
        """Makes every connection close, those too that come later; does not wait."""
        self._stopping = True
        for socket in list(self._open):
            _dismiss(socket)


def _dismiss(socket: PlainWebSocket) -> None:
    socket.finish(GOING_AWAY, "the server is stopping")
