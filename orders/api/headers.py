"""Headers of every answer: the request's id, browser security, CORS."""

from __future__ import annotations

import re
from secrets import token_hex
from urllib.parse import urlsplit

from flask import Flask, Response, g, redirect, request

from orders.api.origins import OriginCheck, origin_check
from orders.config import Settings

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
ALLOWED_HEADERS = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-ID, X-Scenario, "
    "X-API-Key, Solana-Client"
)
EXPOSED_HEADERS = (
    "Location, ETag, Idempotency-Replayed, Retry-After, X-Request-ID, "
    "RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
)
PREFLIGHT_S = "600"
"""Seconds for which a browser may remember what CORS allows."""

REDIRECTS = range(300, 400)
ID_BYTES = 16
"""Random bytes in the id of a request that came without one."""

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def register_headers(app: Flask, settings: Settings) -> None:
    """Adds the headers to all answers of the app."""
    origins = frozenset(settings.cors_origin_list)
    allowed = origin_check(settings)

    def name_request() -> None:
        given = request.environ.get("HTTP_X_REQUEST_ID", "")
        g.request_id = given if _SANE_REQUEST_ID.fullmatch(given) else token_hex(ID_BYTES)

    def add_headers(response: Response) -> Response:
        headers, environ = response.headers, request.environ
        headers.update(SECURITY_HEADERS)
        headers.add("X-Request-ID", g.get("request_id") or token_hex(ID_BYTES))
        if environ["wsgi.url_scheme"] == "https":
            headers.add("Strict-Transport-Security", STRICT_TRANSPORT)
        if environ["PATH_INFO"].startswith("/api/") and "Cache-Control" not in headers:
            headers.add("Cache-Control", "no-store")
        if origins:
            _allow_origin(response, origins, allowed)
        if response.location and response.status_code in REDIRECTS:
            _leave_host_out(response)
        return response

    app.before_request(name_request)
    app.after_request(add_headers)


def _leave_host_out(response: Response) -> None:
    """Makes a redirect to this service relative: its host would be whatever the client sent."""
    relative = urlsplit(response.location or "")._replace(scheme="", netloc="").geturl()
    response.location = relative
    response.set_data(redirect(relative).get_data())


def _allow_origin(response: Response, origins: frozenset[str], allowed: OriginCheck) -> None:
    """Adds the CORS headers (Fetch standard). Tokens travel in a header, so cookies are never
    allowed.
    """
    anyone = "*" in origins
    if not anyone:
        response.vary.add("Origin")
    origin = request.headers.get("Origin")
    if origin is None or not allowed(origin, request.environ):
        return
    response.headers["Access-Control-Allow-Origin"] = "*" if anyone else origin
    response.headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
        response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = PREFLIGHT_S
