"""The conditions that a scenario sets for one attempt; the simulated market and chain obey them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class QuoteFault(Enum):
    """A venue's failure in place of a quote."""

    NO_ROUTE = auto()
    INSUFFICIENT_LIQUIDITY = auto()
    DOWN = auto()
    TIMEOUT = auto()


class BlockhashFault(Enum):
    """A fault of the blockhash that a transaction is built with."""

    UNREACHABLE = auto()
    """The node does not answer."""
    EXPIRED = auto()
    """It has already expired."""
    SHORT = auto()
    """It expires soon, so that nobody waits long for a transaction that never lands."""


class SendFault(Enum):
    """A fault of sending a transaction."""

    FORGOTTEN = auto()
    """The chain accepts it and forgets it, every time."""
    FORGOTTEN_ONCE = auto()
    """The chain accepts it and forgets it the first time."""
    UNREACHABLE_ONCE = auto()
    """The node does not answer the first send and does not get the transaction."""
    ANSWER_LOST = auto()
    """The transaction arrives, but the node's answer is lost."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """All that an attempt meets, with nothing left to chance. By default the swap fills at its
    quote.

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
        """The fault that the venue of that name meets."""
        return self.quotes if self.venue in (None, name) else None


FILLS = Conditions()
"""The swap fills at its quote."""
