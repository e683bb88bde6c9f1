"""Resting orders over the API, on real processes and the real market."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import requests

from tests.clients import history, submit, wait_terminal, wait_until
from tests.stack import Stack

MINT = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"


def status(stack: Stack, order_id: str) -> str:
    return str(requests.get(f"{stack.url}/api/orders/{order_id}", timeout=10).json()["status"])


def test_limit_below_the_market_fills_at_once_and_one_above_it_rests(stack: Stack) -> None:
    reachable = submit(stack.url, type="limit", limitPrice="0.5")
    distant = submit(stack.url, type="limit", limitPrice="1000000")
    record = wait_terminal(stack.url, reachable)
    assert record["status"] == "confirmed"
    assert record["executedPrice"] >= 0.5
    assert status(stack, distant) == "open"


def test_stop_above_the_market_fires_and_tells_the_price(stack: Stack) -> None:
    order_id = submit(stack.url, type="stop", stopPrice="1000000")
    assert wait_terminal(stack.url, order_id)["status"] == "confirmed"
    triggered = history(stack.url, order_id)[1]
    assert triggered["status"] == "pending"
    assert 0 < triggered["data"]["trigger"]["price"] <= 1_000_000


def test_sniper_waits_for_the_launch_and_fires_once_it_is_live(stack: Stack) -> None:
    live_at = datetime.now(UTC) + timedelta(seconds=2.5)
    order_id = submit(stack.url, type="sniper", tokenOut=MINT, minLiquidity="1000")
    launch = {
        "symbol": "SNIPE",
        "mint": MINT,
        "priceUsd": "0.01",
        "liquidityUsd": "50000",
        "liveAt": live_at.isoformat(),
    }
    answer = requests.post(f"{stack.url}/api/market/launches", json=launch, timeout=10)
    assert answer.status_code == 201, answer.text
    assert wait_terminal(stack.url, order_id)["status"] == "confirmed"
    triggered = history(stack.url, order_id)[1]
    assert datetime.fromisoformat(triggered["timestamp"]) >= live_at - timedelta(milliseconds=1)


def test_resting_order_can_be_cancelled_and_expires(stack: Stack) -> None:
    cancelled = submit(stack.url, type="limit", limitPrice="1000000")
    answer = requests.delete(f"{stack.url}/api/orders/{cancelled}", timeout=10)
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    soon = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    expiring = submit(stack.url, type="limit", limitPrice="1000000", expiresAt=soon)
    wait_until(lambda: status(stack, expiring) == "expired", "the order's expiry")


def test_triggered_order_cancels_the_other_of_its_group(stack: Stack) -> None:
    group = "3f333df6-90a4-4fda-8dd3-9485d27cee36"
    distant = submit(stack.url, type="limit", limitPrice="1000000", ocoGroup=group)
    reachable = submit(stack.url, type="stop", stopPrice="1000000", ocoGroup=group)
    assert wait_terminal(stack.url, reachable)["status"] == "confirmed"
    assert wait_terminal(stack.url, distant)["status"] == "cancelled"
