"""Schemas of answers to operators."""

from __future__ import annotations

from marshmallow import fields

from orders.api.answers import Answer, nested, text, whole


class QueueMetricsAnswer(Answer):
    """Counts of orders that wait, run and have ended."""

    waiting = whole("Orders that wait for a worker.")
    active = whole("Orders that a worker holds.")
    delayed = whole("Orders that wait for their next attempt.")
    completed = whole("Orders confirmed, ever.")
    failed = whole("Orders failed, ever.")
    oldest_waiting_seconds = fields.Float(required=True, attribute="oldest_waiting_s")
    workers = whole("Worker processes alive; null while Redis is away.", nullable=True)
    throughput_per_minute = whole("Orders confirmed or failed of those placed in the last minute.")
    failures_by_code = fields.Dict(
        attribute="failures",
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Of the orders placed in the last 15 minutes."},
    )


class HealthAnswer(Answer):
    """The process is alive."""

    status = text(enum=["ok"])


class DependencyAnswer(Answer):
    """The state of one server that this one needs."""

    state = text(enum=["up", "down"])
    latency_ms = fields.Float(required=True, allow_none=True)


class DependenciesAnswer(Answer):
    """The servers that this one needs."""

    postgresql = nested(DependencyAnswer)
    redis = nested(DependencyAnswer)


class ClockAnswer(Answer):
    """The machine's clock, compared with PostgreSQL's."""

    state = text("off: this process takes no orders.", enum=["right", "off"])
    ahead_by_seconds = fields.Float(required=True)


class ReadinessAnswer(Answer):
    """Whether orders can be accepted, and the state of what that needs."""

    status = text(enum=["ready", "degraded", "unavailable"])
    dependencies = nested(DependenciesAnswer)
    clock = nested(ClockAnswer)
