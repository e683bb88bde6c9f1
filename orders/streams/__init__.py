"""Live events to whoever watches: Socket.IO and plain WebSockets over one subscription object.

Every connection sees each event of an order exactly once, in order, without a gap.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Flask
from flask_socketio import SocketIO

from orders.domain import exact_json
from orders.streams.feed import LiveFeed
from orders.streams.hub import Hubs
from orders.streams.listing import ListFeed
from orders.streams.repair import Repair
from orders.streams.socketio import SocketIoHandlers, SocketIoRooms
from orders.streams.update import Message
from orders.streams.websocket import register_websockets
from orders.wiring import Components


def init_app(app: Flask, components: Components) -> SocketIO:
    """Attaches Socket.IO and the WebSocket routes to the app."""
    settings = components.settings
    hubs = Hubs()
    socketio = SocketIO(
        app,
        async_mode="eventlet",
        json=exact_json,
        cors_allowed_origins=settings.cors_origin_list or None,
        manage_session=False,
        ping_interval=settings.stream_ping_s,
        max_http_buffer_size=settings.max_body_bytes,
    )
    rooms = SocketIoRooms(socketio.server)
    hubs.rooms = rooms
    listing = ListFeed(rooms)
    repair = Repair(hubs, settings.stream_repair_s)

    def on_event(message: Message, account_id: UUID | None) -> None:
        hubs.receive(message)
        listing.receive(message, account_id)

    def is_watched(order_id: UUID, account_id: UUID | None) -> bool:
        return hubs.watches(order_id) or listing.shown(account_id)

    def on_connected() -> None:
        repair.soon()
        listing.resync()

    feed = LiveFeed(settings, is_watched=is_watched, on_event=on_event, on_connected=on_connected)
    SocketIoHandlers(socketio.server, hubs, rooms, components).register()
    register_websockets(app, hubs, components)
    app.wsgi_app = without_compression(app.wsgi_app)  # type: ignore[method-assign]
    socketio.start_background_task(feed.run)
    socketio.start_background_task(repair.run)
    app.extensions["hubs"] = hubs
    return socketio


def without_compression(wsgi_app: Callable[..., Any]) -> Callable[..., Any]:
    """A WSGI application whose WebSockets are not compressed.

    Compression costs each connection some 300 KiB of window, for messages of half a KiB.
    """

    def uncompressed(environ: dict[str, Any], start_response: Any) -> Any:
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return wsgi_app(environ, start_response)

    return uncompressed
