"""The venues that orders are routed to, as the settings describe them."""

from decimal import Decimal

from orders.config import Settings
from orders.domain.clock import Clock
from orders.market.faults import Faults
from orders.market.prices import Market
from orders.market.simulated_venue import SimulatedVenue

RAYDIUM = "raydium"
METEORA = "meteora"


def simulated_venues(
    settings: Settings, market: Market, clock: Clock, faults: Faults
) -> tuple[SimulatedVenue, ...]:
    """Raydium and Meteora, simulated: they stand on opposite sides of the reference price."""
    latency_s = settings.quote_latency_ms / 1000
    timeout_s = settings.quote_timeout_ms / 1000
    return (
        SimulatedVenue(
            RAYDIUM,
            1,
            market,
            clock,
            fee_bps=settings.raydium_fee_bps,
            liquidity_usd=Decimal(str(settings.raydium_liquidity_usd)),
            latency_s=latency_s,
            timeout_s=timeout_s,
            faults=faults,
        ),
        SimulatedVenue(
            METEORA,
            -1,
            market,
            clock,
            fee_bps=settings.meteora_fee_bps,
            liquidity_usd=Decimal(str(settings.meteora_liquidity_usd)),
            latency_s=latency_s,
            timeout_s=timeout_s,
            faults=faults,
        ),
    )
