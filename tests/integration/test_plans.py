"""What an order's statements read does not depend on how many other orders there are."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from orders.chain.ledger import PREPARE as PREPARE_LEDGER
from orders.storage.journal import PREPARE
from orders.storage.prepared_session import PLAN_LIFE_S, PreparedConnection
from orders.wiring import Components
from tests.clock import ManualClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SCAN = re.compile(r"Scan.* on (?:orders|transactions)\b")
BY_KEY = re.compile(r"Index (?:Only )?Scan using (?:orders|transactions)_pkey")
STATEMENTS = {
    "move": ("EXECUTE move ('[]', 0)", 3),
    "send": ("EXECUTE send ('[]', now())", 1),
    "look": ("EXECUTE look ('[]', now())", 1),
}
"""What to explain, and in how many places it reads a growing table."""
GROWTH = """
INSERT INTO orders (id, type, token_in, token_out, amount_in, max_slippage_bps, status, sequence,
    due_at, created_at, updated_at, in_flight)
SELECT gen_random_uuid(), 'market', 'a', 'b', 1, 100, 'pending', 1, now(), now(), now(), true
FROM generate_series(1, 5000);
INSERT INTO chain.transactions
SELECT id, id, 1, 'raydium', 'a', 'b', 1, 1, 1, 'h', 1, now(), now(), 1, 'filled', 1 FROM orders;
"""


@pytest.fixture
def connect(components: Components) -> Callable[[], Connection]:
    """Opens connections in autocommit."""

    def opened() -> Connection:
        connection = psycopg2.connect(components.settings.database_url)
        connection.autocommit = True
        return connection

    return opened


def places_read(prepared: PreparedConnection, statement: str) -> list[tuple[str, str]]:
    """Where the plan reads a growing table: the line of each scan, and the one below it."""
    with prepared.get().cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        plan = [row[0] for row in cursor.fetchall()] + [""]
    return [(line, plan[number + 1]) for number, line in enumerate(plan) if SCAN.search(line)]


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("statistics", ["never gathered", "of an empty table"])
def test_rows_are_found_by_their_key_though_the_plan_was_made_for_an_empty_table(
    connect: Callable[[], Connection], name: str, statistics: str
) -> None:
    statements = PREPARE + PREPARE_LEDGER.replace("{now}", "clock_timestamp()")
    clock = ManualClock(NOON)
    prepared = PreparedConnection(connect, statements, clock)
    statement, places = STATEMENTS[name]
    with prepared.get().cursor() as cursor:
        cursor.execute("ANALYZE" if statistics == "of an empty table" else "SELECT")
        places_read(prepared, statement)
        cursor.execute(GROWTH)
    clock.advance(PLAN_LIFE_S)
    found = places_read(prepared, statement)
    assert len(found) >= places, found
    for line, below in found:
        assert BY_KEY.search(line), found
        assert "Index Cond:" in below, found
    prepared.close()


def test_plans_are_kept_until_their_time_is_over(connect: Callable[[], Connection]) -> None:
    clock = ManualClock(NOON)
    prepared = PreparedConnection(connect, "PREPARE one AS SELECT 1", clock)

    def is_planned_now() -> bool:
        opened = prepared.get()
        with opened.cursor() as cursor:
            cursor.execute("SET log_planner_stats = on; SET client_min_messages = log")
            opened.notices.clear()
            cursor.execute("EXECUTE one")
            cursor.execute("RESET log_planner_stats; RESET client_min_messages")
        return any("PLANNER STATISTICS" in notice for notice in opened.notices)

    assert [is_planned_now(), is_planned_now()] == [True, False]
    clock.advance(PLAN_LIFE_S)
    assert [is_planned_now(), is_planned_now()] == [True, False]
    prepared.close()
