"""Serving the metrics: those counted in this process, and those measured on request."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol
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

from orders.domain.errors import StoreUnavailable
from orders.observability import garbage, observe
from orders.observability.metrics import COUNTED, REGISTRY, Described, PoolUse

QUEUE_FRESH_S = 1.0
"""Seconds for which a process reuses a measurement of the queue, however often it is asked."""

for library_collector in (PROCESS_COLLECTOR, PLATFORM_COLLECTOR, GC_COLLECTOR):
    REGISTRY.register(library_collector)


class QueueFigures(Protocol):
    """How many orders wait for workers, and for how long."""

    @property
    def waiting(self) -> int:
        """Orders that wait for a worker."""

    @property
    def active(self) -> int:
        """Orders that a worker holds."""

    @property
    def delayed(self) -> int:
        """Orders that wait for their next attempt."""

    @property
    def oldest_waiting_s(self) -> float:
        """How long the longest waiting order has been due."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of figures that are measured on request."""

    pool: Callable[[], PoolUse]
    queue: Callable[[], QueueFigures]
    """Reads the queue's figures. Raises `StoreUnavailable`."""
    workers: Callable[[], int]
    """Counts the worker processes alive. Raises `redis.RedisError`."""


class PoolCollector(Collector):
    """The connections of this process's PostgreSQL pool."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def describe(self) -> Iterator[Metric]:
        """Describes nothing, because registering must not measure."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Counts the pool's connections."""
        yield from _pool_families(self._sources.pool())


class QueueCollector(Collector):
    """The queue's length, its waiting time, and the workers; equal in every process."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._measured: QueueFigures | None = None
        self._workers: int | None = None
        self._measured_at = float("-inf")

    def describe(self) -> Iterator[Metric]:
        """Describes nothing, because registering must not ask PostgreSQL."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Measures; leaves out what cannot be measured."""
        if time.monotonic() - self._measured_at > QUEUE_FRESH_S:
            self._measure()
        if self._measured is not None:
            yield from _queue_families(self._measured)
        if self._workers is not None:
            yield _workers_family(self._workers)

    def _measure(self) -> None:
        try:
            self._measured = self._sources.queue()
        except StoreUnavailable:
            self._measured = None
        try:
            self._workers = self._sources.workers()
        except RedisError:
            self._workers = None
        self._measured_at = time.monotonic()


def _pool_families(use: PoolUse) -> Iterator[GaugeMetricFamily]:
    yield _gauges(
        "orders_database_connections",
        "Pooled PostgreSQL connections.",
        "state",
        {"in_use": use.in_use},
    )
    yield GaugeMetricFamily(
        "orders_database_connections_max",
        "Pooled PostgreSQL connections that may be open.",
        use.most,
    )


def _queue_families(backlog: QueueFigures) -> Iterator[GaugeMetricFamily]:
    yield _gauges(
        "orders_queue",
        "Orders that wait for a worker, are with one, or wait for their next attempt.",
        "state",
        {"waiting": backlog.waiting, "active": backlog.active, "delayed": backlog.delayed},
    )
    yield GaugeMetricFamily(
        "orders_queue_oldest_wait_seconds",
        "Time that the longest waiting order has been due.",
        backlog.oldest_waiting_s,
    )


def _workers_family(alive: int) -> GaugeMetricFamily:
    return GaugeMetricFamily("orders_workers", "Worker processes alive.", alive)


def _gauges(name: str, meaning: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for state, value in values.items():
        family.add_metric([state], value)
    return family


class CountedCollector(Collector):
    """What `orders.observability.observe` has counted in this process."""

    def describe(self) -> Iterator[Metric]:
        """Describes nothing: the names are unique in the registry that they come from."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """All counted metrics."""
        garbage.collections.count()
        yield from REGISTRY.collect()


@dataclass(frozen=True, slots=True)
class _NoQueue:
    waiting: int = 0
    active: int = 0
    delayed: int = 0
    oldest_waiting_s: float = 0.0


def all_metrics() -> list[Described]:
    """All metrics of this service, in the order of the code."""
    nothing = _NoQueue()
    measured = [*_pool_families(PoolUse(0, 0)), *_queue_families(nothing), _workers_family(0)]
    return COUNTED + [
        Described(family.name, family.type, _labels_of(family), family.documentation)
        for family in measured
    ]


def _labels_of(family: Metric) -> tuple[str, ...]:
    return tuple(family.samples[0].labels)


def metrics_of(sources: Sources) -> CollectorRegistry:
    """All metrics that this process serves to Prometheus: counted and measured ones."""
    registry = CollectorRegistry()
    registry.register(CountedCollector())
    registry.register(PoolCollector(sources))
    registry.register(QueueCollector(sources))
    return registry


def serve_metrics(sources: Sources, host: str, port: int) -> WSGIServer | None:
    """Serves this process's metrics on a thread of its own; port 0 serves none.

    A port that is taken is logged and no failure: orders matter more than metrics.
    """
    if port == 0:
        return None
    try:
        server, _ = start_http_server(port, host, metrics_of(sources))
    except OSError as error:
        observe.metrics_port_taken(port, error)
        return None
    return server
