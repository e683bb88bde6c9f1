"""Events are counted where they belong and told in one line that can be searched."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from prometheus_client.exposition import generate_latest

from orders.config import Settings
from orders.domain.lifecycle import TERMINAL, Status
from orders.observability import log_format, metrics, observe
from orders.storage.models import Order

ROOT = Path(__file__).parents[2]
ORDER_ID = UUID("01890000-0000-7000-8000-000000000000")
PLACED_AT = datetime(2026, 1, 1, tzinfo=UTC)
FILL = {"chosenDex": "meteora", "amountOut": Decimal("210.500000")}


def an_order(status: str, **fields: Any) -> Order:
    defaults = {"created_at": PLACED_AT, "updated_at": PLACED_AT, "attempts": 1, "type": "market"}
    swap = {"token_in": "SOL", "token_out": "USDC", "amount_in": Decimal("1.50")}
    return Order(id=ORDER_ID, status=status, **defaults | swap | fields)


def value(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


@dataclass
class Counted:
    """How far a metric has moved since it was looked at."""

    name: str
    labels: dict[str, str]
    before: float

    @property
    def increase(self) -> float:
        return value(self.name, **self.labels) - self.before


def watch(name: str, **labels: str) -> Counted:
    return Counted(name, labels, value(name, **labels))


@pytest.fixture
def json_lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.BytesIO]:
    """What a process with these settings writes on stderr."""
    raw = io.BytesIO()
    ours = logging.getLogger(log_format.LOGGER)
    handlers, level, own_level = logging.getLogger().handlers[:], logging.root.level, ours.level
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(raw, write_through=True))
    observe.set_up_logging(Settings(log_format="json", log_level="INFO"))
    yield raw
    log_format.carried.set(None)
    ours.setLevel(own_level)
    logging.getLogger().handlers[:] = handlers
    logging.root.setLevel(level)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What is told, whatever the level."""
    caplog.set_level(logging.DEBUG, log_format.LOGGER)
    return caplog.records


def read(raw: io.BytesIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in raw.getvalue().splitlines()]


def test_label_values_known_beforehand_are_those_of_the_domain() -> None:
    assert set(metrics.OUTCOMES) == TERMINAL


@pytest.mark.parametrize(
    ("count", "known"),
    [("internal_error", metrics.ERROR_PLACES), ("store_unavailable", metrics.STORE_PLACES)],
)
def test_places_that_may_fail_start_at_zero_so_that_an_alert_sees_the_first_failure(
    count: str, known: tuple[str, ...]
) -> None:
    code = "\n".join(path.read_text() for path in (ROOT / "orders").rglob("*.py"))
    assert set(re.findall(rf'observe\.{count}\(\s*"([^"]+)"', code)) == set(known)


def test_confirmed_order_is_counted_and_timed_from_its_placing() -> None:
    ended = watch("orders_ended_total", type="market", outcome="confirmed")
    total = watch("orders_end_to_end_seconds_sum", outcome="confirmed")
    in_status = watch("orders_status_seconds_sum", status="submitted")
    order = an_order("submitted", updated_at=PLACED_AT + timedelta(seconds=1))
    observe.order_advanced(order, Status.CONFIRMED, FILL, PLACED_AT + timedelta(seconds=3))
    assert ended.increase == 1
    assert total.increase == pytest.approx(3)
    assert in_status.increase == pytest.approx(2)


def test_failed_order_is_counted_by_its_code(json_lines: io.BytesIO) -> None:
    failed = watch("orders_failed_total", code="no_quote")
    data = {"error": {"code": "no_quote", "message": "…"}, "attempts": 4}
    observe.order_advanced(an_order("routing"), Status.FAILED, data, PLACED_AT)
    assert failed.increase == 1
    (line,) = read(json_lines)
    assert (line["event"], line["code"]) == ("order_ended", "no_quote")


def test_steps_on_the_way_end_no_order() -> None:
    ended = [
        watch("orders_ended_total", type="market", outcome=outcome) for outcome in metrics.OUTCOMES
    ]
    attempts = watch("orders_attempts_total")
    observe.order_claimed(an_order("routing"), PLACED_AT)
    observe.order_advanced(an_order("routing"), Status.BUILDING, {}, PLACED_AT)
    assert [count.increase for count in ended] == [0, 0, 0, 0]
    assert attempts.increase == 1


@pytest.mark.parametrize(("retry", "counted"), [(True, 1), (False, 0)])
def test_only_attempts_that_are_tried_again_count_as_retries(retry: bool, counted: int) -> None:
    retries = watch("orders_retries_total", code="venue_timeout")
    observe.attempt_failed(an_order("routing"), "venue_timeout", "…", retry)
    assert retries.increase == counted


