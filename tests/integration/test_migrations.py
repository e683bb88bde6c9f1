"""Migrating keeps what is stored, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playhouse.migrations import Runner

from orders.config import Settings
from orders.domain.lifecycle import Status
from orders.storage.database import MIGRATIONS, connect, connection, database

BEFORE, IN_PLACE = "0004_list_filters", "0005_transitions_in_place"
PLACE = """
INSERT INTO orders (id, type, token_in, token_out, amount_in, max_slippage_bps, limit_price,
    expires_at, status, sequence, due_at, lease_owner, created_at, updated_at)
SELECT gen_random_uuid(), 'limit', 'a', 'b', 1, 100, 7, '2030-01-01', status, 1,
    CASE WHEN status NOT IN ('confirmed', 'failed', 'cancelled', 'expired')
        THEN timestamptz '2030-01-01' END,
    CASE WHEN status IN ('routing', 'building', 'submitted') THEN 'worker' END, now(), now()
FROM unnest(%s) AS status
"""


@pytest.fixture
def runner(settings: Settings, empty_database: str) -> Iterator[Runner]:
    """Migrates an empty database."""
    connect(replace(settings, database_url=empty_database))
    with connection():
        yield Runner(database, str(MIGRATIONS))


def read(columns: str) -> dict[str, Any]:
    rows = database.execute_sql(f"SELECT status, {columns} FROM orders").fetchall()
    return {status: values for status, *values in rows}


def test_orders_of_every_status_are_carried_over_and_back(runner: Runner) -> None:
    runner.up(BEFORE)
    database.execute_sql(PLACE, ([status.value for status in Status],))
    computed = read("outcome, trigger_price")

    runner.up(IN_PLACE)
    assert read("outcome, trigger_price") == computed
    in_flight = {status for status, (flag,) in read("in_flight").items() if flag}
    assert in_flight == {"pending", "routing", "building", "submitted"}
    resting = {status for status, (until,) in read("rests_until").items() if until}
    assert resting == {"open"}

    runner.down(IN_PLACE)
    assert read("outcome, trigger_price") == computed
    runner.up()
    assert read("outcome, trigger_price") == computed
