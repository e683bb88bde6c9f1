"""The same SQL and the same Redis commands without the engine: what the machine allows.

A child process: plan `{job, database_url, redis_url, batch, threads, orders}`, result
`{started, ended, latencies_ms}`. `job` is `place` (an order stored, published and queued) or
`life` (that, and its execution up to confirmed). With `batch` above 1 that many orders share
each commit and each round trip, as the journal's leader makes them; with 1 each of `threads`
connections commits one at a time, as a program without a journal would.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

import psycopg2
import psycopg2.extras
from redis import Redis

from bench.bare_life import BareOrder, bare_order
from bench.children import hand_back, read_plan, wait_for_start
from orders import exact_json
from orders.dex.ledger import SEND, STATUS
from orders.journal import PREPARE

QUEUE = "bare.queue"
CHANNEL = "bare.channel"
DATABASE_CLOCK = "clock_timestamp()"
CONFIRMED = 3
"""Index of the step that needs the ledger's answer."""


class Bare:
    """One connection to each server, working through batches of orders."""

    def __init__(self, database_url: str, redis_url: str, shard: int) -> None:
        connection = psycopg2.connect(database_url)
        connection.autocommit = True
        self._cursor = connection.cursor()
        self._cursor.execute(PREPARE)
        self._ledger = psycopg2.connect(database_url)
        self._ledger.autocommit = True
        self._redis = Redis.from_url(redis_url)
        self._shard = shard
        self.latencies_ms: list[float] = []

    def run(self, job: str, batches: Sequence[Sequence[BareOrder]]) -> None:
        """Does the job for each batch and notes how long each took."""
        for batch in batches:
            started = time.perf_counter()
            self.place(batch)
            if job == "life":
                self.execute(batch)
            self.latencies_ms.append((time.perf_counter() - started) * 1000)

    def place(self, batch: Sequence[BareOrder]) -> None:
        """Stores, publishes and queues."""
        rows = exact_json.dumps([order.placed for order in batch])
        self._cursor.execute("EXECUTE place (%s, %s)", (rows, batch[0].placed["at"]))
        self._cursor.fetchall()
        pipeline = self._redis.pipeline(transaction=False)
        for order in batch:
            pipeline.publish(CHANNEL, order.messages[0])
        pipeline.lpush(QUEUE, *[order.wake_up for order in batch])
        pipeline.execute()

    def execute(self, batch: Sequence[BareOrder]) -> None:
        """Takes the orders from the queue, reads them, and makes their four transitions."""
        self._redis.rpop(QUEUE, len(batch))
        ids = [order.id for order in batch]
        self._cursor.execute("SELECT * FROM orders WHERE id = ANY(%s)", (ids,))
        self._cursor.fetchall()
        for number in range(len(batch[0].steps)):
            if number == CONFIRMED:
                self._land(batch)
            self._advance(batch, number)

    def _advance(self, batch: Sequence[BareOrder], number: int) -> None:
        rows = exact_json.dumps([order.steps[number] for order in batch])
        self._cursor.execute("EXECUTE advance (%s, %s)", (rows, self._shard))
        assert len(self._cursor.fetchall()) == len(batch)
        pipeline = self._redis.pipeline(transaction=False)
        for order in batch:
            pipeline.publish(CHANNEL, order.messages[number + 1])
        pipeline.execute()

    def _land(self, batch: Sequence[BareOrder]) -> None:
        """The chain's own ledger: accepts the transactions, then tells their fate."""
        entries = [order.ledger_entry for order in batch]
        with self._ledger.cursor() as cursor:
            for statement in (SEND, STATUS):
                sql = statement.replace("{now}", DATABASE_CLOCK)
                cursor.execute(b";".join(cursor.mogrify(sql, entry) for entry in entries))
                cursor.fetchall()


def main() -> None:
    """Runs as a child process."""
    plan = read_plan()
    psycopg2.extras.register_uuid()
    workers = [
        Bare(plan["database_url"], plan["redis_url"], shard)
        for shard in range(plan["threads"])
    ]
    shares = [_batches(plan["orders"] // plan["threads"], plan["batch"]) for _ in workers]
    wait_for_start()
    started = time.time()
    _run_all(workers, plan["job"], shares)
    latencies_ms = [latency for worker in workers for latency in worker.latencies_ms]
    hand_back({"started": started, "ended": time.time(), "latencies_ms": latencies_ms})


def _batches(orders: int, size: int) -> list[list[BareOrder]]:
    made = [bare_order() for _ in range(orders)]
    return [made[start : start + size] for start in range(0, orders, size)]


def _run_all(workers: Sequence[Bare], job: str, shares: Sequence[Any]) -> None:
    threads = [
        threading.Thread(target=worker.run, args=(job, share))
        for worker, share in zip(workers, shares, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
