"""What the engine asks of a chain. A real RPC node would be another class with these methods."""

from dataclasses import dataclass, field
from typing import Protocol

from orders.chain.transaction import Transaction
from orders.scenarios.conditions import Conditions


@dataclass(frozen=True, slots=True)
class Blockhash:
    """A recent blockhash and the last block height at which a transaction may use it."""

    value: str
    last_valid_block_height: int


@dataclass(frozen=True, slots=True)
class SignatureStatus:
    """What the chain knows of a transaction; amounts in base units.

    Not `found` and not `expired` decides nothing yet. `found` without `landed` or `error` is
    being processed. `expired` is a promise: it is not there and never will be.
    """

    found: bool
    landed: bool = False
    error: str | None = None
    slot: int | None = None
    amount_out: int | None = None
    expired: bool = False
    lands_in_s: float | None = field(default=None, compare=False)
    """Seconds until its fate is settled, from a chain that can tell; None if not known."""


class Chain(Protocol):
    """Where transactions land, at most once a signature.

    `conditions` are what an order with a scenario meets; a real chain ignores them.
    """

    def latest_blockhash(self, conditions: Conditions | None = None) -> Blockhash:
        """A blockhash to build with. Raises RpcUnavailable."""

    def send(self, tx: Transaction, conditions: Conditions | None = None) -> SignatureStatus:
        """Hand `tx` in; one that the chain already has is ignored.

        Returns what `status` would tell right afterwards, but never `expired`. Raises
        RpcUnavailable, VenueTimeout or BlockhashExpired. None of them proves that `tx` will not
        land, for it may have been accepted now or earlier: only `status` can tell.
        """

    def status(
        self,
        signature: str,
        last_valid_block_height: int,
        conditions: Conditions | None = None,
    ) -> SignatureStatus:
        """What became of a transaction. Raises RpcUnavailable."""

    def wait(
        self,
        signature: str,
        last_valid_block_height: int,
        known: SignatureStatus | None,
        timeout_s: float,
        conditions: Conditions | None = None,
    ) -> SignatureStatus:
        """Return what became of a transaction once that may have changed, or after `timeout_s`.

        `known` is what was heard last. A chain that notifies (Solana's `signatureSubscribe`)
        returns when it does; one that does not is asked again after its polling interval.
        Raises RpcUnavailable.
        """
