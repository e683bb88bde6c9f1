"""The worked example of docs/accounts.md, down to the base unit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from orders.accounts.portfolio import (
    EXACT,
    apply_movement,
    equity_usd,
    open_positions,
    usd,
)
from orders.accounts.valuation import Valuation
from orders.market.prices import Market
from orders.market.tokens import JUP, SOL, USDC, TokenRegistry
from orders.storage.wallet_history import Movement
from tests.clock import ManualClock

PAGE = Path(__file__).parents[3] / "docs" / "accounts.md"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
OPENING = {SOL.mint: 1_000 * 10**9, USDC.mint: 100_000 * 10**6}
BUY = {USDC.mint: -1_000 * 10**6, SOL.mint: 6_219_042_643}
SELL = {SOL.mint: -2_500_000_000, USDC.mint: 399_381_731}


def test_the_page_says_what_the_code_computes() -> None:
    registry = TokenRegistry()
    value_of = Valuation(Market("solana", ManualClock(NOON), registry), registry).value_of
    positions = open_positions(OPENING, NOON, value_of)
    start = equity_usd(OPENING, value_of, NOON)
    told = {
        "price of SOL": value_of(SOL.mint, 10**9, NOON),
        "price an hour later": value_of(SOL.mint, 10**9, LATER),
        "equity at the start": usd(start),
        "cost of the opening SOL": usd(positions[SOL.mint].cost_usd),
    }

    apply_movement(positions, Movement(2, UUID(int=1), "swap", NOON, BUY), value_of)
    told |= {
        "what was bought is worth": usd(value_of(SOL.mint, BUY[SOL.mint], NOON)),
        "lost on USDC": usd(positions[USDC.mint].realised_usd),
        "average cost": usd(
            EXACT.divide(positions[SOL.mint].cost_usd, SOL.from_base(positions[SOL.mint].quantity))
        ),
    }
    cost_before = positions[SOL.mint].cost_usd
    apply_movement(positions, Movement(3, UUID(int=2), "swap", LATER, SELL), value_of)
    holdings = {mint: position.quantity for mint, position in positions.items()}
    end = equity_usd(holdings, value_of, LATER)
    told |= {
        "proceeds": usd(value_of(USDC.mint, SELL[USDC.mint], LATER)),
        "cost of what was sold": usd(cost_before - positions[SOL.mint].cost_usd),
        "realised on SOL": usd(positions[SOL.mint].realised_usd),
        "SOL left": SOL.from_base(holdings[SOL.mint]),
        "USDC left": USDC.from_base(holdings[USDC.mint]),
        "equity at the end": usd(end),
    }
    realised = sum((each.realised_usd for each in positions.values()), Decimal(0))
    cost = sum((each.cost_usd for each in positions.values()), Decimal(0))
    told |= {"unrealised": usd(end - cost), "realised": usd(realised), "gained": usd(end - start)}
    page = PAGE.read_text()
    missing = {name: f"{value:,f}" for name, value in told.items() if f"{value:,f}" not in page}
    assert missing == {}
    assert abs((end - start) - (realised + end - cost)) < Decimal("1e-40")


def test_swap_that_pays_two_tokens_loses_no_digit() -> None:
    """Both values together have more digits than Python's sums keep."""
    values = {SOL.mint: Decimal(10**20), USDC.mint: Decimal("1e-20"), JUP.mint: Decimal(7)}
    positions = open_positions({JUP.mint: 1}, NOON, lambda mint, *_: values[mint])
    swap = {JUP.mint: -1, SOL.mint: 1, USDC.mint: 1}
    apply_movement(
        positions, Movement(2, UUID(int=1), "swap", NOON, swap), lambda mint, *_: values[mint]
    )
    realised = positions[JUP.mint].realised_usd
    assert realised == Decimal("99999999999999999993.00000000000000000001")
