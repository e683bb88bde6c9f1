"""Socket.IO: connections, their events and acknowledgements."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import socketio
from socketio.exceptions import ConnectionRefusedError

from orders.domain.amounts import FORMS, PARAMETER, with_strings
from orders.domain.errors import EngineError, Unauthenticated, ValidationFailed
from orders.observability import observe
from orders.streams.connection import Answer
from orders.streams.live_sessions import LiveSessions
from orders.streams.rooms import NAMESPACE, LiveRooms
from orders.streams.subscriptions import Subscriptions, refusal


class OrderNamespace(socketio.Namespace):  # type: ignore[misc]
    """Passes clients' events on to the subscriptions, and the answers back."""

    def __init__(
        self, subscriptions: Subscriptions, rooms: LiveRooms, live_sessions: LiveSessions
    ) -> None:
        super().__init__(NAMESPACE)
        self._subscriptions = subscriptions
        self._rooms = rooms
        self._live_sessions = live_sessions

    def trigger_event(self, event: Any, sid: str, *data: Any) -> Any:
        """Handles an event of python-socketio or of a client.

        Clients may give their events any name, even `connect`.
        """
        if event == "connect" and data and data[0] is self.server.get_environ(sid, NAMESPACE):
            return self.connect(sid, data[0], data[1])
        if event == "disconnect" and not self.server.manager.is_connected(sid, NAMESPACE):
            return self.disconnect(sid)
        answer: Answer = self._subscriptions.answer(sid, event, data)
        return with_strings(answer) if self._rooms.wants_strings(sid) else answer

    def connect(self, sid: str, environ: dict[str, Any], auth: Any) -> None:
        """Accept a connection, anonymous or with `auth: {token}`.

        `?amounts=string` in its address asks for amounts as strings. A refusal's message is a
        sentence; its data is what other refusals are acknowledged with.
        """
        try:
            strings = _wants_strings(environ)
            caller = self._live_sessions.caller(_read_token(auth))
        except EngineError as error:
            raise ConnectionRefusedError(str(error), refusal(error)) from None
        self._subscriptions.open(sid, caller, strings=strings)
        self._live_sessions.add(
            sid, caller, lambda: self.server.disconnect(sid, namespace=NAMESPACE)
        )
        observe.socket_opened("socketio")

    def disconnect(self, sid: str) -> None:
        """Forget the connection; the server has taken it out of its rooms."""
        self._live_sessions.remove(sid)
        if self._subscriptions.close(sid):
            observe.socket_closed("socketio")


def _read_token(auth: Any) -> str | None:
    """The token; None without one, or with null. Raises `Unauthenticated` for anything else."""
    if auth is None:
        return None
    if not isinstance(auth, dict):
        raise Unauthenticated("Send auth as an object: {token}.")
    token = auth.get("token")
    if token is not None and not isinstance(token, str):
        raise Unauthenticated("token must be a text; leave it out to connect anonymously.")
    return token


def _wants_strings(environ: dict[str, Any]) -> bool:
    """Whether the client asks for amounts as strings. Raises `ValidationFailed` for an unknown
    form.
    """
    given = parse_qs(environ.get("QUERY_STRING", "")).get(PARAMETER, ["number"])
    if len(given) > 1 or given[0] not in FORMS:
        text = f"Must be one of: {', '.join(FORMS)}."
        raise ValidationFailed({PARAMETER: [text]}, f"{PARAMETER}: {text}")
    return bool(given[0] == "string")
