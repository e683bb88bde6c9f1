"""Serving the metrics: what is counted in this process, and what is measured when it is asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from wsgiref.simple_server import WSGIServer

from prometheus_client import (
    GC_COLLECTOR,
    PLATFORM_COLLECTOR,
    PROCESS_COLLECTOR,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from redis import RedisError

from orders.domain.errors import StoreUnavailable
from orders.messaging.heartbeats import count_alive
from orders.observability import observe
from orders.observability.metrics import REGISTRY
from orders.storage.database import database
from orders.storage.queue_statistics import QueueStatistics, measure_queue
from orders.wiring import Components

QUEUE_FRESH_S = 1.0
"""However often it is asked, a process measures the backlog at most this often."""

for library_collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
    REGISTRY.register(library_collector)


class PoolCollector(Collector):
    """The connections of this process's PostgreSQL pool."""

    def collect(self) -> Iterator[Metric]:
        """Counts them."""
        yield from _pool_families(
            len(database._in_use), len(database._connections), database._max_connections or 0
        )


class QueueCollector(Collector):
    """What waits, for how long, and who is there to do it; the same seen from every process."""

    def __init__(self, components: Components) -> None:
        self._components = components
        self._measured: QueueStatistics | None = None
        self._workers: int | None = None
        self._measured_at = float("-inf")

    def describe(self) -> Iterator[Metric]:
        """Nothing: registering must not ask PostgreSQL."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Measures; what can't be measured is left out."""
        if time.monotonic() - self._measured_at > QUEUE_FRESH_S:
            self._measure()
        if self._measured is not None:
            yield from _queue_families(self._measured)
        if self._workers is not None:
            yield _workers_family(self._workers)

    def _measure(self) -> None:
        settings = self._components.settings
        try:
            self._measured = measure_queue(self._components.clock)
        except StoreUnavailable:
            self._measured = None
        try:
            self._workers = count_alive(self._components.queue.redis, settings.heartbeat_s)
        except RedisError:
            self._workers = None
        self._measured_at = time.monotonic()


def _pool_families(in_use: int, idle: int, most: int) -> Iterator[GaugeMetricFamily]:
    yield _gauges(
        "orders_database_connections",
        "Pooled PostgreSQL connections.",
        "state",
        {"in_use": in_use, "idle": idle},
    )
    yield GaugeMetricFamily(
        "orders_database_connections_max", "Pooled PostgreSQL connections that may be open.", most
    )


def _queue_families(backlog: QueueStatistics) -> Iterator[GaugeMetricFamily]:
    yield _gauges(
        "orders_queue",
        "Orders that wait for a worker, that a worker has, that wait for their next attempt.",
        "state",
        {"waiting": backlog.waiting, "active": backlog.active, "delayed": backlog.delayed},
    )
    yield GaugeMetricFamily(
        "orders_queue_oldest_wait_seconds",
        "Time that the longest waiting order has been due.",
        backlog.oldest_waiting_s,
    )


def _workers_family(alive: int) -> GaugeMetricFamily:
    return GaugeMetricFamily("orders_workers", "Worker processes with a sign of life.", alive)


def _gauges(name: str, meaning: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for state, value in values.items():
        family.add_metric([state], value)
    return family


class CountedCollector(Collector):
    """What `orders.observability.observe` has counted in this process."""

    def describe(self) -> Iterator[Metric]:
        """Nothing: the names are unique in the registry that they come from."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All of it."""
        yield from REGISTRY.collect()


@dataclass(frozen=True, slots=True)
class Described:
    """What a metric is, for those who use it. A counter's series carry `_total` after the name."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


def all_metrics() -> list[Described]:
    """Every metric of this service, in the order in which the code has them."""
    nothing = QueueStatistics(0, 0, 0, 0, 0, 0.0, 0, {})
    measured = [*_pool_families(0, 0, 0), *_queue_families(nothing), _workers_family(0)]
    counted = [
        Described(metric._name, metric._type, tuple(metric._labelnames), metric._documentation)
        for metric in REGISTRY._collector_to_names
        if isinstance(metric, Counter | Gauge | Histogram)
    ]
    return counted + [
        Described(family.name, family.type, family._labelnames, family.documentation)
        for family in measured
    ]


def metrics_of(components: Components) -> CollectorRegistry:
    """Everything that this process tells Prometheus: counted and measured."""
    registry = CollectorRegistry()
    registry.register(CountedCollector())
    registry.register(PoolCollector())
    registry.register(QueueCollector(components))
    return registry


def serve_metrics(components: Components, port: int) -> WSGIServer | None:
    """Serves this process's metrics on a thread of its own; port 0 serves none.

    A port that is taken is logged and no failure: orders matter more than figures.
    """
    if port == 0:
        return None
    try:
        server, _ = start_http_server(
            port, components.settings.metrics_host, metrics_of(components)
        )
    except OSError as error:
        observe.metrics_port_taken(port, error)
        return None
    return server
