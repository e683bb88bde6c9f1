"""What one attempt at an order with a scenario meets. The simulated market and chain obey it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class QuoteFault(Enum):
    """What venues answer with instead of a quote."""

    NO_ROUTE = auto()
    INSUFFICIENT_LIQUIDITY = auto()
    DOWN = auto()
    TIMEOUT = auto()


class BlockhashFault(Enum):
    """What is wrong with the blockhash that a transaction is built with."""

    UNREACHABLE = auto()
    """The node does not answer."""
    EXPIRED = auto()
    """It has run out already."""
    SHORT = auto()
    """It runs out soon, so that a transaction that never lands need not be waited for long."""


class SendFault(Enum):
    """What happens to a transaction that is sent."""

    FORGOTTEN = auto()
    """The chain says yes, and forgets it each time."""
    FORGOTTEN_ONCE = auto()
    """It is forgotten the first time it is sent."""
    UNREACHABLE_ONCE = auto()
    """The node does not answer the first time it is sent, and does not have it."""
    ANSWER_LOST = auto()
    """It arrives, and the node's answer does not."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Nothing here is left to chance: as it stands, the swap fills at its quote.

    `venue` names the only venue that meets `quotes`; None: all do. `moves_bps` is how far the fill
    differs from the quote. `worker_dies_at` names a failpoint.
    """

    quotes: QuoteFault | None = None
    venue: str | None = None
    blockhash: BlockhashFault | None = None
    send: SendFault | None = None
    misses_minimum: bool = False
    moves_bps: int = 0
    lands_after_s: int | None = None
    worker_dies_at: str | None = None

    def of_venue(self, name: str) -> QuoteFault | None:
        """What the venue of that name answers with instead of a quote."""
        return self.quotes if self.venue in (None, name) else None


FILLS = Conditions()
"""The swap fills at its quote."""
