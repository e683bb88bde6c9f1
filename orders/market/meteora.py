"""Meteora, simulated."""

from decimal import Decimal

from orders.domain.clock import Clock
from orders.market.faults import Faults
from orders.market.prices import Market
from orders.market.simulated_venue import SimulatedVenue


class Meteora(SimulatedVenue):
    """A simulated Meteora: a fee of 20 basis points, pools of 120_000 USD, 200 ms to quote."""

    name = "meteora"
    side = -1

    def __init__(
        self,
        market: Market,
        clock: Clock,
        *,
        fee_bps: int = 20,
        liquidity_usd: Decimal = Decimal(120_000),
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
