"""Simulated token launches: stored in PostgreSQL, known to every process within moments."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock

from peewee import fn

from orders.config import Settings
from orders.domain.clock import EPOCH, Clock
from orders.domain.errors import LaunchConflict, StoreUnavailable, TooManyLaunches
from orders.market.tokens import LISTED, Launch, Token
from orders.storage.database import connection, database
from orders.storage.launch_listing import as_launch
from orders.storage.models import LaunchRecord

LAUNCHES_LOCK = 0x6C61756E6368
"""Key of the advisory lock under which a launch is counted and added: the bytes of "launch"."""
SETTLED_AFTER = timedelta(minutes=1)
"""A launch is visible to all processes this long after the time that it says it was stored at."""
LISTED_SYMBOLS = {token.symbol.upper() for token in LISTED.values()}


class LaunchBook:
    """This process's copy of the launches; new ones are read once it is `launch_refresh_s` old.

    Launches that this process schedules are in the copy at once. Once in `clean_up_interval_s` all
    are read, because old ones are pruned.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._refresh_s = settings.launch_refresh_s
        self._reread_s = settings.launch_reread_s
        self._read_all_s = settings.clean_up_interval_s
        self._most = settings.launches_limit
        self._clock = clock
        self._launches: tuple[Launch, ...] = ()
        self._scheduled: tuple[Launch, ...] = ()
        """Own launches that are not in what was read last."""
        self._known: dict[str, Launch] = {}
        """What was read, by mint."""
        self._known_at = EPOCH
        self._read_at = self._begun_at = self._all_read_at = float("-inf")
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
        now = self._clock.now()
        anew = self._begun_at - self._all_read_at > self._read_all_s
        try:
            stored = _read_since(EPOCH if anew else self._known_at)
        except StoreUnavailable:
            return
        finally:
            self._read_at = time.monotonic()
        self._known_at = now - SETTLED_AFTER
        if anew:
            self._all_read_at = self._begun_at
            self._learn(stored)
        elif not stored.items() <= self._known.items():
            self._learn(self._known | stored)

    def _learn(self, known: dict[str, Launch]) -> None:
        if known == self._known:
            return
        with self._changing:
            self._known = known
            self._scheduled = tuple(own for own in self._scheduled if own.token.mint not in known)
            in_order = sorted(known.values(), key=lambda launch: launch.live_at)
            self._launches = (*in_order, *self._scheduled)

    def schedule(self, launch: Launch) -> None:
        """Stores a launch. Raises `LaunchConflict` if its symbol or mint is taken,
        `TooManyLaunches`, `StoreUnavailable`.
        """
        token = launch.token
        if token.mint in LISTED or token.symbol.upper() in LISTED_SYMBOLS:
            raise LaunchConflict()
        with connection(), database.atomic():
            database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (LAUNCHES_LOCK,))
            if _is_taken(token):
                raise LaunchConflict()
            if LaunchRecord.select().count() >= self._most:
                raise TooManyLaunches()
            _store(launch, self._clock.now())
        with self._changing:
            self._scheduled = (*self._scheduled, launch)
            self._launches = (*self._launches, launch)


def _is_taken(token: Token) -> bool:
    same_symbol = fn.upper(LaunchRecord.symbol) == token.symbol.upper()
    return LaunchRecord.select().where(same_symbol | (LaunchRecord.mint == token.mint)).exists()


def _store(launch: Launch, now: datetime) -> None:
    LaunchRecord.create(
        mint=launch.token.mint,
        symbol=launch.token.symbol,
        decimals=launch.token.decimals,
        price_usd=launch.price_usd,
        liquidity_usd=launch.liquidity_usd,
        live_at=launch.live_at,
        created_at=now,
    )


def _read_since(moment: datetime) -> dict[str, Launch]:
    with connection():
        rows = LaunchRecord.select().where(LaunchRecord.created_at > moment)
        return {row.mint: as_launch(row) for row in rows}
