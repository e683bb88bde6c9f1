"""Plain WebSockets that watch one order: its history, then its events, then goodbye.

Four addresses, all the same: clients of earlier systems find the one they know.
"""

from __future__ import annotations

from flask import Flask, Response, request

from orders.api.amounts import wants_strings
from orders.domain.errors import EngineError
from orders.domain.identifiers import parse_uuid
from orders.streams.hub import Hub, Hubs
from orders.streams.live_sessions import LiveSessions
from orders.streams.plain_sockets import PlainSockets
from orders.streams.requests import AFTER, number_in_address
from orders.streams.update import Update
from orders.streams.websocket import AlreadyAnswered, PlainWebSocket, refuse, socket_token
from orders.wiring import Components

NORMAL_CLOSURE = 1000


class OrderSocket(PlainWebSocket):
    """A watcher of one order; closes itself after the terminal event."""

    hub: Hub

    def deliver(self, update: Update) -> None:
        """Queues an event of the order, and the end after its last one."""
        super().deliver(update)
        if self.hub.ends_with(update.message):
            self.finish(NORMAL_CLOSURE)


class OrderSocketRoutes:
    """Serves the WebSocket addresses of orders."""

    def __init__(
        self,
        hubs: Hubs,
        live_sessions: LiveSessions,
        sockets: PlainSockets,
        components: Components,
    ) -> None:
        self._hubs = hubs
        self._sockets = sockets
        self._live_sessions = live_sessions
        self._components = components
        self._settings = components.settings

    def serve(self, order_id: str) -> Response:
        """Runs one connection from the handshake to its end."""
        socket = OrderSocket(
            request.environ,
            self._settings.stream_buffer,
            self._settings.stream_ping_s,
            strings=wants_strings(),
        )
        with self._sockets.serving(socket):
            self._watch(socket, order_id)
        return AlreadyAnswered()

    def _watch(self, socket: OrderSocket, order_id: str) -> None:
        try:
            caller = self._live_sessions.caller(socket_token(request))
            order = self._components.submission.find(parse_uuid(order_id), caller)
            hub = self._hubs.open(order.id)
        except EngineError as error:
            refuse(socket, error)
            return
        socket.hub = hub
        try:
            try:
                self._join(socket, hub)
            except EngineError as error:
                refuse(socket, error)
            finally:
                self._hubs.joined(hub)
            with self._live_sessions.watching(caller, socket.end_session):
                socket.run()
        finally:
            hub.watchers.discard(socket)
            self._hubs.drop_if_unused(hub)

    def _join(self, socket: OrderSocket, hub: Hub) -> None:
        after = number_in_address(AFTER) or 0
        with hub.lock:
            history = hub.catch_up(after)
            status = hub.status
            backfill = {
                "type": "backfill",
                "orderId": str(hub.order_id),
                "status": status,
                "logs": history,
            }
            PlainWebSocket.deliver(socket, Update(backfill))
            if hub.terminal:
                socket.finish(NORMAL_CLOSURE)
            else:
                hub.watchers.add(socket)
        hub.receive_waiting()


def register_order_websockets(
    app: Flask,
    hubs: Hubs,
    live_sessions: LiveSessions,
    sockets: PlainSockets,
    components: Components,
) -> None:
    """Adds the four addresses to the app."""
    routes = OrderSocketRoutes(hubs, live_sessions, sockets, components)

    def by_query() -> Response:
        return routes.serve(request.args.get("orderId", ""))

    app.add_url_rule("/ws/orders/<order_id>", "ws_orders", routes.serve, websocket=True)
    app.add_url_rule("/api/orders/<order_id>/ws", "ws_order", routes.serve, websocket=True)
    app.add_url_rule("/api/orders/execute", "ws_execute", by_query, websocket=True)
    app.add_url_rule("/api/ws/orders", "ws_query", by_query, websocket=True)
