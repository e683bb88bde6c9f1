"""The host names that this service answers to.

Otherwise another site could let its name resolve to this machine (DNS rebinding), and its pages
would pass as this service's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from orders.api.problems import early_problem
from orders.config import Settings

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]

ANY = "*"
LOOPBACK_NAMES = frozenset(("localhost", "127.0.0.1", "::1"))
EVERY_ADDRESS = frozenset(("0.0.0.0", "::"))
"""Values of HOST that stand for all addresses of the machine."""


class CheckedHosts:
    """Passes requests to a WSGI application only if they name one of its own hosts."""

    def __init__(self, wsgi_app: WsgiApp, settings: Settings) -> None:
        self._wsgi_app = wsgi_app
        self._settings = settings
        self._names = allowed_names(settings)
        # A page loaded by address cannot use DNS rebinding, so any address of this machine will do.
        self._any_address = settings.local and settings.host in EVERY_ADDRESS

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST")
        # Only clients of HTTP/1.0 send none; browsers always do.
        if host is None or self.answers_to(host_name(host)):
            return self._wsgi_app(environ, start_response)
        detail = "The service does not answer to this host name; ALLOWED_HOSTS lists those it has."
        refusal = early_problem("misdirected_request", detail, self._settings.public_url)
        return refusal(environ, start_response)

    def answers_to(self, name: str) -> bool:
        """Whether a request under this name is for this service."""
        if ANY in self._names or name in self._names or (self._any_address and _is_address(name)):
            return True
        return any(known[0] == "." and name.endswith(known) for known in self._names)


def allowed_names(settings: Settings) -> frozenset[str]:
    """The names, in lower case and without ports; `.example.com` stands for all its subdomains."""
    names = frozenset(name.strip("[]") for name in settings.allowed_host_list)
    if names:
        return names
    if not settings.local:
        return frozenset((ANY,))
    public = urlsplit(settings.public_url).hostname
    return LOOPBACK_NAMES | {settings.host.lower()} | ({public} if public else set())


def host_name(host: str) -> str:
    """The name in a Host header: `[::1]:5000` -> `::1`, `Example.com.:80` -> `example.com`."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].rstrip(".").lower()


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
