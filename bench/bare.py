"""The same SQL and the same Redis commands without the engine: the limit that the machine sets.

`bare_rate` and `bare_latency` measure it beside the engine's own figure, in child processes: plan
`{job, database_url, redis_url, batch, threads, orders}`, result `{started, ended, latencies_ms}`.
`job` is `place` (an order stored, published and queued) or `life` (that, and its execution up to
confirmed). With `batch` above 1 that many orders share each commit and each round trip, as in the
journal; with 1 each of `threads` connections commits one order at a time, like a program without a
journal.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

import psycopg2
from redis import Redis

from bench.children import hand_back, read_plan, run_together, wait_for_start
from bench.figures import Limit, percentile
from bench.recording import Commit, Life, grouped_rows, record
from orders.chain.ledger import PREPARE as PREPARE_LEDGER
from orders.chain.simulated_chain import LOOK, SEND
from orders.config import Settings
from orders.domain import exact_json
from orders.storage.journal import PREPARE, STATEMENTS

QUEUE = "bare.queue"
CHANNEL = "bare.channel"
MOST_THREADS = 64
"""Threads at most. Each has two connections, and this many is all that the server accepts."""
DATABASE_CLOCK = "clock_timestamp()"


class Bare:
    """One connection to each server, working through batches of orders."""

    def __init__(self, database_url: str, redis_url: str, shard: int) -> None:
        connection = psycopg2.connect(database_url)
        connection.autocommit = True
        self._cursor = connection.cursor()
        self._cursor.execute(PREPARE)
        self._ledger = psycopg2.connect(database_url)
        self._ledger.autocommit = True
        with self._ledger.cursor() as cursor:
            cursor.execute(PREPARE_LEDGER.replace("{now}", DATABASE_CLOCK))
        self._redis = Redis.from_url(redis_url)
        self._shard = shard
        self.latencies_ms: list[float] = []

    def run(self, job: str, batches: Sequence[Sequence[Life]]) -> None:
        """Does the job for each batch and notes how long each took."""
        for batch in batches:
            started = time.perf_counter()
            self.place(batch)
            if job == "life":
                self.execute(batch)
            self.latencies_ms.append((time.perf_counter() - started) * 1000)

    def place(self, batch: Sequence[Life]) -> None:
        """Stores, publishes and queues a batch of orders."""
        self._commit([life.placed for life in batch], [life.wake_up for life in batch])

    def execute(self, batch: Sequence[Life]) -> None:
        """Takes the orders from the queue and makes their transitions.

        The last transition confirms, so the chain is asked before it.
        """
        self._redis.rpop(QUEUE, len(batch))
        *before, confirmed = zip(*(life.executed for life in batch), strict=True)
        for commits in before:
            self._commit(commits)
        self._land(batch)
        self._commit(confirmed)

    def _commit(self, commits: Sequence[Commit], wake_ups: Sequence[bytes] = ()) -> None:
        statement = STATEMENTS[commits[0].kind]
        argument = commits[0].at if statement == "place" else self._shard
        self._cursor.execute(f"EXECUTE {statement} (%s, %s)", (grouped_rows(commits), argument))
        assert len(self._cursor.fetchall()) == len(commits)
        pipeline = self._redis.pipeline(transaction=False)
        for commit in commits:
            for message in commit.messages:
                pipeline.publish(CHANNEL, message)
        if wake_ups:
            pipeline.lpush(QUEUE, *wake_ups)
        pipeline.execute()

    def _land(self, batch: Sequence[Life]) -> None:
        """Writes the transactions to the chain's ledger, then reads what became of them."""
        entries = exact_json.dumps([life.ledger_entry for life in batch])
        with self._ledger.cursor() as cursor:
            for statement in (SEND, LOOK):
                cursor.execute(statement, (entries, None))
                assert len(cursor.fetchall()) == len(batch)


def bare_rate(
    settings: Settings, job: str, orders: int, *, processes: int, in_flight: int
) -> Limit:
    """Orders/s of `processes` that together have `in_flight` orders at a time.

    With groups, the orders of a process share their commits; without, each order has a connection.
    """
    each = max(in_flight // processes, 1)
    total = max(orders // processes, each)
    grouped = _replay(settings, job, total, processes, batch=each, threads=1)
    threads = min(each, MOST_THREADS // processes)
    single = _replay(settings, job, total, processes, batch=1, threads=threads)
    done = total // threads * threads
    return Limit(grouped=_rate(grouped, total), single=_rate(single, done))


def bare_latency(settings: Settings, job: str, orders: int, share: float = 0.5) -> Limit:
    """Milliseconds that one order takes alone; `share` chooses the percentile."""
    (result,) = _replay(settings, job, orders, 1, batch=1, threads=1)
    return Limit(single=percentile(result["latencies_ms"], share))


def _replay(
    settings: Settings, job: str, orders: int, processes: int, batch: int, threads: int
) -> list[dict[str, Any]]:
    plan = {
        "job": job,
        "database_url": settings.database_url,
        "redis_url": settings.redis_url,
        "batch": batch,
        "threads": threads,
        "orders": orders,
    }
    return run_together("bench.bare", [plan] * processes)


def _rate(results: list[dict[str, Any]], orders_each: int) -> float:
    began = min(result["started"] for result in results)
    ended = max(result["ended"] for result in results)
    return float(orders_each * len(results) / (ended - began))


def main() -> None:
    """Runs this module as a child process."""
    plan = read_plan()
    workers = [
        Bare(plan["database_url"], plan["redis_url"], shard) for shard in range(plan["threads"])
    ]
    life = record(plan["database_url"], plan["redis_url"])
    orders = plan["orders"] // plan["threads"]
    shares = [_batches(life, orders, plan["batch"]) for _ in workers]
    wait_for_start()
    started = time.time()
    _run_all(workers, plan["job"], shares)
    latencies_ms = [latency for worker in workers for latency in worker.latencies_ms]
    hand_back({"started": started, "ended": time.time(), "latencies_ms": latencies_ms})


def _batches(life: Life, orders: int, size: int) -> list[list[Life]]:
    made = [life.again() for _ in range(orders)]
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
