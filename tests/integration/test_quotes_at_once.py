"""More quotes at once than a process asks the venues for wait for their turn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

from orders.config import Settings
from orders.market.errors import VenueTimeout
from orders.market.tokens import SOL, USDC
from orders.wiring import Components, wire

AT_ONCE = 6


def quote(components: Components) -> str:
    """The venue of the best quote, or why there is none."""
    try:
        return components.price_comparer.compare(SOL, USDC, Decimal(1), 100).best.dex
    except VenueTimeout as error:
        return str(error)


def quote_at_once(components: Components) -> list[str]:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        found = list(threads.map(lambda _: quote(components), range(AT_ONCE)))
    components.close()
    return found


def test_time_that_a_quote_waits_for_its_turn_is_not_the_venues(settings: Settings) -> None:
    """The venues take two thirds of the time that they have."""
    slow = replace(settings, quote_latency_ms=800, quote_timeout_ms=1_200)
    found = quote_at_once(wire(slow, parallel_quotes=AT_ONCE // 2))
    assert all(venue in ("raydium", "meteora") for venue in found), found


def test_quotes_wait_no_longer_for_their_turn_than_for_the_venues(settings: Settings) -> None:
    slow = replace(settings, quote_latency_ms=2_000, quote_timeout_ms=500, quote_parallel=1)
    found = quote_at_once(wire(slow))
    refused = [reason for reason in found if reason.startswith("Too many quotes")]
    assert len(found) == AT_ONCE
    assert refused


def test_web_process_quotes_as_many_swaps_as_its_setting_says(settings: Settings) -> None:
    """Whatever the concurrency of workers is."""
    slow = replace(
        settings, quote_latency_ms=1_000, quote_timeout_ms=1_200, worker_concurrency=1,
        quote_parallel=AT_ONCE,
    )  # fmt: skip
    found = quote_at_once(wire(slow))
    assert all(venue in ("raydium", "meteora") for venue in found), found
