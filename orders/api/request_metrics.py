"""Every request is timed and counted by its route, and names itself in the log."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request

from orders.observability import observe
from orders.observability.collectors import metrics_of
from orders.wiring import Components

KNOWN_METHODS = frozenset(("GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH"))
UNKNOWN_ROUTE = "unknown"
"""Stands for addresses without a route: whoever tries many must not make many series."""


def register_observation(app: Flask, components: Components) -> None:
    """Observes all requests of the app. Call it after what gives requests their id."""
    app.extensions["metrics"] = metrics_of(components)

    def begin() -> None:
        kept = g._get_current_object()
        kept.begun_at = time.perf_counter()
        observe.request_begun(kept.request_id)

    def end(response: Response) -> Response:
        # A WebSocket's request lasts as long as the connection, which is counted as a socket.
        answered = request._get_current_object()  # type: ignore[attr-defined]
        begun_at = g.get("begun_at")
        if begun_at is not None and "HTTP_UPGRADE" not in answered.environ:
            route = answered.url_rule.rule if answered.url_rule else UNKNOWN_ROUTE
            method = answered.method if answered.method in KNOWN_METHODS else "OTHER"
            seconds = time.perf_counter() - begun_at
            observe.request_answered(method, route, response.status_code, seconds)
        return response

    app.before_request(begin)
    app.after_request(end)
