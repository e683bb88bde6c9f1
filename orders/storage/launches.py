"""Simulated token launches: scheduled in PostgreSQL, known to every process within moments."""

from __future__ import annotations

import time
from collections.abc import Iterable
from threading import Lock

from peewee import IntegrityError

from orders.config import Settings
from orders.domain.clock import Clock
from orders.domain.errors import LaunchConflict, StoreUnavailable
from orders.market.tokens import LISTED, Launch, Token
from orders.storage.database import connection
from orders.storage.models import LaunchRecord


class LaunchBook:
    """This process's copy of the launches, read again when it is `launch_refresh_s` old."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._refresh_s = settings.launch_refresh_s
        self._clock = clock
        self._launches: tuple[Launch, ...] = ()
        self._read_at = float("-inf")
        self._lock = Lock()

    def __call__(self) -> Iterable[Launch]:
        """All launches, past and to come. The last known ones while PostgreSQL is away."""
        if time.monotonic() - self._read_at > self._refresh_s and self._lock.acquire(
            blocking=False
        ):
            try:
                self._launches = _read_all()
            except StoreUnavailable:
                pass
            finally:
                self._read_at = time.monotonic()
                self._lock.release()
        return self._launches

    def schedule(self, launch: Launch) -> None:
        """Adds a launch. Raises `LaunchConflict` if its symbol or mint is taken,
        `StoreUnavailable`."""
        token = launch.token
        known = [*LISTED.values(), *(other.token for other in self())]
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
        self._read_at = float("-inf")


def _read_all() -> tuple[Launch, ...]:
    with connection():
        return tuple(
            Launch(
                Token(row.symbol, row.mint, row.decimals, row.symbol),
                row.price_usd,
                row.liquidity_usd,
                row.live_at,
            )
            for row in LaunchRecord.select().order_by(LaunchRecord.live_at)
        )
