"""The venues that orders are routed to, as the settings describe them."""

from decimal import Decimal
from functools import partial

from orders.config import Settings
from orders.domain.clock import Clock
from orders.market.faults import Faults
from orders.market.prices import Market
from orders.market.simulated_venue import SimulatedVenue

RAYDIUM = "raydium"
METEORA = "meteora"
VENUE_PROGRAMS = {
    RAYDIUM: "675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8",
    METEORA: "Eo7WjKq67rjJQSZxS6z3YkapzY3eMj6Xy8X5EQVn5UaB",
}
"""Venue -> its program on mainnet. A venue's place is its number in the swaps that wallets sign: a
new one comes last.
"""


def simulated_venues(
    settings: Settings, market: Market, clock: Clock, faults: Faults
) -> tuple[SimulatedVenue, ...]:
    """Raydium and Meteora, simulated: they stand on opposite sides of the reference price."""
    venue = partial(
        SimulatedVenue,
        market=market,
        clock=clock,
        latency_s=settings.quote_latency_ms / 1000,
        timeout_s=settings.quote_timeout_ms / 1000,
        faults=faults,
    )
    return (
        venue(
            RAYDIUM,
            1,
            fee_bps=settings.raydium_fee_bps,
            liquidity_usd=Decimal(str(settings.raydium_liquidity_usd)),
        ),
        venue(
            METEORA,
            -1,
            fee_bps=settings.meteora_fee_bps,
            liquidity_usd=Decimal(str(settings.meteora_liquidity_usd)),
        ),
    )
