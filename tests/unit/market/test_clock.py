"""Time is injected: only one file reads it."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orders import chain, market
from orders.domain.clock import SystemClock, to_microseconds
from tests.clock import ManualClock

FILES = sorted(
    path
    for package in (market, chain)
    for path in Path(package.__file__ or "").parent.rglob("*.py")
)
START = datetime(2026, 1, 1, tzinfo=UTC)


def test_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock(START)
    assert clock.now() == clock.now() == START
    clock.advance(1.5)
    clock.sleep(0.5)
    assert clock.now() == START + timedelta(seconds=2)
    clock.set(START)
    assert clock.now() == START


def test_manual_clock_refuses_a_time_without_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ManualClock(START.replace(tzinfo=None))


def test_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_microseconds_are_exact() -> None:
    moment = datetime(2026, 11, 21, 12, 0, 0, 123457, tzinfo=UTC)
    assert to_microseconds(moment) % 1_000_000 == 123457
    assert to_microseconds(moment) // 1_000_000 == int(moment.timestamp())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_other_file_reads_time_or_randomness(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = {
        alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names
    }
    imported |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    called = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}
    assert not imported & {"time", "random", "secrets"}
    assert not called & {"utcnow", "today", "urandom", "uuid4"}
    assert "datetime.now" not in path.read_text()
