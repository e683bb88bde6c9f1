"""Every metric of the service. `observe` counts them; docs/metrics.md lists them.

Each process counts for itself in its own registry; Prometheus adds the processes up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from orders.domain.order_type import RESTING_TYPES, OrderType

REGISTRY = CollectorRegistry(auto_describe=False)
"""The metrics that this process serves."""

OUTCOMES = ("confirmed", "failed", "cancelled", "expired")
TRANSPORTS = ("socketio", "websocket", "rpc")
STORE_PLACES = ("start", "api", "engine", "watcher", "streams", "webhooks", "jupiter")
ERROR_PLACES = (
    "api", "engine", "watcher", "streams", "webhooks", "jupiter", "rpc", "http", "web",
    "publisher", "circuit breaker", "server_time",
)  # fmt: skip

MILLISECONDS_TO_MINUTES = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 7.5, 10, 20, 30, 60,
)  # fmt: skip
REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
TRIGGER_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
PAUSE_SECONDS = (0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1)
BATCH_ROWS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

Metric = TypeVar("Metric", Counter, Gauge, Histogram)


@dataclass(frozen=True, slots=True)
class PoolUse:
    """A connection pool's use, measured on request."""

    in_use: int
    most: int


class Children(dict[tuple[str, ...], Metric], Generic[Metric]):
    """A metric's children by their label values, each looked up in the metric only once."""

    def __init__(self, metric: Metric, *known: tuple[str, ...]) -> None:
        super().__init__()
        self._metric: Any = metric
        # Series that start at 0 make the first increase visible to rate().
        for values in known:
            self[values]

    def __missing__(self, values: tuple[str, ...]) -> Metric:
        child: Metric = self._metric.labels(*values)
        self[values] = child
        return child


