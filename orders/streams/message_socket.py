"""The plain WebSocket `/ws`: messages that subscribe and unsubscribe, as Socket.IO's events do.

A client sends `{"type": "subscribe", "id": 1, "orderId": "..."}`. The answer is
`{"type": "acknowledgement", "id": 1, "ok": true, ...}`, or
`{"type": "error", "id": 1, "ok": false, "code": ...}`. What follows has the members of the
Socket.IO messages.
"""

from __future__ import annotations

import itertools
from threading import Timer
from typing import Any

from flask import Flask, Response, request

from orders.api.amounts import wants_strings
from orders.config import Settings
from orders.domain import exact_json
from orders.domain.caller import Caller
from orders.domain.errors import EngineError, MalformedRequest, Unauthenticated
from orders.streams.connection import Answer, TooManyMessages
from orders.streams.live_sessions import LiveSessions
from orders.streams.plain_sockets import PlainSockets
from orders.streams.subscriptions import Subscriptions, refusal
from orders.streams.update import Update
from orders.streams.websocket import (
    UNAUTHENTICATED,
    AlreadyAnswered,
    PlainWebSocket,
    refuse,
    socket_token,
)

PATH = "/ws"
TOO_MANY_MESSAGES = 4429
MAX_WAITING = 200
"""Messages of a client that may wait for an answer before the connection is ended."""
MAX_ID = 64
"""Characters of a message's own id."""

_numbers = itertools.count(1)


class MessageSocket(PlainWebSocket):
    """One connection; its own thread reads, answers and sends."""

    def __init__(
        self,
        environ: dict[str, Any],
        settings: Settings,
        subscriptions: Subscriptions,
        live_sessions: LiveSessions,
    ) -> None:
        self.id = f"ws:{next(_numbers)}"
        self._settings = settings
        self._subscriptions = subscriptions
        self._live_sessions = live_sessions
        self._deadline = Timer(settings.stream_auth_s, self._end_unless_known)
        super().__init__(
            environ,
            settings.stream_buffer,
            settings.stream_ping_s,
            strings=wants_strings(),
            max_incoming=settings.stream_message_bytes,
        )

    def open(self, caller: Caller | None) -> None:
        """Opens the connection for this caller; None has yet to authenticate."""
        self._connection = self._subscriptions.open(
            self.id, caller, strings=self.strings, plain=self
        )
        if caller is None:
            self._deadline.start()
        else:
            self._live_sessions.add(self.id, caller, self.end_session)

    def forget(self) -> None:
        """Ends what was started for the connection."""
        self._deadline.cancel()
        self._live_sessions.remove(self.id)
        self._subscriptions.close(self.id)

    def take(self, received: str | bytes) -> None:
        """Answers one message."""
        name: Any = None
        try:
            message = _read(received)
            name = message.pop("id", None)
            if name is not None and (type(name) not in (int, str) or len(str(name)) > MAX_ID):
                name = None
                raise MalformedRequest(f"id must be a number or a text of up to {MAX_ID}.")
            answer = self._answer(message)
        except EngineError as error:
            answer = refusal(error)
        self._reply(name, answer)
        if answer.get("code") == TooManyMessages.code:
            self.finish(TOO_MANY_MESSAGES, "too many messages")

    def take_all(self, waiting: list[str | bytes]) -> None:
        """Answers what has arrived, unless more messages wait than a client may have waiting."""
        while waiting and self.connected and not self.ending:
            if len(waiting) > MAX_WAITING:
                self._reply(None, refusal(TooManyMessages()))
                self.finish(TOO_MANY_MESSAGES, "too many messages at once")
                return
            self.take(waiting.pop(0))
            self.send_queued()

    def _answer(self, message: dict[str, Any]) -> Answer:
        event = message.pop("type", None)
        if event == "authenticate":
            return self._authenticate(message.get("token"))
        return self._subscriptions.answer(self.id, event, (message,) if message else ())

    def _authenticate(self, token: Any) -> Answer:
        """Changes the caller; the old caller's subscriptions end."""
        self._connection.allowance.take()
        if not isinstance(token, str):
            raise Unauthenticated("Send the token as text.")
        caller = self._live_sessions.caller(token)
        self._live_sessions.remove(self.id)
        self._live_sessions.add(self.id, caller, self.end_session)
        self._subscriptions.leave_all(self._connection)
        self._connection.caller = caller
        return {"ok": True}

    def _end_unless_known(self) -> None:
        """Ends the connection if it has not authenticated in time, where anonymous callers are
        refused.
        """
        if self._connection.caller is None:
            self.finish(UNAUTHENTICATED, Unauthenticated.code)

    def _reply(self, name: Any, answer: Answer) -> None:
        told = {"type": "acknowledgement" if answer["ok"] else "error", "id": name, **answer}
        self.deliver(Update(told))


class MessageRoutes:
    """Serves the WebSocket address."""

    def __init__(
        self,
        settings: Settings,
        subscriptions: Subscriptions,
        live_sessions: LiveSessions,
        sockets: PlainSockets,
    ) -> None:
        self._settings = settings
        self._subscriptions = subscriptions
        self._live_sessions = live_sessions
        self._sockets = sockets

    def serve(self) -> Response:
        """Runs one connection from the handshake to its end."""
        socket = MessageSocket(
            request.environ, self._settings, self._subscriptions, self._live_sessions
        )
        with self._sockets.serving(socket):
            try:
                self._run(socket)
            finally:
                socket.forget()
        return AlreadyAnswered()

    def _run(self, socket: MessageSocket) -> None:
        try:
            socket.open(self._caller())
        except EngineError as error:
            refuse(socket, error)
            return
        socket.run()

    def _caller(self) -> Caller | None:
        """The caller named in the handshake; None if a message has to authenticate first."""
        token = socket_token(request)
        if token is None and self._settings.require_auth:
            return None
        return self._live_sessions.caller(token)


def _read(received: str | bytes) -> dict[str, Any]:
    """Reads a message. Raises `MalformedRequest`."""
    try:
        text = received.encode() if isinstance(received, str) else received
        message = exact_json.loads_strict(text)
    except (exact_json.MalformedJson, UnicodeEncodeError) as error:
        raise MalformedRequest(str(error)) from None
    if not isinstance(message, dict):
        raise MalformedRequest('Send an object, such as {"type": "subscribe", "orderId": "..."}.')
    return message


def register_message_socket(
    app: Flask,
    settings: Settings,
    subscriptions: Subscriptions,
    live_sessions: LiveSessions,
    sockets: PlainSockets,
) -> None:
    """Adds the address to the app."""
    serve = MessageRoutes(settings, subscriptions, live_sessions, sockets).serve
    app.add_url_rule(PATH, "ws_messages", serve, websocket=True)
