"""Resting orders: the cost of a look at the market while very many orders rest, and the time from
a jump of the price until the orders that it triggers are queued.

A child process takes the looks, at a market of its own: plan `{database_url, redis_url, jump,
looks}`.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psutil

from bench.children import ManagedProcess, hand_back, read_plan, wait_for_start
from bench.context import Bench
from bench.figures import MIB, percentile
from bench.past_orders import PAIRS, Band, add_resting, settle
from bench.plans import explaining, full_scans, journal_plans, taken
from bench.stack import NO_DELAYS, engine, opened
from orders.config import Settings
from orders.domain.caller import ANONYMOUS
from orders.domain.order_request import OrderRequest
from orders.domain.order_type import OrderType
from orders.market.levels import LEVELS
from orders.market.tokens import SOL
from orders.wiring import Components
from tests.market import ScriptedMarket

SECTION = "resting orders"
JUMP = Decimal(2)
"""SOL's price after a jump, as a multiple of the price before."""
MOST_LOOKS = 10
LIMITS = (Decimal(4), Decimal(10))
STOPS = (Decimal("0.02"), Decimal("0.2"))
"""Triggers that no jump here reaches: multiples of the price at the start."""
TRIGGERED = (Decimal("1.3"), Decimal("1.6"))
"""Limit prices that one jump reaches."""

QUEUED = """
SELECT extract(epoch FROM at)::float8 FROM order_events WHERE status = 'pending' AND at >= %s
"""


def measure(bench: Bench) -> None:
    """Fills the table once; each run triggers the orders of a jump and then adds new ones."""
    wanted = bench.scale.resting
    with bench.machine.database(NO_DELAYS) as settings:
        with opened(settings.database_url) as filling:
            bench.say(f"{SECTION}: storing {wanted:,}")
            add_resting(filling, _bands(settings, wanted))
            settle(filling)
        for _ in range(bench.scale.runs):
            with opened(settings.database_url) as filling:
                add_resting(filling, _jump_bands(settings, bench.scale.resting_jump))
                settle(filling)
            _one_run(bench, settings, f"{wanted:,} resting")
            _execute_beside(bench, settings, f"{wanted:,} resting")
        _keep_plans(bench, settings, wanted)


def _one_run(bench: Bench, settings: Settings, label: str) -> None:
    plan = {"database_url": settings.database_url, "redis_url": settings.redis_url}
    looks = min(MOST_LOOKS, bench.scale.calls)
    child = ManagedProcess("bench.resting", {**plan, "jump": str(JUMP), "looks": looks})
    try:
        child.read()
        found = child.ask(None)
        bench.add(SECTION, f"{label}, a look that triggers none", "ms", found["idle_ms"])
        jump = f"a jump for {bench.scale.resting_jump:,}"
        bench.add(SECTION, f"{jump}, queued after, median", "ms", found["median_ms"])
        bench.add(SECTION, f"{jump}, queued after, p99", "ms", found["p99_ms"])
        bench.add(SECTION, f"{jump}, whole look", "ms", found["all_ms"])
        bench.figures.note(f"The jump triggered {found['triggered']:,} resting orders.")
        bench.add(SECTION, f"{label}, RSS of the watcher", "MiB", found["rss_mib"])
    finally:
        child.close()


def _execute_beside(bench: Bench, settings: Settings, label: str) -> None:
    """Measures whether market orders take longer beside resting ones."""
    new = OrderRequest(OrderType.MARKET, "SOL", "USDC", Decimal("1.5"))
    taken_ms = []
    with engine(settings) as components:
        for _ in range(bench.scale.calls):
            order_id = components.submission.place(new, ANONYMOUS).order_id
            started = time.perf_counter()
            components.engine.execute(order_id)
            taken_ms.append((time.perf_counter() - started) * 1000)
    name = f"{label}, executing a market order"
    bench.add(SECTION, name, "ms", percentile(taken_ms, 0.5))


