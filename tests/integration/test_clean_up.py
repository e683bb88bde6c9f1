"""What is over is removed as fast as it can come, in bounded batches."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from uuid import uuid4

import pytest

from orders.accounts.sessions import FORGOTTEN_AT_ONCE
from orders.config import Settings
from orders.execution.clean_up import clean_up_duty
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


OLD_SESSIONS = """
INSERT INTO accounts (id, email, password_hash, created_at) VALUES (%(ada)s, 'ada', '', now());
INSERT INTO sessions (id, account_id, created_at, last_used_at, expires_at)
SELECT gen_random_uuid(), %(ada)s, now(), now(), now() - interval '1 hour'
FROM generate_series(1, %(number)s);
"""


@pytest.mark.parametrize("stretch_s", [0.001, 10])
def test_all_that_is_due_is_removed_in_one_round_however_much_it_is(
    settings: Settings, stretch_s: float
) -> None:
    """Whether it takes one stretch or many; the next round would come after an hour."""
    settings = replace(settings, clean_up_stretch_s=stretch_s, clean_up_interval_s=3600)
    components = wire(settings)
    with connection():
        database.execute_sql(OLD_SESSIONS, {"ada": uuid4(), "number": 3 * FORGOTTEN_AT_ONCE + 1})
    removed: list[int] = []

    def remove() -> int:
        removed.append(components.sessions.forget_expired())
        return removed[-1]

    duty = clean_up_duty("sessions", settings, remove)
    watcher = Watcher(
        settings, components.triggers, components.recovery, components.server_time, [duty]
    )
    for _ in range(5):
        watcher.tick()
    assert removed == [FORGOTTEN_AT_ONCE] * 3 + [1, 0]
    components.close()


def test_living_keys_are_kept(settings: Settings) -> None:
    components = wire(settings)
    with connection():
        database.execute_sql(KEYS, (1, 10))
    assert components.recovery.delete_expired_keys()
    assert keys_left() == 10
    components.close()
