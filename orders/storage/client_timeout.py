"""Bounded waits for PostgreSQL on the client's side (docs/decisions/0017).

libpq waits for ever for a server that is frozen, not dead. psycopg2 lets the program do the
waiting; this module ends it after a timeout, for every connection of the process, under OS threads
and green threads alike.
"""

from __future__ import annotations

import select
import sys
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from typing import Any, cast

import psycopg2
from psycopg2.extensions import (
    POLL_OK,
    POLL_READ,
    STATUS_SETUP,
    get_wait_callback,
    set_wait_callback,
)
from psycopg2.extensions import connection as Connection

from orders.domain.clock import Deadline
from orders.domain.errors import StoreUnavailable
from orders.messaging.circuit_breaker import CircuitBreaker


class ServerSilent(psycopg2.OperationalError):
    """PostgreSQL did not answer in time. The connection is closed; a write may be stored."""


class Patience:
    """How long this process waits for PostgreSQL. One per process.

    The first caller that finds it silent waits for `timeout_s`; others then fail at once, until
    PostgreSQL answers a `ping`.
    """

    def __init__(self) -> None:
        self._timeout_s = float("inf")
        self._breaker = CircuitBreaker(lambda: None)
        self._probing = ContextVar("probing", default=False)

    def begin(self, timeout_s: float, ping: Callable[[], object]) -> None:
        """Bounds every wait of this process's psycopg2 connections from now on."""
        self._timeout_s = timeout_s
        self._breaker = CircuitBreaker(partial(self._probe, ping), (psycopg2.Error,))
        set_wait_callback(self._wait)

    def check(self) -> None:
        """Raises `StoreUnavailable` at once while PostgreSQL is silent."""
        if self._breaker.is_open:
            raise StoreUnavailable("The database did not answer lately; it was not asked again.")

    def _probe(self, ping: Callable[[], object]) -> None:
        probing = self._probing.set(True)
        try:
            ping()
        finally:
            self._probing.reset(probing)

    def _wait(self, connection: Connection) -> None:
        """Waits until the connection has its answer.

        Raises `ServerSilent`, for which psycopg2 closes the connection: at once while PostgreSQL
        is silent, because callers may have queued for the pool before that was known.
        """
        if self._breaker.is_open and not self._probing.get():
            raise ServerSilent("PostgreSQL did not answer lately; it was not asked again")
        deadline = Deadline(self._timeout_s)
        is_new = connection.status == STATUS_SETUP
        while (state := connection.poll()) != POLL_OK:
            if is_new:
                _announce(connection.fileno())
            if not _is_ready(connection.fileno(), state == POLL_READ, deadline.left_s):
                self._breaker.trip()
                raise ServerSilent(f"PostgreSQL did not answer for {self._timeout_s:g} s")


patience = Patience()


def _is_green() -> bool:
    """Whether eventlet patched psycopg2 (`orders.local.green_threads`)."""
    return "eventlet" in sys.modules and get_wait_callback() is not None


def _select_module() -> Any:
    """The `select` module that psycopg2 waits with."""
    if "eventlet" in sys.modules and not _is_green():
        from eventlet import patcher

        return patcher.original("select")
    return select


def _announcer() -> Callable[[int], object]:
    """What to call with the file number of a connection that libpq opens.

    Eventlet learns of new files from the sockets that it makes itself, and only thus ends the waits
    of threads for an older file of that number.
    """
    if not _is_green():
        return lambda _: None
    from eventlet.hubs import notify_opened

    return cast(Callable[[int], object], notify_opened)


_select = _select_module()
_announce = _announcer()


def _is_ready(file: int, to_read: bool, timeout_s: float) -> bool:
    """Whether the file can be read or written before that time is over."""
    if not hasattr(_select, "poll"):  # Eventlet's `select` takes any file number.
        files = ([file], []) if to_read else ([], [file])
        return any(_select.select(*files, [], timeout_s))
    waiting = _select.poll()
    waiting.register(file, _select.POLLIN if to_read else _select.POLLOUT)
    return bool(waiting.poll(timeout_s * 1000))
