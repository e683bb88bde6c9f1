"""Socket.IO's WebSockets, written to at once by whoever has an event.

python-engineio hands each packet to a thread of the connection, through a queue. That is still
the way while the queue holds something, or the connection does not take more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import engineio
import eventlet
from engineio.async_drivers.eventlet import WebSocketWSGI

from orders.streams.update import Update


class DirectWebSocket(WebSocketWSGI):  # type: ignore[misc]
    """Engine.IO's WebSocket, which the Engine.IO socket it belongs to can be asked for."""

    def __init__(self, handler: Callable[[Any], Any], server: engineio.Server) -> None:
        # It is a method of that socket.
        owner: Any = handler.__self__  # type: ignore[attr-defined]

        def serve(websocket: Any) -> Any:
            owner.websocket = websocket
            return handler(websocket)

        super().__init__(serve, server)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serves the connection. Compression would cost each some 300 KiB of window."""
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return super().__call__(environ, start_response)


def use_direct_websockets(server: engineio.Server) -> None:
    """Makes `send_update` send at once on the WebSockets of this server."""
    server._async = {**server._async, "websocket": DirectWebSocket}


def send_update(socket: Any, update: Update) -> None:
    """Sends an event on an Engine.IO socket, or queues it there. Never waits."""
    if socket.closed or not socket.check_ping_timeout():
        return
    websocket = getattr(socket, "websocket", None)
    # What is queued goes first; before the upgrade from polling is complete, all is queued.
    if (
        websocket is None
        or not socket.upgraded
        or not socket.queue.empty()
        or not _send_now(websocket, update.packet_frame)
    ):
        socket.send(update.packet)


def _send_now(websocket: Any, frame: bytes) -> bool:
    """Takes the frame if some of it can be sent without waiting."""
    lock = websocket._sendlock
    if not lock.acquire(blocking=False):
        return False
    try:
        rest = frame[websocket.socket.fd.send(frame) :]
    except OSError:
        # Full, or broken: the connection's own thread finds out.
        lock.release()
        return False
    if rest:
        # The lock stays taken: nothing may come between the parts of a frame.
        eventlet.spawn(_send_rest, websocket, rest)
    else:
        lock.release()
    return True


def _send_rest(websocket: Any, rest: bytes) -> None:
    try:
        websocket.socket.sendall(rest)
    except OSError:
        # The stream is broken off in a frame; nothing else may be sent.
        websocket.socket.close()
    finally:
        websocket._sendlock.release()
