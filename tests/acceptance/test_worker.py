"""A worker process with room for many orders."""

from __future__ import annotations

import signal

from redis import Redis

from orders.messaging.queue import WAITING_AT_REDIS
from tests import direct
from tests.acceptance.conftest import MakeStack
from tests.clients import wait_until
from tests.load import outcomes, query

MANY = 300
SCANS = (
    "SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables "
    "WHERE relname = 'schema_migration'"
)
"""How often the table of applied migrations was read. PostgreSQL counts it when a session ends."""


def waiting(redis: Redis) -> int:
    return sum(client["cmd"] == "brpop" for client in redis.client_list())


def test_a_worker_with_room_for_many_orders_costs_little_while_idle_and_stops_as_one(
    make_frail: MakeStack,
) -> None:
    stack = make_frail(workers=0, watchers=0, web=False)
    settings = stack.settings
    [(before,)] = query(settings, SCANS)
    stack.start_worker("worker", worker_concurrency=MANY)
    with Redis.from_url(settings.redis_url) as redis:
        wait_until(lambda: waiting(redis) == WAITING_AT_REDIS, "an idle worker")
        assert len(redis.client_list()) < MANY
        direct.place(settings, 2 * MANY)
        wait_until(lambda: outcomes(settings) == {"confirmed": 2 * MANY}, "all orders")
        wait_until(lambda: waiting(redis) == WAITING_AT_REDIS, "an idle worker")
    assert stack.kill("worker", signal.SIGTERM) == 0
    assert "Shutdown timeout" not in stack.logs()
    [(after,)] = query(settings, SCANS)
    assert 0 < after - before < MANY
