"""Requests that make Socket.IO's server fail: they leave one log line and no session.

On a malformed packet python-engineio drops the WebSocket with an error, but keeps its session until
the next ping fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

import eventlet
import socketio
from eventlet.wsgi import WSGI_LOCAL
from flask import Response

from orders.api.hosts import Environ, WsgiApp
from orders.api.problems import early_problem
from orders.config import Settings
from orders.observability import observe

MARK = "orders.connection"
CLOSE_TIMEOUT_S = 1.0


class GuardedSessions:
    """A WSGI application that does not fail when Socket.IO's server does."""

    def __init__(self, wsgi_app: WsgiApp, server: socketio.Server, settings: Settings) -> None:
        self._wsgi_app = wsgi_app
        self._server = server
        self._public_url = settings.public_url

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        environ[MARK] = object()
        try:
            return self._wsgi_app(environ, start_response)
        except Exception as error:
            if "HTTP_UPGRADE" not in environ:
                observe.internal_error("web", error)
                return self._answer_defect()(environ, start_response)
            observe.packet_refused("websocket", error)
            self._end_session(environ)
            # The handshake was the answer, so nothing else may follow on this connection.
            WSGI_LOCAL.already_handled = True
            return ()

    def _answer_defect(self) -> Response:
        detail = "Something went wrong on our side; it has been logged."
        return early_problem("internal_error", detail, self._public_url)

    def _end_session(self, environ: Environ) -> None:
        asked = parse_qs(environ["QUERY_STRING"]).get("sid", [None])[0]
        for session_id, begun_by in list(self._server.environ.items()):
            if session_id == asked or begun_by.get(MARK) is environ[MARK]:
                # The session's own thread must be able to close the connection before the server
                # does.
                with eventlet.Timeout(CLOSE_TIMEOUT_S, False):
                    self._server.eio.disconnect(session_id)