def _bands(settings: Settings, orders: int) -> list[Band]:
    """Resting orders that nothing here triggers: half limits, half stops, over all pairs."""
    prices = _prices(settings)
    each = max(orders // (2 * len(PAIRS)), 1)
    return [
        (*pair, kind, price * low, price * high, each)
        for pair, price in prices.items()
        for kind, (low, high) in (("limit", LIMITS), ("stop", STOPS))
    ]


def _jump_bands(settings: Settings, orders: int) -> list[Band]:
    """Limit orders, a little above the price, that sell SOL for tokens whose price does not follow
    it.
    """
    prices = {
        (sold, bought): price
        for (sold, bought), price in _prices(settings).items()
        if sold == SOL.mint and LEVELS[bought].follows is None
    }
    low, high = TRIGGERED
    return [
        (*pair, "limit", price * low, price * high, max(orders // len(prices), 1))
        for pair, price in prices.items()
    ]


def _prices(settings: Settings) -> dict[tuple[str, str], Decimal]:
    with engine(settings) as components:
        return {pair: _price(components, *pair) for pair in PAIRS}


def _price(components: Components, mint_in: str, mint_out: str) -> Decimal:
    token_in, token_out = components.registry.find(mint_in), components.registry.find(mint_out)
    assert token_in is not None
    assert token_out is not None
    return components.market.reference_price(token_in, token_out)


def _keep_plans(bench: Bench, settings: Settings, orders: int) -> None:
    """Keeps the plans of one look (the pairs, then each pair's nearest orders) and of executing an
    order.
    """
    with explaining(settings) as components:
        taken()
        components.triggers.tick()
        told = [plan for plan in taken() if " on orders" in plan]
    plans = dict(zip(("the pairs", "the nearest of a pair"), told, strict=False))
    for name, found in journal_plans(settings).items():
        plans[name] = "\n\n".join(found)
    for name, plan in plans.items():
        bench.figures.plans[f"{name}, {orders:,} resting"] = plan
        for scan in full_scans(plan):
            bench.figures.note(f"{name} beside resting orders reads all of an index: {scan}")


def main() -> None:
    """Runs this module as a child process: looks while nothing triggers, then after a jump of SOL's
    price.
    """
    plan = read_plan()
    settings = replace(NO_DELAYS, database_url=plan["database_url"], redis_url=plan["redis_url"])
    with engine(settings, ScriptedMarket) as components:
        wait_for_start()
        price = components.market.price_usd(SOL)
        _set_price(components, price)
        idle_ms = percentile([_look(components)[1] for _ in range(plan["looks"])], 0.5)
        jumped_at = datetime.now(UTC).replace(microsecond=0)
        _set_price(components, price * Decimal(plan["jump"]))
        started = time.time()
        triggered, all_ms = _look(components)
        delays_ms = _delays_ms(settings.database_url, jumped_at, started)
        rss_mib = psutil.Process().memory_info().rss / MIB
    hand_back(
        {
            "idle_ms": idle_ms,
            "triggered": triggered,
            "all_ms": all_ms,
            "median_ms": percentile(delays_ms, 0.5),
            "p99_ms": percentile(delays_ms, 0.99),
            "rss_mib": rss_mib,
        }
    )


def _set_price(components: Components, usd: Decimal) -> None:
    market: Any = components.market
    market.set_price(SOL, usd)


def _look(components: Components) -> tuple[int, float]:
    """Takes one look; returns the orders triggered and its milliseconds."""
    started = time.perf_counter()
    triggered = components.triggers.tick()
    return triggered, (time.perf_counter() - started) * 1000


def _delays_ms(database_url: str, since: datetime, jumped: float) -> list[float]:
    """Milliseconds from the jump to the time of the event that queued each order."""
    with opened(database_url) as reading, reading.cursor() as cursor:
        cursor.execute(QUEUED, (since,))
        moments = [moment for (moment,) in cursor.fetchall()]
    # Events carry whole milliseconds: an event may seem to come before the jump.
    return [max((moment - jumped) * 1000, 0.0) for moment in moments]


if __name__ == "__main__":
    main()
