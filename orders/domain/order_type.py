"""The order types and what each needs.

A new type is a member of `OrderType` and an entry in `RULES`; requests, triggers, metrics and the
first event follow. One with a field of its own also needs that column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, StrEnum


class OrderType(StrEnum):
    """What makes an order run."""

    MARKET = "market"
    """Runs at once."""
    LIMIT = "limit"
    """Waits for a price, and never fills below it."""
    STOP = "stop"
    """Waits for the price to fall, then runs like a market order."""
    SNIPER = "sniper"
    """Waits for a token's pool to open with enough liquidity."""


class Watched(Enum):
    """The figure that a resting order's own field is compared with."""

    NET_PRICE = "tokenOut per tokenIn, after fee and price impact"
    SPOT_PRICE = "tokenOut per tokenIn, before fee and price impact"
    LIQUIDITY = "USD that the pair's pool holds"


@dataclass(frozen=True, slots=True)
class Condition:
    """When a resting order triggers: once `watched` has reached the order's own field."""

    column: str
    """The column of the order's own field."""
    name: str
    """The same field's name for clients."""
    watched: Watched
    falling: bool = False
    """Whether it triggers when `watched` falls to the field; else, when it rises to it."""
    default: Decimal | None = None
    """The field's value if a request leaves it out; None: the request must have it."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one order type."""

    condition: Condition | None = None
    """The condition it waits for; None: it does not rest."""
    before_launch: bool = False
    """Whether tokenOut may be the mint address of a token that is not launched yet."""

    @property
    def rests(self) -> bool:
        """Whether it waits for a condition until it expires."""
        return self.condition is not None


RULES: Mapping[OrderType, Rules] = {
    OrderType.MARKET: Rules(),
    OrderType.LIMIT: Rules(Condition("limit_price", "limitPrice", Watched.NET_PRICE)),
    OrderType.STOP: Rules(Condition("stop_price", "stopPrice", Watched.SPOT_PRICE, falling=True)),
    OrderType.SNIPER: Rules(
        Condition("min_liquidity", "minLiquidity", Watched.LIQUIDITY, default=Decimal(0)),
        before_launch=True,
    ),
}

RESTING_TYPES = tuple(kind for kind, rules in RULES.items() if rules.rests)
CONDITIONS = {kind: rules.condition for kind, rules in RULES.items() if rules.condition}
"""The condition of each type that rests."""
