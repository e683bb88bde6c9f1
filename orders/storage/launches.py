"""Simulated token launches: stored in PostgreSQL, known to every process within moments."""

from __future__ import annotations

import time
from collections.abc import Iterable
from threading import Lock

from peewee import IntegrityError

from orders.config import Settings
from orders.domain.clock import Clock
from orders.domain.errors import LaunchConflict, StoreUnavailable
from orders.market.tokens import LISTED, Launch
from orders.storage.database import connection
from orders.storage.launch_listing import as_launch
from orders.storage.models import LaunchRecord


class LaunchBook:
    """This process's copy of the launches, read again once it is `launch_refresh_s` old.

    Launches that this process schedules are in the copy at once.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._refresh_s = settings.launch_refresh_s
        self._reread_s = settings.launch_reread_s
        self._clock = clock
        self._launches: tuple[Launch, ...] = ()
        self._scheduled: tuple[Launch, ...] = ()
        """Own launches that are not in what was read last."""
        self._read_at = self._begun_at = float("-inf")
        self._reading = Lock()
        self._changing = Lock()

    def __call__(self) -> Iterable[Launch]:
        """All launches, past and future. The last known ones while PostgreSQL is away."""
        if time.monotonic() - self._read_at > self._refresh_s and self._reading.acquire(
            blocking=False
        ):
            try:
                self._read()
            finally:
                self._reading.release()
        return self._launches

    def newest(self) -> Iterable[Launch]:
        """All launches that any process had scheduled when this was called.

        Callers share a read that begins after their call; there is at most one every
        `launch_reread_s`. The last known launches while PostgreSQL is away.
        """
        asked_at = time.monotonic()
        with self._reading:
            if self._begun_at < asked_at:
                time.sleep(max(self._begun_at + self._reread_s - time.monotonic(), 0))
                self._read()
        return self._launches

    def _read(self) -> None:
        self._begun_at = time.monotonic()
        try:
            stored = _read_all()
        except StoreUnavailable:
            return
        finally:
            self._read_at = time.monotonic()
        mints = {launch.token.mint for launch in stored}
        with self._changing:
            self._scheduled = tuple(own for own in self._scheduled if own.token.mint not in mints)
            self._launches = (*stored, *self._scheduled)

    def schedule(self, launch: Launch) -> None:
        """Stores a launch. Raises `LaunchConflict` if its symbol or mint is taken,
        `StoreUnavailable`.
        """
        token = launch.token
        known = [*LISTED.values(), *(other.token for other in self.newest())]
        symbols = {other.symbol.upper() for other in known}
        if token.mint in LISTED or token.symbol.upper() in symbols:
            raise LaunchConflict()
        with connection():
            try:
                LaunchRecord.create(
                    mint=token.mint,
                    symbol=token.symbol,
                    decimals=token.decimals,
                    price_usd=launch.price_usd,
                    liquidity_usd=launch.liquidity_usd,
                    live_at=launch.live_at,
                    created_at=self._clock.now(),
                )
            except IntegrityError as error:
                raise LaunchConflict() from error
        with self._changing:
            self._scheduled = (*self._scheduled, launch)
            self._launches = (*self._launches, launch)


def _read_all() -> tuple[Launch, ...]:
    with connection():
        rows = LaunchRecord.select().order_by(LaunchRecord.live_at)
        return tuple(as_launch(row) for row in rows)
