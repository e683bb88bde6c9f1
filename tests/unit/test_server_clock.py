"""The clock that follows the database server's."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from orders.domain.clock import ServerClock

SERVER = datetime(2026, 5, 1, 12, tzinfo=UTC)
NEARLY = timedelta(seconds=1)
"""What the test itself may take between two looks."""


def test_clock_is_the_machines_until_the_servers_is_known() -> None:
    assert abs(ServerClock().now() - datetime.now(UTC)) < NEARLY


def test_clock_continues_from_the_servers_time() -> None:
    clock = ServerClock()
    clock.correct(SERVER, time.monotonic() - 60, error_s=0.01)
    assert abs(clock.now() - (SERVER + timedelta(minutes=1))) < NEARLY


def test_differences_within_the_error_change_nothing() -> None:
    clock = ServerClock()
    clock.correct(SERVER, 0.0, error_s=0.01)
    before = clock.now() - timedelta(seconds=time.monotonic())
    clock.correct(SERVER + timedelta(seconds=30), 20.0, error_s=15)
    after = clock.now() - timedelta(seconds=time.monotonic())
    assert abs(after - before) < NEARLY


def test_skew_is_how_far_the_machine_is_ahead() -> None:
    clock = ServerClock(shift_s=3600)
    assert round(clock.machine_skew_s()) == 0
    clock.correct(datetime.now(UTC), time.monotonic(), error_s=0.01)
    assert round(clock.machine_skew_s()) == 3600
