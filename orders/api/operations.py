"""For operators: health, readiness, queue figures, metrics."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from flask import Response, current_app, request
from flask_smorest import Blueprint
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis import RedisError
from werkzeug.exceptions import NotFound

from orders.api.authentication import bearer_token, current_caller
from orders.api.context import components
from orders.api.endpoints import BEARER_OR_NONE, endpoint
from orders.api.operations_schemas import HealthAnswer, QueueMetricsAnswer, ReadinessAnswer
from orders.api.requests import answer
from orders.domain.errors import StoreUnavailable, Unauthenticated
from orders.messaging.heartbeats import count_alive
from orders.storage.queue_statistics import measure_queue

operations = Blueprint("operations", __name__, description="Health and figures.")

QUEUE_METRICS = QueueMetricsAnswer()


@endpoint(operations, "GET", "/health", {200: HealthAnswer})
def health() -> Response:
    """Say that the process is alive."""
    return answer({"status": "ok"})


@endpoint(operations, "GET", "/health/ready", {200: ReadinessAnswer, 503: ReadinessAnswer})
def ready() -> Response:
    """Say whether orders can be accepted: whether PostgreSQL stores what it is sent.

    Without Redis orders are still accepted and run once it is back: `degraded`, with 200.
    """
    dependencies = {
        "postgresql": _probe(components().write_probe.write),
        "redis": _probe(_ask_redis),
    }
    server_time = components().server_time
    status = _readiness(*(found["state"] == "up" for found in dependencies.values()))
    if server_time.is_off:
        status = "unavailable"
    clock = {
        "state": "off" if server_time.is_off else "right",
        "aheadBySeconds": round(server_time.skew_s, 3),
    }
    body = {"status": status, "dependencies": dependencies, "clock": clock}
    return answer(body, 503 if status == "unavailable" else 200)


@endpoint(
    operations,
    "GET",
    "/api/queue/metrics",
    {200: QueueMetricsAnswer},
    problems=("unauthenticated", "store_unavailable"),
    security=BEARER_OR_NONE,
)
def queue_metrics() -> Response:
    """Count orders that wait, run and have ended.

    Open to METRICS_TOKEN and every account, and to anonymous callers unless accounts are required.
    """
    if not _has_metrics_token():
        current_caller()
    backlog = measure_queue(components().clock)
    return answer(QUEUE_METRICS.dump(SimpleNamespace(**asdict(backlog), workers=_workers())))


@operations.get("/metrics")  # type: ignore[untyped-decorator]
def metrics() -> Response:
    """Prometheus metrics of this process, for METRICS_TOKEN if there is one."""
    settings = components().settings
    if settings.metrics_token and not _has_metrics_token():
        raise Unauthenticated("Send METRICS_TOKEN as `Authorization: Bearer <token>`.")
    if not settings.metrics_token and (settings.require_auth or not settings.local):
        raise NotFound()
    return Response(
        generate_latest(current_app.extensions["metrics"]), content_type=CONTENT_TYPE_LATEST
    )


def _has_metrics_token() -> bool:
    """Whether the request carries METRICS_TOKEN. Raises `Unauthenticated`."""
    expected, given = components().settings.metrics_token, bearer_token(request)
    return bool(expected and given) and hmac.compare_digest(expected.encode(), str(given).encode())


def _workers() -> int | None:
    parts = components()
    try:
        return count_alive(parts.queue.for_requests, parts.clock, parts.settings.heartbeat_s)
    except RedisError:
        return None


def _readiness(postgresql: bool, redis: bool) -> str:
    if not postgresql:
        return "unavailable"
    return "ready" if redis else "degraded"


def _probe(ask: Callable[[], float]) -> dict[str, Any]:
    try:
        return {"state": "up", "latencyMs": round(ask() * 1000, 2)}
    except (StoreUnavailable, RedisError):
        return {"state": "down", "latencyMs": None}


def _ask_redis() -> float:
    started = time.perf_counter()
    components().queue.for_requests.ask("PING")
    return time.perf_counter() - started
