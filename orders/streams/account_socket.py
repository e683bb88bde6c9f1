"""A plain WebSocket that follows an account: its balances, then every change."""

from __future__ import annotations

from uuid import UUID

from flask import Flask, Response, request

from orders.api.amounts import wants_strings
from orders.domain.errors import EngineError, Unauthenticated
from orders.streams.account import AccountFeed
from orders.streams.live_sessions import LiveSessions
from orders.streams.plain_sockets import PlainSockets
from orders.streams.requests import AFTER, AFTER_ACCOUNT, number_in_address
from orders.streams.update import Update
from orders.streams.websocket import (
    AlreadyAnswered,
    PlainWebSocket,
    refuse,
    socket_token,
)
from orders.wiring import Components


class AccountSocket(PlainWebSocket):
    """A follower of an account."""

    wants_orders = True
    feed: AccountFeed
    account_id: UUID

    def tell(self, _: str, update: Update) -> None:
        """Sends a message, which names its own type."""
        self.deliver(update)

    def enter(self) -> None:
        """Makes the connection a member."""
        self.feed.add_plain(self.account_id, self)


class AccountSocketRoute:
    """Serves the WebSocket address of accounts."""

    def __init__(
        self,
        feed: AccountFeed,
        live_sessions: LiveSessions,
        sockets: PlainSockets,
        components: Components,
    ) -> None:
        self._feed = feed
        self._sockets = sockets
        self._live_sessions = live_sessions
        self._settings = components.settings

    def serve(self) -> Response:
        """Runs one connection from the handshake to its end."""
        settings = self._settings
        socket = AccountSocket(
            request.environ,
            settings.stream_buffer,
            settings.stream_ping_s,
            strings=wants_strings(),
        )
        with self._sockets.serving(socket):
            self._follow(socket)
        return AlreadyAnswered()

    def _follow(self, socket: AccountSocket) -> None:
        try:
            caller = self._live_sessions.caller(socket_token(request))
            account_id = caller.account_id
            if account_id is None:
                raise Unauthenticated()
            socket.feed, socket.account_id = self._feed, account_id
            joining = self._feed.begin(
                socket, account_id, number_in_address(AFTER), number_in_address(AFTER_ACCOUNT)
            )
            socket.deliver(Update({"type": "account", **joining.answer}))
            self._feed.complete(joining)
        except EngineError as error:
            refuse(socket, error)
            return
        try:
            with self._live_sessions.watching(caller, socket.end_session):
                socket.run()
        finally:
            self._feed.remove_plain(account_id, socket)


def register_account_websocket(
    app: Flask,
    feed: AccountFeed,
    live_sessions: LiveSessions,
    sockets: PlainSockets,
    components: Components,
) -> None:
    """Adds the address to the app."""
    route = AccountSocketRoute(feed, live_sessions, sockets, components)
    app.add_url_rule("/ws/account", "ws_account", route.serve, websocket=True)
