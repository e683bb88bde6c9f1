"""Every request is timed and counted by its route, and names itself in the log."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request

from orders import observe
from orders.exposition import metrics_of
from orders.system import System

UNKNOWN_ROUTE = "unknown"
"""Stands for addresses without a route: whoever tries many must not make many series."""


def register_observation(app: Flask, system: System) -> None:
    """Observes all requests of the app. Call it after what gives requests their id."""
    app.extensions["metrics"] = metrics_of(system)

    def begin() -> None:
        g.begun_at = time.perf_counter()
        observe.request_begun(g.request_id)

    def end(response: Response) -> Response:
        # A WebSocket's request lasts as long as the connection, which is counted as a socket.
        if "begun_at" in g and "HTTP_UPGRADE" not in request.environ:
            route = request.url_rule.rule if request.url_rule else UNKNOWN_ROUTE
            seconds = time.perf_counter() - g.begun_at
            observe.request_answered(_method(), route, response.status_code, seconds)
        return response

    app.before_request(begin)
    app.after_request(end)


def _method() -> str:
    known = ("GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH")
    return request.method if request.method in known else "OTHER"
