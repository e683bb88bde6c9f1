"""Live events to whoever watches: Socket.IO and plain WebSockets over one subscription object.

Every connection sees each event of an order exactly once, in order, without a gap.
"""

from __future__ import annotations

from flask import Flask
from flask_socketio import SocketIO

from orders.domain import exact_json
from orders.streams.feed import EventFeed
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
    feed = EventFeed(settings)
    socketio = SocketIO(
        app,
        async_mode="eventlet",
        client_manager=feed,
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

    def on_event(message: Message, account_id: str | None) -> None:
        hubs.receive(message)
        listing.receive(message, account_id)

    def is_watched(order_id: str, account_id: str | None) -> bool:
        return hubs.watches(order_id) or listing.shown(account_id)

    def on_connected() -> None:
        repair.soon()
        listing.resync()

    feed.on_event, feed.is_watched, feed.on_connected = on_event, is_watched, on_connected
    SocketIoHandlers(socketio.server, hubs, rooms, components).register()
    register_websockets(app, hubs, components)
    # Not only when the first Socket.IO client comes: WebSockets live on the feed too.
    socketio.server.manager_initialized = True
    feed.initialize()
    socketio.start_background_task(repair.run)
    app.extensions["hubs"] = hubs
    return socketio
