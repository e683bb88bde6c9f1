"""Raydium, simulated."""

from decimal import Decimal

from orders.domain.clock import Clock
from orders.market.faults import Faults
from orders.market.prices import Market
from orders.market.simulated_venue import SimulatedVenue


class Raydium(SimulatedVenue):
    """A simulated Raydium: a fee of 30 basis points, pools of 100_000 USD, 200 ms to quote."""

    name = "raydium"
    side = 1

    def __init__(
        self,
        market: Market,
        clock: Clock,
        *,
        fee_bps: int = 30,
        liquidity_usd: Decimal = Decimal(100_000),
        latency_s: float = 0.2,
        faults: Faults | None = None,
    ) -> None:
        super().__init__(
            market,
            clock,
            fee_bps=fee_bps,
            liquidity_usd=liquidity_usd,
            latency_s=latency_s,
            faults=faults,
        )
