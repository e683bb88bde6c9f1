"""Attaches the live streams to the web application, and starts what feeds them."""

from __future__ import annotations

from uuid import UUID

from flask import Flask
from flask_socketio import SocketIO

from orders.api.origins import origin_check
from orders.config import Settings
from orders.domain import exact_json
from orders.streams.account import AccountFeed
from orders.streams.account_socket import register_account_websocket
from orders.streams.failed_sessions import GuardedSessions
from orders.streams.feed import LiveFeed
from orders.streams.handshake import CheckedHandshakes
from orders.streams.hub import Hubs
from orders.streams.listing import ListFeed
from orders.streams.live_sessions import LiveSessions
from orders.streams.market_feed import MarketFeed
from orders.streams.message_socket import register_message_socket
from orders.streams.order_socket import register_order_websockets
from orders.streams.packet_log import PacketLog
from orders.streams.plain_sockets import PlainSockets
from orders.streams.repair import Repair
from orders.streams.rooms import LiveRooms
from orders.streams.socketio import OrderNamespace
from orders.streams.subscriptions import Subscriptions
from orders.streams.update import Message
from orders.wiring import Components


def init_app(app: Flask, components: Components) -> SocketIO:
    """Attaches Socket.IO and the WebSocket routes to the app."""
    settings = components.settings
    hubs = Hubs()
    socketio = _socketio(app, settings)
    rooms = LiveRooms(socketio.server)
    hubs.rooms = rooms
    listing = ListFeed(rooms)
    repair = Repair(hubs, settings.stream_repair_s)
    account_feed = AccountFeed(
        rooms,
        app.extensions["portfolios"],
        components.registry,
        components.clock,
        settings.stream_repair_s,
    )
    market_feed = MarketFeed(rooms, settings.stream_market_ms / 1000)
    subscriptions = Subscriptions(rooms, hubs, account_feed, market_feed, components)
    live_sessions = LiveSessions(components.sessions, settings.session_check_s)

    def on_event(message: Message, account_id: UUID | None) -> None:
        hubs.receive(message)
        listing.receive(message, account_id)
        account_feed.receive(message, account_id)

    def is_watched(order_id: UUID, account_id: UUID | None) -> bool:
        return hubs.watches(order_id) or listing.shown(account_id) or account_feed.shown(account_id)

    def on_connected() -> None:
        repair.soon()
        listing.resync()

    feed = LiveFeed(
        settings,
        is_watched=is_watched,
        on_event=on_event,
        on_money=account_feed.changed,
        on_connected=on_connected,
    )
    socketio.server.register_namespace(OrderNamespace(subscriptions, rooms, live_sessions))
    sockets = PlainSockets()
    register_order_websockets(app, hubs, live_sessions, sockets, components)
    register_account_websocket(app, account_feed, live_sessions, sockets, components)
    register_message_socket(app, settings, subscriptions, live_sessions, sockets)
    guarded = GuardedSessions(app.wsgi_app, socketio.server, settings)
    app.wsgi_app = CheckedHandshakes(guarded, settings)  # type: ignore[method-assign]
    for run in (feed.run, repair.run, account_feed.run, market_feed.run, live_sessions.run):
        socketio.start_background_task(run)
    app.extensions["plain_sockets"] = sockets
    return socketio


def _socketio(app: Flask, settings: Settings) -> SocketIO:
    return SocketIO(
        app,
        async_mode="eventlet",
        json=exact_json,
        logger=PacketLog(),
        engineio_logger=PacketLog(),
        cors_allowed_origins=origin_check(settings),
        manage_session=False,
        ping_interval=settings.stream_ping_s,
        max_http_buffer_size=settings.max_body_bytes,
    )
