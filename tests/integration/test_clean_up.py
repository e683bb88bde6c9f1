"""Expired idempotency keys are removed as fast as they can come, in bounded batches."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from orders.config import Settings
from orders.execution.recovery import SWEEP_LIMIT
from orders.execution.watcher import Watcher
from orders.storage.database import connection, database
from orders.wiring import wire

BATCHES = 20
KEYS = """
INSERT INTO idempotency_keys (scope, key, payload_hash, order_id, expires_at)
SELECT 'anonymous', 'key ' || n, '', gen_random_uuid(), now() + %s * interval '1 hour'
FROM generate_series(1, %s) AS n
"""


def keys_left() -> int:
    with connection():
        return int(database.execute_sql("SELECT count(*) FROM idempotency_keys").fetchone()[0])


def test_watcher_removes_a_backlog_of_keys_without_waiting_between_batches(
    settings: Settings,
) -> None:
    """A stretch is one batch here; the next one follows at the next tick, not after an hour."""
    settings = replace(settings, clean_up_stretch_s=0.001, clean_up_interval_s=3600)
    components = wire(settings)
    with connection():
        database.execute_sql(KEYS, (-1, BATCHES * SWEEP_LIMIT))
    watcher = Watcher(settings, components.triggers, components.recovery, components.server_time)
    left = [keys_left()]
    for _ in range(BATCHES + 1):
        watcher.tick()
        left.append(keys_left())
    assert left[-1] == 0
    assert max(before - after for before, after in pairwise(left)) < left[0]
    components.close()


def test_living_keys_are_kept(settings: Settings) -> None:
    components = wire(settings)
    with connection():
        database.execute_sql(KEYS, (1, 10))
    assert components.recovery.delete_expired_keys()
    assert keys_left() == 10
    components.close()
