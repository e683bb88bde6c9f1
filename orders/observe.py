"""One function per event that matters: each writes one log line and counts it."""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import structlog

from orders.config import Settings

log = structlog.get_logger("orders")


def set_up_logging(settings: Settings) -> None:
    """Structured logs on stderr: JSON, or readable lines on a terminal."""
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not sys.stderr.isatty()
    )
    level = logging.getLevelName(settings.log_level)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info
        if as_json
        else structlog.processors.StackInfoRenderer(),
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s %(message)s")


def order_placed(order_type: str) -> None:
    """An order was stored."""


def order_advanced(order: Any, status: str, data: dict[str, Any], at: datetime) -> None:
    """An order changed its status; `order` still holds the one before."""
    log.debug("order_advanced", orderId=str(order.id), status=str(status), attempt=order.attempts)


def order_fenced(order_id: UUID, status: str, wanted: str) -> None:
    """A process found that another one had moved its order."""
    log.info("order_fenced", orderId=str(order_id), status=str(status), wanted=str(wanted))


def journal_batch(size: int) -> None:
    """The journal commits this many writes at once."""


def redis_failed(error: Exception, events: int, wake_ups: int) -> None:
    """Events and wake-ups could not be sent; they are repaired from PostgreSQL later."""
    log.warning("redis_failed", error=str(error), events=events, wakeUps=wake_ups)


def redis_skipped(events: int, wake_ups: int) -> None:
    """Events and wake-ups were not sent because Redis has just failed."""


def attempt_failed(order: Any, code: str, message: str, retry: bool) -> None:
    """One attempt at an order failed."""
    log.info(
        "attempt_failed",
        orderId=str(order.id),
        attempt=order.attempts,
        code=code,
        reason=message,
        retry=retry,
    )


def send_unclear(signature: str, error: Exception) -> None:
    """Sending a transaction failed, which does not mean that it did not arrive."""
    log.warning("send_unclear", txHash=signature, error=str(error))


def settle_timed_out(order_id: UUID) -> None:
    """A worker stopped waiting for a transaction; recovery will ask the chain again."""
    log.warning("settle_timed_out", orderId=str(order_id))


def store_unavailable(place: str, error: Exception) -> None:
    """PostgreSQL did not answer."""
    log.warning("store_unavailable", place=place, error=repr(error.__cause__ or error))


def stream_gap(order_id: UUID) -> None:
    """The live feed skipped an event; the stream reads it from PostgreSQL."""
    log.info("stream_gap", orderId=str(order_id))


def stream_repaired(order_id: UUID) -> None:
    """PostgreSQL held events that the live feed had not brought."""
    log.info("stream_repaired", orderId=str(order_id))


def feed_lost(error: Exception, retry_in_s: float) -> None:
    """The connection to Redis that brings live events broke."""
    log.warning("feed_lost", error=str(error), retryInSeconds=round(retry_in_s, 1))


def socket_opened(transport: str) -> None:
    """A client connected."""


def socket_closed(transport: str) -> None:
    """A client left."""


def order_triggered(order: Any, price: Decimal) -> None:
    """A resting order's condition held."""
    log.info("order_triggered", orderId=str(order.id), type=order.type, price=str(price))


def order_recovered(order_id: UUID, status: str, action: str) -> None:
    """Recovery found an order that nobody worked on."""
    log.warning("order_recovered", orderId=str(order_id), status=status, action=action)


def internal_error(place: str, error: BaseException) -> None:
    """A defect: something the code did not expect."""
    log.error("internal_error", place=place, error=repr(error), exc_info=error)
