"""The origins that a browser may call from: always the service's own, and those of CORS_ORIGINS."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orders.config import Settings

DEFAULT_PORTS = {"http": ":80", "https": ":443"}

OriginCheck = Callable[[str | None, Mapping[str, Any]], bool]


def origin_check(settings: Settings) -> OriginCheck:
    """A check of an Origin header, with its WSGI environment, against the allowed origins."""
    listed = frozenset(settings.cors_origin_list)

    def allowed(origin: str | None, environ: Mapping[str, Any]) -> bool:
        return origin is not None and (
            "*" in listed or origin in listed or origin.lower() in own_origins(environ)
        )

    return allowed


def own_origins(environ: Mapping[str, Any]) -> set[str]:
    """The origins of this service's own pages, as this request reached it.

    A proxy's headers are believed whoever sent them: no browser lets a page of another origin set
    them, and from other programs an origin proves nothing anyway.
    """
    scheme, host = environ["wsgi.url_scheme"], environ.get("HTTP_HOST", "")
    forwarded_scheme = _first(environ, "HTTP_X_FORWARDED_PROTO") or scheme
    forwarded_host = _first(environ, "HTTP_X_FORWARDED_HOST") or host
    return {_origin(scheme, host), _origin(forwarded_scheme, forwarded_host)}


def _first(environ: Mapping[str, Any], name: str) -> str:
    return str(environ.get(name, "")).partition(",")[0].strip()


def _origin(scheme: str, host: str) -> str:
    return f"{scheme}://{host.removesuffix(DEFAULT_PORTS.get(scheme, ''))}".lower()
