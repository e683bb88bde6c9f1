"""Running the web process: eventlet's server, stopped gracefully by SIGTERM.

Call `eventlet.monkey_patch()` before importing this.
"""

from __future__ import annotations

import io
import os
import resource
import signal
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import eventlet
import eventlet.wsgi

from orders.api.http_protocol import StrictHttpProtocol
from orders.config import ConfigurationError, Settings, port_trouble
from orders.observability import observe

BACKLOG = 2048
MAX_PORT = 65_535
MAX_CONNECTIONS = 20_000
SPARE_FILES = 200
"""File descriptors kept for everything but client connections."""
IDLE_TIMEOUT_S = 75
"""A connection that sends nothing for this long is closed."""

WsgiApp = Callable[..., Any]


class _ErrorStream(io.TextIOBase):
    """Takes what eventlet's WebSockets print: tracebacks of broken connections, with headers."""

    def write(self, text: str) -> int:
        """Logs that something was printed, but not its content."""
        observe.connection_broke()
        return len(text)


def listen(settings: Settings) -> Any:
    """Opens the listening socket that the settings name. Raises `ConfigurationError`."""
    try:
        return _open(settings.host, settings.port)
    except OSError as error:
        raise ConfigurationError(port_trouble(settings.host, settings.port, error)) from None


def listen_beside(settings: Settings) -> Any:
    """Opens the next port, where Solana's web3.js expects the WebSocket of JSON-RPC.

    None outside local mode, or if another program has the port.
    """
    port = settings.port + 1
    if not (settings.jupiter and settings.local and 1 < port <= MAX_PORT):
        return None
    try:
        return _open(settings.host, port)
    except OSError as error:
        observe.port_beside_taken(port, error)
        return None


def _open(host: str, port: int) -> Any:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = eventlet.listen((host, port), family=family, backlog=BACKLOG, reuse_port=False)
    # Connections inherit TCP_NODELAY. Without it the second piece of an answer waits for the
    # client's delayed acknowledgement of the first: 40 ms for each answer of more than one segment.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def serve(
    listeners: Sequence[Any], app: WsgiApp, settings: Settings, dismiss: Callable[[], None]
) -> bool:
    """Serves all listeners until SIGTERM or SIGINT, then stops gracefully.

    No new connections are accepted, requests in flight finish within `stop_grace_s`, and `dismiss`
    ends the live connections. Returns whether all requests have finished. A second signal ends the
    process at once.
    """
    signals = _signals()
    connections = eventlet.GreenPool(_most_connections())
    servers = [_spawn(listener, app, settings, connections) for listener in listeners]
    signals.recv(1)
    eventlet.spawn(_end_at_once, signals)
    eventlet.spawn(dismiss)
    for server in servers:
        server.unlink(_end_if_broken)
        eventlet.kill(server, SystemExit)
    with eventlet.Timeout(settings.stop_grace_s, False):
        for server in servers:
            server.wait()
        # The signal may have woken the server before its flag was set.
        while connections.running():
            connections.waitall()
    return not connections.running()


def _spawn(listener: Any, app: WsgiApp, settings: Settings, connections: Any) -> Any:
    server = eventlet.spawn(
        eventlet.wsgi.server,
        listener,
        app,
        # The application reads to the end of the body, even where no length was announced.
        environ={"wsgi.input_terminated": True, "wsgi.errors": _ErrorStream()},
        custom_pool=connections,
        keepalive=IDLE_TIMEOUT_S,
        socket_timeout=max(IDLE_TIMEOUT_S, 3 * settings.stream_ping_s),
        log_output=False,
        protocol=partial(
            StrictHttpProtocol,
            public_url=settings.public_url,
            limit_s=settings.request_timeout_s,
        ),
        # They are written as they are meant.
        capitalize_response_headers=False,
        debug=False,
    )
    server.link(_end_if_broken)
    return server


def _end_if_broken(server: Any) -> None:
    # The supervisor of this process starts it again.
    try:
        server.wait()
    except BaseException as error:
        observe.internal_error("web", error)
    os._exit(1)


def _end_at_once(signals: Any) -> None:
    signals.recv(1)
    os._exit(1)


def _signals() -> Any:
    """A socket that receives one byte for each SIGTERM and SIGINT.

    A handler alone is not enough: the event loop would notice its effect only at the next event.
    """
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    _KEPT.append(writer)
    return reader


_KEPT: list[Any] = []


def _most_connections() -> int:
    """As many connections as files may be open: eventlet's server ends when there are too many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + SPARE_FILES
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(min(MAX_CONNECTIONS, wanted - SPARE_FILES), 1)