@dataclass(frozen=True, slots=True)
class Described:
    """The name, type and meaning of a metric. A counter's series have `_total` after the name."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


COUNTED: list[Described] = []
"""The metrics below, in their order."""


def _counter(name: str, text: str, *labels: str) -> Counter:
    COUNTED.append(Described(name, "counter", labels, text))
    return Counter(name, text, labels, registry=REGISTRY)


def _gauge(name: str, text: str, *labels: str) -> Gauge:
    COUNTED.append(Described(name, "gauge", labels, text))
    return Gauge(name, text, labels, registry=REGISTRY)


def _histogram(
    name: str, text: str, *labels: str, buckets: tuple[float, ...] = MILLISECONDS_TO_MINUTES
) -> Histogram:
    COUNTED.append(Described(name, "histogram", labels, text))
    return Histogram(name, text, labels, registry=REGISTRY, buckets=buckets)


# Requests
REQUESTS = Children(
    _counter("orders_http_requests", "HTTP requests answered.", "method", "route", "status")
)
REQUEST_TIME = Children(
    _histogram(
        "orders_http_request_seconds", "Time from a request to its answer.", "route",
        buckets=REQUEST_SECONDS,
    )
)  # fmt: skip

# Orders
PLACED = Children(
    _counter("orders_placed", "Orders stored.", "type"), *((kind,) for kind in OrderType)
)
ENDED = Children(
    _counter("orders_ended", "Orders that reached a terminal status.", "type", "outcome"),
    *((kind, outcome) for kind in OrderType for outcome in OUTCOMES),
)
FAILED = Children(_counter("orders_failed", "Orders that failed, by the last error.", "code"))
TRIGGERED = Children(
    _counter("orders_triggered", "Resting orders whose condition held.", "type"),
    *((kind,) for kind in RESTING_TYPES),
)
TRIGGER_TIME = Children(
    _histogram(
        "orders_trigger_to_queue_seconds",
        "Time from the prices that met a resting order's condition, or for snipers from the "
        "launch, until the order is in the queue.",
        "type",
        buckets=TRIGGER_SECONDS,
    ),
    *((kind,) for kind in RESTING_TYPES),
)
STATUS_TIME = Children(
    _histogram("orders_status_seconds", "Time that orders spent in a status.", "status")
)
END_TO_END_TIME = Children(
    _histogram("orders_end_to_end_seconds", "Time from placing to the end.", "outcome"),
    *((outcome,) for outcome in OUTCOMES),
)
SCENARIOS_PLACED = Children(
    _counter("orders_scenarios_placed", "Orders stored that have a scenario.", "scenario")
)
SCENARIOS_ENDED = Children(
    _counter(
        "orders_scenarios_ended",
        "Orders with a scenario that reached a terminal status.",
        "scenario",
        "outcome",
    )
)
ATTEMPTS = _counter("orders_attempts", "Attempts to execute an order that have begun.")
RETRIES = Children(_counter("orders_retries", "Attempts that failed and are retried.", "code"))

# Money
REFUSED = _counter(
    "orders_refused_for_funds", "Orders refused because their wallet had too little."
)
WALLET_CHANGES = Children(
    _counter("orders_wallet_changes", "Wallets opened, topped up and reset.", "kind"),
    *((kind,) for kind in ("open", "faucet", "reset")),
)

SESSIONS_ENDED = _counter("orders_sessions_ended", "Log-ins that their owners ended.")

# Recovery
LEASE_EXPIRIES = Children(
    _counter("orders_lease_expiries", "Orders whose worker stopped renewing its lease.", "status"),
    *((status,) for status in ("routing", "building", "submitted")),
)
RECOVERIES = Children(
    _counter("orders_recoveries", "Orders that recovery moved on or woke up.", "action"),
    *((action,) for action in ("release", "resolve_with_chain", "wake", "fail")),
)
FENCED = _counter("orders_fenced", "Writes refused because another process had the order.")
SETTLE_TIMEOUTS = _counter("orders_settle_timeouts", "Transactions left to recovery, undecided.")
UNCLEAR_SENDS = _counter("orders_unclear_sends", "Transactions sent without a clear answer.")

# Streams
SOCKETS = Children(
    _gauge("orders_stream_sockets", "Connected sockets.", "transport"),
    *((name,) for name in TRANSPORTS),
)
EVENTS_SENT = Children(
    _counter("orders_stream_events_sent", "Messages with events sent to sockets.", "transport"),
    *((name,) for name in TRANSPORTS),
)
GAP_REPAIRS = Children(
    _counter(
        "orders_stream_gap_repairs", "Events that came late and were read from PostgreSQL.", "found"
    ),
    ("by_sequence",),
    ("by_comparison",),
)
FEED_LOST = _counter("orders_stream_feed_lost", "Broken connections of the live feed to Redis.")

# Webhooks
WEBHOOKS_SENT = Children(
    _counter("orders_webhooks_sent", "Messages sent to webhooks.", "outcome"),
    ("delivered",),
    ("failed",),
)
WEBHOOK_TIME = _histogram(
    "orders_webhook_seconds", "Time until a webhook's receiver answered or was given up."
)
WEBHOOKS_GIVEN_UP = _counter("orders_webhooks_given_up", "Webhook endpoints that were stopped.")

# The process
COLLECTION_TIME = Children(
    _histogram(
        "orders_gc_pause_seconds", "Time that a garbage collection stopped the process.",
        "generation", buckets=PAUSE_SECONDS,
    ),
    ("0",), ("1",), ("2",),
)  # fmt: skip

# Dependencies
JOURNAL_ROWS = _histogram(
    "orders_journal_batch_writes",
    "Writes that one commit of the journal carried.",
    buckets=BATCH_ROWS,
)
REDIS_DROPPED = Children(
    _counter("orders_redis_dropped", "Messages not sent because Redis was away.", "kind"),
    ("event",),
    ("wake_up",),
)
STORE_UNAVAILABLE = Children(
    _counter("orders_store_unavailable", "Times that PostgreSQL did not answer.", "place"),
    *((place,) for place in STORE_PLACES),
)
CLOCK_SKEW = _gauge(
    "orders_clock_skew_seconds", "How far the machine's clock is ahead of PostgreSQL's."
)
INTERNAL_ERRORS = Children(
    _counter("orders_internal_errors", "Bugs met.", "place"),
    *((place,) for place in ERROR_PLACES),
)