@pytest.mark.parametrize(
    ("action", "recovered", "expired"),
    [("release", 1, 1), ("resolve_with_chain", 1, 1), ("wake", 1, 0), ("fail", 1, 0)],
)
def test_recovery_tells_a_lost_worker_from_a_lost_message(
    action: str, recovered: int, expired: int
) -> None:
    recoveries = watch("orders_recoveries_total", action=action)
    leases = watch("orders_lease_expiries_total", status="building")
    observe.order_recovered(ORDER_ID, "building", action)
    assert (recoveries.increase, leases.increase) == (recovered, expired)


def test_expiry_of_a_resting_order_raises_no_alarm(lines: list[logging.LogRecord]) -> None:
    observe.order_recovered(ORDER_ID, "open", "expire")
    assert lines == []
    assert 'action="expire"' not in generate_latest(metrics.REGISTRY).decode()


def test_sockets_are_counted_up_and_down() -> None:
    sockets = watch("orders_stream_sockets", transport="websocket")
    observe.socket_opened("websocket")
    observe.socket_opened("websocket")
    observe.socket_closed("websocket")
    assert sockets.increase == 1
    observe.socket_closed("websocket")


def test_line_of_a_worker_carries_order_and_attempt(json_lines: io.BytesIO) -> None:
    with observe.executing(ORDER_ID):
        observe.order_claimed(an_order("routing", attempts=2), PLACED_AT)
        observe.send_unclear("signature", TimeoutError("late"))
    observe.send_unclear("signature", TimeoutError("late"))
    inside, outside = read(json_lines)
    assert (inside["orderId"], inside["attempt"]) == (str(ORDER_ID), 2)
    assert "orderId" not in outside
    assert "attempt" not in outside


def test_line_of_a_request_carries_its_id_and_the_next_request_another(
    json_lines: io.BytesIO,
) -> None:
    for request_id in ("first", "second"):
        observe.request_begun(request_id)
        observe.request_answered("GET", "/", 500, 0.01)
    assert [line["requestId"] for line in read(json_lines)] == ["first", "second"]


def test_defect_is_one_json_line_with_its_traceback(json_lines: io.BytesIO) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        observe.internal_error("engine", error)
    (line,) = read(json_lines)
    assert line["level"] == "error"
    assert "Traceback" in line["exception"]


def test_warning_of_a_library_is_a_json_line_too(json_lines: io.BytesIO) -> None:
    logging.getLogger("huey").warning("something %s", "odd")
    (line,) = read(json_lines)
    assert (line["event"], line["logger"], line["level"]) == ("something odd", "huey", "warning")


def test_order_logs_one_line_at_info_when_it_ends(
    json_lines: io.BytesIO,
) -> None:
    observe.request_answered("POST", "/api/orders/execute", 202, 0.01)
    observe.order_placed("limit", ORDER_ID)
    order = an_order("open", type="limit")
    observe.order_triggered(order, Decimal(1), PLACED_AT, PLACED_AT)
    observe.order_claimed(order, PLACED_AT)
    observe.attempt_failed(order, "venue_timeout", "…", retry=True)
    observe.order_advanced(order, Status.BUILDING, {}, PLACED_AT)
    order.attempts = 2
    observe.order_advanced(order, Status.CONFIRMED, FILL, PLACED_AT + timedelta(seconds=3))
    (line,) = read(json_lines)
    del line["timestamp"]
    assert line == {
        "event": "order_ended",
        "level": "info",
        "orderId": str(ORDER_ID),
        "type": "limit",
        "outcome": "confirmed",
        "seconds": 3.0,
        "attempts": 2,
        "tokenIn": "SOL",
        "tokenOut": "USDC",
        "amountIn": "1.50",
        "amountOut": "210.500000",
        "venue": "meteora",
    }


@pytest.mark.parametrize("odd", ["\ud800", 2**80, object()])
def test_value_that_json_does_not_know_does_not_break_a_line(
    json_lines: io.BytesIO, odd: object
) -> None:
    observe.log.info("odd", value=odd)
    (line,) = read(json_lines)
    assert line["event"] == "odd"


def test_failing_request_is_told_at_info(json_lines: io.BytesIO) -> None:
    observe.request_answered("GET", "/", 500, 0.01)
    (line,) = read(json_lines)
    assert (line["event"], line["status"]) == ("request_answered", 500)
