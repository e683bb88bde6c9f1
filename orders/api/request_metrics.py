"""Times and counts every request by its route, and puts its id into the log."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request

from orders.observability import observe
from orders.observability.collectors import metrics_of
from orders.wiring import Components

KNOWN_METHODS = frozenset(("GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH"))
UNKNOWN_ROUTE = "unknown"
"""Stands for addresses without a route, so that trying many addresses does not make many series."""


def register_observation(app: Flask, components: Components) -> None:
    """Observes all requests of the app. Call it after the request ids are set up."""
    app.extensions["metrics"] = metrics_of(components.sources)

    def begin() -> None:
        g.begun_at = time.perf_counter()
        observe.request_begun(g.request_id)

    def end(response: Response) -> Response:
        # A WebSocket's request lasts as long as its connection, which is counted as a socket.
        begun_at = g.get("begun_at")
        if begun_at is not None and "HTTP_UPGRADE" not in request.environ:
            route = request.url_rule.rule if request.url_rule else UNKNOWN_ROUTE
            method = request.method if request.method in KNOWN_METHODS else "OTHER"
            seconds = time.perf_counter() - begun_at
            observe.request_answered(method, route, response.status_code, seconds)
        return response

    app.before_request(begin)
    app.after_request(end)
