"""Serving the metrics: what is counted in this process, and what is measured when it is asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from wsgiref.simple_server import WSGIServer

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from redis import RedisError

from orders import observe
from orders.backlog import Backlog, measure_backlog
from orders.database import database
from orders.errors import StoreUnavailable
from orders.metrics import REGISTRY
from orders.system import System
from orders.workers import count_alive

BACKLOG_FRESH_S = 1.0
"""However often it is asked, a process measures the backlog at most this often."""

for library_collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
    REGISTRY.register(library_collector)


class PoolCollector(Collector):
    """The connections of this process's PostgreSQL pool."""

    def collect(self) -> Iterator[Metric]:
        """Counts them."""
        family = GaugeMetricFamily(
            "orders_database_connections", "Pooled PostgreSQL connections.", labels=["state"]
        )
        family.add_metric(["in_use"], len(database._in_use))
        family.add_metric(["idle"], len(database._connections))
        yield family
        yield GaugeMetricFamily(
            "orders_database_connections_max",
            "Pooled PostgreSQL connections that may be open.",
            value=database._max_connections or 0,
        )


class BacklogCollector(Collector):
    """What waits, for how long, and who is there to do it; the same seen from every process."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._measured: Backlog | None = None
        self._workers: int | None = None
        self._measured_at = float("-inf")

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering must not ask PostgreSQL."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Measures; what can't be measured is left out."""
        if time.monotonic() - self._measured_at > BACKLOG_FRESH_S:
            self._measure()
        if self._measured is not None:
            yield from _families(self._measured)
        if self._workers is not None:
            yield GaugeMetricFamily(
                "orders_workers", "Worker processes that gave a sign of life.", self._workers
            )

    def _measure(self) -> None:
        settings = self._system.settings
        try:
            self._measured = measure_backlog(settings, self._system.clock)
        except StoreUnavailable:
            self._measured = None
        try:
            self._workers = count_alive(self._system.queue.redis, settings.heartbeat_s)
        except RedisError:
            self._workers = None
        self._measured_at = time.monotonic()


def _families(backlog: Backlog) -> Iterator[Metric]:
    queue = GaugeMetricFamily("orders_queue", "Orders in flight.", labels=["state"])
    queue.add_metric(["waiting"], backlog.waiting)
    queue.add_metric(["active"], backlog.active)
    queue.add_metric(["delayed"], backlog.delayed)
    yield queue
    yield GaugeMetricFamily(
        "orders_queue_oldest_wait_seconds",
        "Time that the longest waiting order has been due.",
        value=backlog.oldest_waiting_s,
    )


class CountedCollector(Collector):
    """What `orders.observe` has counted in this process."""

    def describe(self) -> Iterator[Metric]:
        """Nothing: the names are unique in the registry that they come from."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All of it."""
        yield from REGISTRY.collect()


def metrics_of(system: System) -> CollectorRegistry:
    """Everything that this process tells Prometheus: counted and measured."""
    registry = CollectorRegistry()
    registry.register(CountedCollector())
    registry.register(PoolCollector())
    registry.register(BacklogCollector(system))
    return registry


def serve_metrics(system: System, port: int) -> WSGIServer | None:
    """Serves this process's metrics on a thread of its own; port 0 serves none.

    A port that is taken is logged and no failure: orders matter more than figures.
    """
    if port == 0:
        return None
    try:
        server, _ = start_http_server(port, system.settings.metrics_host, metrics_of(system))
    except OSError as error:
        observe.metrics_port_taken(port, error)
        return None
    return server
