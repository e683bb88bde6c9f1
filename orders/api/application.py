"""Flask, without what this service has no use for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response

WsgiApp = Callable[..., Iterable[bytes]]


class Application(Flask):
    """Views and hooks are plain functions here: none is asked at each request what it is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is."""
        return func


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
