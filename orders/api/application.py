"""Flask, without what this service has no use for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response
from flask.ctx import RequestContext
from werkzeug.routing import Rule

WsgiApp = Callable[..., Iterable[bytes]]


class Application(Flask):
    """Views and hooks are plain functions here: none is asked at each request what it is."""

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name)
        self.plain_routes: dict[tuple[str, str, bool], Rule] = {}
        """What answers addresses without variable parts, by path, method and being a WebSocket."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is."""
        return func

    def request_context(self, environ: dict[str, Any]) -> RequestContext:
        """The context of the request that `environ` describes."""
        return RoutedContext(self, environ)


class RoutedContext(RequestContext):
    """Remembers which rule answers an address without variable parts, written as the rule is:
    that is what most requests go to."""

    app: Application

    def match_request(self) -> None:
        """Finds the rule for the request, or the error that answers it."""
        assert self.url_adapter is not None
        path = self.url_adapter.path_info
        asked = (path, self.url_adapter.default_method, self.url_adapter.websocket)
        known = self.app.plain_routes.get(asked)
        if known is not None:
            self.request.url_rule, self.request.view_args = known, {}
            return
        super().match_request()
        rule = self.request.url_rule
        if rule is not None and rule.rule == path and not rule.arguments:
            self.app.plain_routes[asked] = rule


class WholeResponse(Response):
    """An answer whose status allows a body, that is complete, and whose headers are ASCII: all
    that is left to do is to hand it to the server."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answers as WSGI wants it."""
        start_response(self.status, self.headers.to_wsgi_list())
        body: Any = self.response
        return () if environ["REQUEST_METHOD"] == "HEAD" else body


def with_headers(wsgi_app: WsgiApp, constant: Iterable[tuple[str, str]]) -> WsgiApp:
    """The WSGI application, with these headers added to each of its answers."""
    added = list(constant)

    def extended(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, headers + added, exc_info)

        return wsgi_app(environ, start)

    return extended
